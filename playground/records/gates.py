"""What a recurrent layer did over a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from playground.arrays import Array
from playground.cells import CELLS, CellSpec, CellStep
from playground.cells.spec import N
from playground.config import Cell


@dataclass(frozen=True)
class LayerTrace:
    """One layer in one direction; every array is (T, H), in text order.

    `entering[name] + recurring[name]` is what a gate squashes (a cell's `scaled_recurrence` multiplies
    `recurring` first).
    """

    cell: Cell
    gates: Mapping[str, Array]
    """By name, in the order of the weights' blocks."""
    hidden: Array
    """h after each step."""
    memory: Array | None
    """The cell state c after each step; None for a cell without one."""
    hidden_before: Array
    """h that each step was given, in the order of reading."""
    memory_before: Array | None
    entering: Mapping[str, Array]
    """W_i x + b_i of each gate: what the token says."""
    recurring: Mapping[str, Array]
    """W_h h + b_h of each gate: what the state says."""

    @property
    def spec(self) -> CellSpec:
        """What its cell says of itself."""
        return CELLS[self.cell]

    @cached_property
    def shown(self) -> dict[str, Array]:
        """Everything that can be looked at, by name: the cell's `quantities`."""
        states = {"h": self.hidden}
        if self.memory is not None:
            states |= {"c": self.memory, "tanh c": np.tanh(self.memory)}
        return dict(self.gates) | {state.name: states[state.name] for state in self.spec.states}

    def step(self, step: int) -> CellStep[Array]:
        """One step of all units, (H,) each."""
        return self._pick(lambda values: values[step])

    def unit_step(self, step: int, unit: int) -> CellStep[float]:
        """One step of one unit."""
        return self._pick(lambda values: float(values[step, unit]))

    def _pick(self, pick: Callable[[Array], N]) -> CellStep[N]:
        h, before = self.hidden, self.hidden_before
        c, c_before = (h, before) if self.memory is None else (self.memory, self.memory_before)
        assert c_before is not None
        return CellStep(
            gates={name: pick(values) for name, values in self.gates.items()},
            entering={name: pick(values) for name, values in self.entering.items()},
            recurring={name: pick(values) for name, values in self.recurring.items()},
            h=pick(h),
            h_before=pick(before),
            c=pick(c),
            c_before=pick(c_before),
        )

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
    def spec(self) -> CellSpec:
        """What the cell says of itself."""
        return CELLS[self.cell]

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
        return (array for directions in self.layers for layer in directions for array in layer.arrays)


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
