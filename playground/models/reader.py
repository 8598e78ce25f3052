"""A one-direction stack, one token at a time, without torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from playground.cells import CELLS
from playground.config import ModelConfig
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
    """

    @np.errstate(over="ignore", invalid="ignore")  # a diverged network's are beyond what a number holds
    def __init__(self, weights: Mapping[str, Array], config: ModelConfig, stack: str = "rnn") -> None:
        assert config.objective == "masked" or not config.bidirectional, "its layers need the whole text"
        cell, size = CELLS[config.cell], config.hidden_size
        self._step, self._nonlinearity = cell.step, config.nonlinearity
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

    @property
    def hidden(self) -> Array:
        """The top layer's state, (H,)."""
        return self._hidden[-1]

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
            _, hidden[i], memory[i] = self._step(
                entering, recurring, hidden[i], memory[i], self._nonlinearity
            )
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
