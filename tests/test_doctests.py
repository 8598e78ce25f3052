"""The examples in the docstrings do what they say."""

from __future__ import annotations

import doctest
import importlib

import pytest

from tests.helpers import ROOT

FILES = [file for file in (ROOT / "playground").rglob("*.py") if ">>> " in file.read_text("utf-8")]
MODULES = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in sorted(FILES)]


def test_what_a_newcomer_meets_first_has_an_example():
    assert len(MODULES) >= 10


@pytest.mark.parametrize("name", MODULES)
def test_every_example_gives_what_it_shows(name, monkeypatch):
    monkeypatch.delenv("PLAYGROUND_CORPORA", raising=False)
    runner, report = doctest.DocTestRunner(), []
    for test in doctest.DocTestFinder().find(importlib.import_module(name)):
        runner.run(test, out=report.append)
    assert runner.tries > 0
    assert runner.failures == 0, "".join(report)
