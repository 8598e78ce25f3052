"""A one-direction stack that reads several texts side by side, each with edits of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from playground.cells import CELLS
from playground.config import ModelConfig
from playground.models.edits import Edit, by_layer
from playground.records import Array


class ParallelReader:
    """Feeds a token to every column and keeps the states.

    Args:
        weights: A `LanguageModel`'s, by name, in float32 or float64.
        config: The network's settings; one direction, objective `next`.
        columns: B, the texts.
        edits: What is done to units, by the step that a column is at.
    """

    def __init__(
        self, weights: Mapping[str, Array], config: ModelConfig, columns: int, edits: Sequence[Edit] = ()
    ) -> None:
        assert not config.bidirectional, "its layers need the whole text"
        self._cell, self._nonlinearity = CELLS[config.cell], config.nonlinearity
        self._layers = [
            tuple(
                weights[f"rnn.{part}_l{layer}"] for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            )
            for layer in range(config.num_layers)
        ]
        self._embedded = weights["embed.weight"] if config.input == "embedding" else None
        zero = np.zeros((config.hidden_size, columns), self._layers[0][0].dtype)
        self._hidden = [zero] * config.num_layers
        self._memory = [zero] * config.num_layers
        self._edits = by_layer(edits, config)
        self._step = 0

    def forget(self, columns: Array) -> None:
        """Back to the zero state, in some columns, (B,) booleans: their text has not begun."""
        for states in (self._hidden, self._memory):
            for layer, state in enumerate(states):
                states[layer] = np.where(columns, 0, state).astype(state.dtype, copy=False)

    @np.errstate(over="ignore", invalid="ignore")  # a relu state can grow without end
    def feed(self, tokens: Array) -> Array:
        """Read a token in each column, (B,); return the top layer's states, (H, B)."""
        x = None if self._embedded is None else self._embedded[tokens].T  # (E, B)
        for layer, (w_i, w_h, b_i, b_h) in enumerate(self._layers):
            entering = w_i[:, tokens] if x is None else w_i @ x
            entering += b_i[:, None]
            recurring = w_h @ self._hidden[layer]
            recurring += b_h[:, None]
            edits = self._edits.get(layer)
            if edits is not None:
                entering, recurring = edits.before(self._step, entering, recurring)
            gates, hidden, memory = self._cell.step(
                entering, recurring, self._hidden[layer], self._memory[layer], self._nonlinearity
            )
            if edits is not None:
                hidden, memory = edits.after(self._step, gates, hidden, memory)
            self._hidden[layer], self._memory[layer] = hidden, memory
            x = hidden
        self._step += 1
        return self._hidden[-1]
