"""How far back gradients reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from playground.arrays import Array


@dataclass(frozen=True)
class LayerReach:
    """Mean L2 norms of a loss's gradient, k tokens back; each array is (K + 1,), k = 0 first."""

    input: Array
    """By what enters the layer."""
    state: Array
    """By the hidden state h."""
    memory: Array | None
    """By the cell state c; None for a cell without one."""

    @property
    def paths(self) -> dict[str, Array]:
        """All of them by name: x, h, and c where there is one."""
        several = {"x": self.input, "h": self.state}
        return several if self.memory is None else several | {"c": self.memory}


@dataclass(frozen=True)
class Reach:
    """Of a network over a text."""

    layers: tuple[LayerReach, ...]
    positions: int
    """Losses that the norms are a mean of."""


@dataclass(frozen=True)
class RecurrentMatrix:
    """What repeated multiplication by one block of a layer's recurrent weights would do."""

    layer: int
    block: str
    """The gate that it feeds, by its name in the cell's table."""
    eigenvalue: float
    """The largest absolute one: growth a step in the long run."""
    singular: float
    """The largest singular value: growth in a single step at the most."""


@dataclass(frozen=True)
class ReachCurve:
    """One line of a chart."""

    name: str
    """What it belongs to, in the reader's words."""
    path: str
    """`x`, `h` or `c`."""
    norms: Array
    """(K + 1,), k = 0 first."""
    truncation: int | None = None
    """Tokens back after which training cut the gradient off; None for a cell that was never trained."""

    def shown(self, *, relative: bool) -> Array:
        """The norms as they are, or as parts of the first."""
        return self.norms / self.norms[0] if relative and self.norms[0] > 0 else self.norms

    def left(self, k: int) -> float:
        """What is left k tokens back, as a part of that at k = 0."""
        return float(self.norms[k] / self.norms[0]) if self.norms[0] > 0 else 0.0


@dataclass(frozen=True)
class Recall:
    """Closing brackets of a text, N of them."""

    distances: Array
    """Tokens between each and its opening one, (N,)."""
    right: Array
    """Whether the right kind was the likeliest of all closing brackets, (N,)."""
    influence: float | None
    """On the right bracket's lead over the others: the opening bracket's gradient norm as a part of the
    newest token's; the median of some that stand far apart, None where none do."""

    @property
    def share(self) -> float:
        """Right ones, 0 … 1."""
        return float(self.right.mean())

    def shares(self, edges: Sequence[int]) -> list[tuple[float, int]]:
        """Share of right ones and number of brackets by distance, from each edge to below the next."""
        shares = []
        for low, high in pairwise(edges):
            right = self.right[(self.distances >= low) & (self.distances < high)]
            shares.append((float(right.mean()) if len(right) else float("nan"), len(right)))
        return shares


def growth(norms: Array) -> float:
    """The factor a token that fits a curve best from k = 1 on: its slope on a log axis.

    The first step is left out, as h and c at k = 0 have a way to the loss of their own, and so is what comes
    after a zero.

    Args:
        norms: The curve, (K + 1,), k = 0 first.

    Returns:
        Below 1 for a loss that forgets, above 1 for one that explodes; NaN where nothing is left to fit.
    """
    dead = np.flatnonzero(norms[1:] == 0)  # what stands behind a zero is rounding
    back = np.arange(1, 1 + (dead[0] if len(dead) else len(norms) - 1))
    if len(back) < 2:
        return float("nan")
    return float(np.exp(np.polyfit(back, np.log(norms[back]), 1)[0]))


def half_length(norms: Array) -> float:
    """Tokens until a curve has fallen to half of its beginning, between two tokens by a straight line.

    Args:
        norms: The curve, (K + 1,), k = 0 first.

    Returns:
        Infinite when it stays above.
    """
    if not norms[0] > 0:
        return 0.0
    below = np.flatnonzero(norms < norms[0] / 2)
    if not len(below):
        return float("inf")
    k = int(below[0])
    above = norms[k - 1]
    return float(k - 1 + (above - norms[0] / 2) / (above - norms[k]))


def furthest_link(norms: Array, part: float) -> tuple[int, int] | None:
    """The two places of a sentence's map that lie furthest apart and still have a part of the strongest link.

    Args:
        norms: The map, (T, T), row t moved by column s.
        part: The part of the largest norm that a link must have, 0 … 1.

    Returns:
        Row and column, of several the strongest; None where nothing moves anything.
    """
    if not norms.max() > 0:
        return None
    rows, columns = np.nonzero(norms >= part * norms.max())
    apart = np.abs(rows - columns)
    best = max(range(len(rows)), key=lambda i: (apart[i], norms[rows[i], columns[i]]))
    return int(rows[best]), int(columns[best])
