"""What a recurrent layer did over a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.config import Cell

Array = NDArray[Any]
"""float32 or float64, as the weights are."""

GATES: dict[Cell, tuple[str, ...]] = {"rnn": ("a",), "gru": ("r", "z", "n"), "lstm": ("i", "f", "g", "o")}
"""What each cell computes from input and state, in PyTorch's order.

RNN: a is the pre-activation. GRU: r reset and z update in [0, 1], n candidate in
[-1, 1]. LSTM: i input, f forget and o output gate in [0, 1], g candidate in [-1, 1].
"""
SIGMOIDS = frozenset("rzifo")
"""Those that squash into [0, 1]: gates in the strict sense."""
KEEPERS: dict[Cell, str] = {"gru": "z", "lstm": "f"}
"""The gate whose 1 keeps the memory; a plain RNN has none."""


@dataclass(frozen=True)
class LayerTrace:
    """One layer in one direction; every array is (T, H), in text order.

    `entering[name] + recurring[name]` is what a gate squashes (the GRU's n multiplies
    `recurring` by r first).
    """

    cell: Cell
    gates: Mapping[str, Array]
    """By the names of `GATES`."""
    hidden: Array
    """h after each step."""
    memory: Array | None
    """LSTM: the cell state c after each step."""
    hidden_before: Array
    """h that each step was given, in the order of reading."""
    memory_before: Array | None
    entering: Mapping[str, Array]
    """W_i x + b_i of each gate: what the token says."""
    recurring: Mapping[str, Array]
    """W_h h + b_h of each gate: what the state says."""

    @cached_property
    def shown(self) -> dict[str, Array]:
        """Everything that can be looked at, by name: the gates, then `c`, `tanh c` and `h`."""
        values = dict(self.gates)
        if self.memory is not None:
            values |= {"c": self.memory, "tanh c": np.tanh(self.memory)}
        return values | {"h": self.hidden}

    @property
    def arrays(self) -> list[Array]:
        """All of them, for what is asked of each."""
        several = (self.gates, self.entering, self.recurring)
        single = (self.hidden, self.memory, self.hidden_before, self.memory_before)
        return [a for group in several for a in group.values()] + [a for a in single if a is not None]


@dataclass(frozen=True)
class GateTrace:
    """A sentence through every layer and direction of a network."""

    tokens: tuple[str, ...]
    """The sentence as the person wrote it, cut into tokens."""
    known: tuple[bool, ...]
    """False where the network read `<unk>`."""
    layers: tuple[tuple[LayerTrace, ...], ...]
    """[layer][direction]; direction 0 reads forward, 1 backward."""

    @property
    def cell(self) -> Cell:
        """Of all layers."""
        return self.layers[0][0].cell

    @property
    def hidden_size(self) -> int:
        """H."""
        return int(self.layers[0][0].hidden.shape[1])

    @property
    def nbytes(self) -> int:
        """Memory that the arrays take."""
        return sum(array.nbytes for array in self._arrays())

    @property
    def is_finite(self) -> bool:
        """No infinity and no NaN anywhere; a relu state can overflow."""
        return all(np.isfinite(array).all() for array in self._arrays())

    def _arrays(self) -> Iterator[Array]:
        return (array for layer in self.layers for one in layer for array in one.arrays)


@dataclass(frozen=True)
class GateStrip:
    """A gate over a sentence, all units together; each array is (T,)."""

    mean: Array
    spread: Array
    """Standard deviation over the units."""


@dataclass(frozen=True)
class Saturation:
    """How often each unit's gate is nearly shut or nearly open, as parts of the steps; each array is (H,)."""

    left: Array
    """Below 0.1."""
    right: Array
    """Above 0.9."""


@dataclass(frozen=True)
class Contrast:
    """A gate's mean at spaces and at all other tokens."""

    spaces: float
    others: float
