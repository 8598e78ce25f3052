"""A one-direction stack, one token at a time, without torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from playground.cells import CELLS
from playground.config import ModelConfig
from playground.models.edits import Edit, by_layer
from playground.records import Array

_TABLE_BYTES = 64 * 2**20
"""Of the largest table; a larger vocabulary's rows are made one by one."""


class Reader:
    """Feeds tokens and keeps the state, so that a text is never read again.

    What a token adds to the first layer is looked up in a table that is made once, and every bias
    that can be added beforehand is in it; a step is then one matrix-vector product a layer, two from
    the second layer on.

    Args:
        weights: A `LanguageModel`'s, by name, in float32 or float64.
        config: The network's settings; two directions only with `objective=masked`, whose stacks are apart.
        stack: `rnn`, or `rnn_reverse` for the one that reads from the end.
        edits: What is done to units while it reads; steps are counted from the last `reset`.
    """

    @np.errstate(over="ignore", invalid="ignore")  # a diverged network's are beyond what a number holds
    def __init__(
        self,
        weights: Mapping[str, Array],
        config: ModelConfig,
        stack: str = "rnn",
        *,
        edits: Sequence[Edit] = (),
    ) -> None:
        assert config.objective == "masked" or not config.bidirectional, "its layers need the whole text"
        cell, size = CELLS[config.cell], config.hidden_size
        self._step, self._nonlinearity, self._has_memory = cell.step, config.nonlinearity, cell.has_memory
        late_blocks = [cell.gate_names.index(gate) for gate in cell.scaled_recurrence]
        self._layers = []
        for layer in range(config.num_layers):
            w_i, w_h = (weights[f"{stack}.weight_{kind}_l{layer}"] for kind in ("ih", "hh"))
            b_i, b_h = (weights[f"{stack}.bias_{kind}_l{layer}"] for kind in ("ih", "hh"))
            late = np.zeros_like(b_h)
            for block in late_blocks:  # the cell multiplies these, so they cannot be added beforehand
                late[block * size : (block + 1) * size] = b_h[block * size : (block + 1) * size]
            early = b_i + b_h - late
            # column by column: a matrix-vector product is a fifth faster than row by row
            columns = np.asfortranarray(w_i) if layer else w_i, np.asfortranarray(w_h)
            self._layers.append((*columns, early, late if late.any() else None))
        self._embedded = weights["embed.weight"] if config.input == "embedding" else None
        first = self._layers[0][0]
        tokens = first.shape[1] if self._embedded is None else len(self._embedded)
        small = tokens * first.shape[0] * first.itemsize <= _TABLE_BYTES
        self._table = self._rows() if small else None
        self._zero = np.zeros(config.hidden_size, first.dtype)
        self._edits = by_layer(edits, config)
        self.reset()

    def _rows(self) -> Array:
        """What every token adds to the first layer, (V, G·H)."""
        w_i, _, early, _ = self._layers[0]
        return np.ascontiguousarray((w_i.T if self._embedded is None else self._embedded @ w_i.T) + early)

    def _row(self, token: int) -> Array:
        """What a token adds to the first layer, (G·H,)."""
        w_i, _, early, _ = self._layers[0]
        entering: Array = early + (w_i[:, token] if self._embedded is None else w_i @ self._embedded[token])
        return entering

    def reset(self) -> None:
        """Back to the zero state."""
        self._hidden = [self._zero] * len(self._layers)
        self._memory = [self._zero] * len(self._layers)
        self._steps = 0

    @property
    def hidden(self) -> Array:
        """The top layer's state, (H,)."""
        return self._hidden[-1]

    def state(self, layer: int) -> dict[str, Array]:
        """A layer's h, and its c where the cell has one, (H,) each."""
        return {"h": self._hidden[layer]} | ({"c": self._memory[layer]} if self._has_memory else {})

    def feed(self, token: int) -> Array:
        """Read one token; return the top layer's state, (H,)."""
        hidden, memory = self._hidden, self._memory
        entering = self._row(token) if self._table is None else self._table[token]
        for i, (w_i, w_h, early, late) in enumerate(self._layers):
            if i:
                entering = w_i.dot(hidden[i - 1])  # at this size `@` takes noticeably longer to begin
                entering += early
            recurring = w_h.dot(hidden[i])
            if late is not None:
                recurring += late
            edits = self._edits.get(i)
            if edits is not None:
                entering, recurring = edits.before(self._steps, entering, recurring)
            gates, hidden[i], memory[i] = self._step(
                entering, recurring, hidden[i], memory[i], self._nonlinearity
            )
            if edits is not None:
                hidden[i], memory[i] = edits.after(self._steps, gates, hidden[i], memory[i])
        self._steps += 1
        return hidden[-1]

    @np.errstate(over="ignore", invalid="ignore")  # a relu state can grow without end: inf, as in PyTorch
    def before_each(self, tokens: Sequence[int]) -> Array:
        """Read a text; return the top layer's state before each token, (T, H), the first as it stood."""
        states = np.empty((len(tokens), len(self._zero)), self._zero.dtype)
        state = self._hidden[-1]
        for t, token in enumerate(tokens):
            states[t] = state
            state = self.feed(token)
        return states
