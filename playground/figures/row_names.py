"""Names beside rows of a heatmap that are thinner than letters: apart enough to be read, a line to each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any
from unicodedata import east_asian_width

from playground.figures.sentence import safe

NAMES_WIDTH = 60
"""Pixels that names need beyond the margin that every figure of a sentence has."""
_LONGEST = 22
"""Columns of a name; a Chinese character takes two."""
_APART = 13
"""Pixels between two names, at least."""


def row_names(names: Mapping[int, str], *, rows: int, height: float, axis: str) -> list[dict[str, Any]]:
    """Plotly annotations to the left of a heatmap.

    Args:
        names: What rows are called, counted from below; markup in them is escaped.
        rows: Of the heatmap.
        height: Of the heatmap, in pixels.
        axis: Its y axis.
    """
    pixels = height / rows
    own = sorted(names.items())
    places = spread([(row + 0.5) * pixels for row, _name in own], height)
    return [
        {
            "text": safe(_cut(name)),
            "xref": "x domain",
            "x": 0,
            "yref": axis,
            "y": row,
            "ax": -14,
            "ay": (row + 0.5) * pixels - place,  # from the row to its name, downwards
            "xanchor": "right",
            "arrowhead": 0,
            "arrowwidth": 1,
            "arrowcolor": "#888",
            "font": {"size": 10},
        }
        for (row, name), place in zip(own, places, strict=True)
    ]


def _cut(name: str) -> str:
    """A name in as many columns as there are."""
    wide = [2 if east_asian_width(c) in "WF" else 1 for c in name]
    fits = sum(width <= _LONGEST for width in accumulate(wide))
    return name if fits == len(name) else name[: fits - 1] + "…"


def spread(places: Sequence[float], height: float) -> list[float]:
    """Rising places, moved until they are `_APART` from one another, and within the height where they all fit.

    >>> spread([100, 102, 195], 200)
    [100, 113, 193.5]
    """
    moved: list[float] = []
    for place in places:
        moved.append(max(place, moved[-1] + _APART if moved else _APART / 2))
    top = height + _APART / 2
    for i in reversed(range(len(moved))):
        moved[i] = min(moved[i], top - _APART)
        top = moved[i]
    return moved
