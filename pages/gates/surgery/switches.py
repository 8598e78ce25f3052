"""Ready-made changes: what a book says of a cell's gates, to be set and seen."""

from __future__ import annotations

from collections.abc import Mapping

from pages.shared.i18n import _, headed
from playground.cells import CELLS
from playground.errors import gettext_noop

_BOOKS: Mapping[str, Mapping[str, str]] = {
    "lstm": {
        "f*=1": gettext_noop("nothing is forgotten"),
        "f*=0": gettext_noop("all is forgotten"),
        "i*=0": gettext_noop("nothing is written"),
        "o*=0": gettext_noop("nothing is shown"),
    },
    "gru": {
        "r*=0": gettext_noop("the past is thrown away"),
        "z*=1": gettext_noop("the old state is kept"),
        "z*=0": gettext_noop("the candidate takes its place"),
    },
    "rnn": {"h*=0": gettext_noop("nothing is remembered")},
}
"""Cell → change as text → what it means."""


def switches_of(cell: str) -> dict[str, str]:
    """Changes of all units at once, and what they are called.

    Args:
        cell: A cell's word; one that no book is quoted for has its gates shut and opened.
    """
    quoted = _BOOKS.get(cell)
    if quoted is not None:
        return {change: headed(_short(change), _(meaning)) for change, meaning in quoted.items()}
    gates = [gate.name for gate in CELLS[cell].gates if gate.is_gate] or ["h"]
    return {change: _short(change) for gate in gates for change in (f"{gate}*=0", f"{gate}*=1")}


def _short(change: str) -> str:
    """`f*=1` → `f = 1`."""
    return change.replace("*=", " = ")
