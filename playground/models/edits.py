"""Set units of a layer while it reads: states to a value, gates to where they are clamped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playground.cells import CELLS, CellSpec
from playground.cells.spec import SIGMOID, TANH
from playground.config import ModelConfig
from playground.records import Array


@dataclass(frozen=True)
class Edit:
    """Some units of one quantity of one layer, and what they are set to at every step."""

    quantity: str
    """`h`, `c` or a gate's name."""
    units: NDArray[np.intp]
    """(N,)."""
    values: Array
    """(N,): what each is set to."""
    columns: NDArray[np.intp] | None = None
    """(N,): in which of several sequences side by side; None is in every one, or in the only one."""
    layer: int = 0
    start: int = 0
    """The first step, from 0."""
    once: bool = False
    """At that step alone."""

    def acts_at(self, step: int) -> bool:
        """Whether it does something at a step."""
        return step == self.start if self.once else step >= self.start


class LayerEdits:
    """The edits of one layer, ready to be applied at each of its steps.

    A gate is clamped before it is squashed: its row of W_i x + b_i becomes what is squashed to the value (infinity for 0 and 1,
    exactly), its row of W_h h + b_h becomes 0. So a cell's step needs to know nothing of edits, and a GRU's candidate
    is made with the clamped reset gate.

    Args:
        edits: Those of this layer.
        config: The network's settings.
    """

    def __init__(self, edits: Sequence[Edit], config: ModelConfig) -> None:
        spec, size = CELLS[config.cell], config.hidden_size
        self._from_memory = spec.from_memory
        self._gates = [
            (edit, spec.gate_names.index(edit.quantity) * size + edit.units, _unsquashed(edit, spec))
            for edit in edits
            if edit.quantity in spec.gate_names
        ]
        self._memory = [edit for edit in edits if edit.quantity == "c"]
        self._hidden = [edit for edit in edits if edit.quantity == "h"]

    def before(self, step: int, entering: Array, recurring: Array) -> tuple[Array, Array]:
        """What the cell's step is given instead of W_i x + b_i and W_h h + b_h, (G·H,) or (G·H, B)."""
        active = [(edit, rows, values) for edit, rows, values in self._gates if edit.acts_at(step)]
        if not active:
            return entering, recurring
        entering, recurring = entering.copy(), recurring.copy()
        for edit, rows, values in active:
            _put(entering, rows, values, edit.columns)
            _put(recurring, rows, np.zeros_like(values), edit.columns)
        return entering, recurring

    def after(self, step: int, gates: Array, hidden: Array, memory: Array) -> tuple[Array, Array]:
        """New h and c with what is held, (H,) or (H, B); they may be changed in place."""
        active = [edit for edit in self._memory if edit.acts_at(step)]
        if active and self._from_memory is not None:
            memory = memory.copy()
            for edit in active:
                _put(memory, edit.units, edit.values, edit.columns)
            shown = self._from_memory(gates, memory)
            for edit in active:  # a held memory shows at once
                at = edit.units if edit.columns is None else (edit.units, edit.columns)
                hidden[at] = shown[at]
        for edit in self._hidden:
            if edit.acts_at(step):
                _put(hidden, edit.units, edit.values, edit.columns)
        return hidden, memory


def by_layer(edits: Sequence[Edit], config: ModelConfig) -> dict[int, LayerEdits]:
    """The edits of each layer that has any."""
    layers = {edit.layer for edit in edits if len(edit.units)}
    return {layer: LayerEdits([e for e in edits if e.layer == layer], config) for layer in layers}


def _put(into: Array, rows: NDArray[np.intp], values: Array, columns: NDArray[np.intp] | None) -> None:
    if columns is not None:
        into[rows, columns] = values
    else:
        into[rows] = values if into.ndim == 1 else values[:, None]


def _unsquashed(edit: Edit, spec: CellSpec) -> Array:
    """What a gate squashes to these values; itself where it squashes nothing."""
    values = np.asarray(edit.values, np.float64)
    kind = spec.quantities[edit.quantity].range
    with np.errstate(divide="ignore"):
        if kind == SIGMOID:
            return np.log(values) - np.log1p(-values)
        return np.arctanh(values) if kind == TANH else values
