"""What the documents say of the house is true."""

from __future__ import annotations

import re

import pytest

from tests.helpers import ROOT

DOCUMENTS = [ROOT / "CONTRIBUTING.md", ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_PLACE = re.compile(r"`((?:playground|pages|tests|docs|assets|deploy)/[\w./*-]+)`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_place_that_a_document_names_is_there(document):
    named = {name for name in _PLACE.findall(document.read_text("utf-8")) if "*" not in name}
    missing = {name for name in named if not (ROOT / name).exists() and not (ROOT / f"{name}.py").exists()}
    assert not missing


def test_the_decisions_are_numbered_without_a_gap_and_say_their_number():
    files = sorted((ROOT / "docs" / "decisions").iterdir())
    numbers = [int(file.name[:4]) for file in files]
    assert numbers == list(range(1, len(files) + 1))
    titles = [file.read_text("utf-8").splitlines()[0] for file in files]
    assert [int(title.split(".")[0].lstrip("# ")) for title in titles] == numbers


def test_a_page_stays_short():
    pages = sorted((ROOT / "pages").glob("*/page.py"))
    assert len(pages) >= 6
    assert {page.parent.name: n for page in pages if (n := page.read_text("utf-8").count("\n")) >= 90} == {}
