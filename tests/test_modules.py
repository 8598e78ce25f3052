"""JavaScript modules and the version in their addresses."""

from __future__ import annotations

import os
import re

import pytest

from playground.modules import Modules
from tests.helpers import ROOT


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "core").mkdir()
    (tmp_path / "panel.js").write_text("import './core/a.js'\n")
    (tmp_path / "core" / "a.js").write_text("export const a = 1\n")
    (tmp_path / "notes.txt").write_text("no module\n")
    return tmp_path


def test_another_content_or_name_is_another_version_and_the_same_is_the_same(folder):
    modules = Modules(folder)
    seen = [modules.version()]
    (folder / "core" / "a.js").write_text("export const a = 22\n")
    seen.append(modules.version())
    (folder / "core" / "a.js").rename(folder / "core" / "b.js")
    seen.append(modules.version())
    assert len(set(seen)) == 3
    os.utime(folder / "panel.js", ns=(1, 1))
    assert modules.version() == Modules(folder).version() == seen[-1]


def test_a_path_leads_to_its_module_and_an_old_version_to_none(folder):
    modules = Modules(folder)
    _, _, version, name = modules.path("panel.js").split("/")
    assert modules.find(version, name) == folder / "panel.js"
    assert modules.find(f"{version}-3", "core/a.js") == folder / "core" / "a.js"
    assert modules.find(version, "notes.txt") is None
    assert modules.find("0" * 16, name) is None
    with pytest.raises(KeyError):
        modules.path("notes.txt")


IMPORT = re.compile(r'^import .* from "(.+)"|import\("(.+?)"\)', re.MULTILINE)


def test_every_module_imports_what_is_there_and_nothing_runs_in_a_circle():
    root = ROOT / "assets" / "js"
    imports = {
        file: {(file.parent / (a or b)).resolve() for a, b in IMPORT.findall(file.read_text("utf-8"))}
        for file in Modules(root).files().values()
    }
    ordered: list = []
    while len(ordered) < len(imports):
        ready = [file for file, needs in imports.items() if file not in ordered and needs <= set(ordered)]
        assert ready, f"these import in a circle, or what is not there: {set(imports) - set(ordered)}"
        ordered += ready
    core = {file for file in imports if file.parent.name == "core"}
    assert all(needs <= core for file, needs in imports.items() if file in core)
