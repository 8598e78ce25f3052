"""How far back gradients reach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playground.records.gates import Array


@dataclass(frozen=True)
class LayerReach:
    """Mean L2 norms of a loss's gradient, k tokens back; each array is (K + 1,), k = 0 first."""

    input: Array
    """By what enters the layer."""
    state: Array
    """By the hidden state h."""
    memory: Array | None
    """LSTM: by the cell state c."""

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
    """The gate that it feeds, as in `GATES`."""
    eigenvalue: float
    """The largest absolute one: growth a step in the long run."""
    singular: float
    """The largest singular value: growth in a single step at the most."""


def half_length(norms: Array) -> float:
    """Tokens until a curve has fallen to half of its beginning, between two tokens by a straight line.

    Args:
        norms: (K + 1,), k = 0 first.

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
