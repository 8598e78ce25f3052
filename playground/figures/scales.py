"""Fixed colour ranges, so that two pictures compare by eye, and the names of what is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playground.arrays import Array
from playground.cells import Quantity
from playground.figures.theme import Translate


def name_of(quantity: Quantity, _: Translate = str) -> str:
    """`f forget gate`."""
    return f"{quantity.name} {_(quantity.title)}"


@dataclass(frozen=True)
class Scale:
    """What colours mean."""

    low: float
    high: float
    colours: str
    """A Plotly colour scale; none sets red against green."""


def scale_of(quantity: Quantity, *several: Array) -> Scale:
    """Gates 0 … 1, states and candidates -1 … 1, anything without a limit ± its largest.

    Args:
        quantity: What is drawn.
        several: Everything that is compared by eye, (T, H) each.
    """
    if quantity.is_gate:
        return Scale(0.0, 1.0, "Cividis")
    largest = max((float(np.abs(values).max()) for values in several if values.size), default=0.0)
    if quantity.range is None or largest > 1:  # relu's h has no limit either
        return Scale(-(largest or 1.0), largest or 1.0, "RdBu_r")
    return Scale(-1.0, 1.0, "RdBu_r")
