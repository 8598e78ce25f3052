"""Fixed colour ranges, so that two pictures compare by eye, and the names of what is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playground.errors import gettext_noop
from playground.figures.theme import Translate
from playground.records import SIGMOIDS, Array

NAMES = {
    "i": gettext_noop("input gate"),
    "f": gettext_noop("forget gate"),
    "o": gettext_noop("output gate"),
    "r": gettext_noop("reset gate"),
    "z": gettext_noop("update gate"),
    "c": gettext_noop("cell state"),
    "tanh c": gettext_noop("squashed cell state"),
    "h": gettext_noop("hidden state"),
    "a": gettext_noop("pre-activation"),
    "g": gettext_noop("candidate"),
    "n": gettext_noop("candidate"),
}


def name_of(quantity: str, _: Translate = str) -> str:
    """`f forget gate`."""
    return f"{quantity} {_(NAMES[quantity])}"


@dataclass(frozen=True)
class Scale:
    """What colours mean."""

    low: float
    high: float
    colours: str
    """A Plotly colour scale; none sets red against green."""


def scale_of(quantity: str, *several: Array) -> Scale:
    """Gates 0 … 1, states and candidates -1 … 1, anything without a limit ± its largest.

    Args:
        quantity: `f`, `h`, `tanh c` …
        several: Everything that is compared by eye.
    """
    if quantity in SIGMOIDS:
        return Scale(0.0, 1.0, "Cividis")
    largest = max((float(np.abs(values).max()) for values in several if values.size), default=0.0)
    if quantity in ("c", "a") or largest > 1:  # relu's h has no limit either
        return Scale(-(largest or 1.0), largest or 1.0, "RdBu_r")
    return Scale(-1.0, 1.0, "RdBu_r")
