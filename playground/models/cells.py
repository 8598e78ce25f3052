"""One step of each cell in NumPy: at a batch of one it is faster than torch, and needs none.

Source: Elman 1990; Hochreiter & Schmidhuber 1997 and Gers et al. 2000 (LSTM); Cho et al. 2014 (GRU).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from playground.config import ModelConfig
from playground.records import Array

Step = Callable[[Array, Array, Array, Array], tuple[Array, Array, Array]]
"""(W_i x + b_i, W_h h + b_h, h, c) of one step → gates (G·H), new h, new c.

Gates in the order of `GATES`; c passes through where there is none.
"""


def step_of(config: ModelConfig) -> Step:
    """The step of a network's cell."""
    return _STEPS[config.nonlinearity if config.cell == "rnn" else config.cell]


def _sigmoid(x: Array) -> Array:
    return 0.5 * (1.0 + np.tanh(0.5 * x))  # cannot overflow, unlike exp(-x)


def _step_tanh(x: Array, r: Array, h: Array, c: Array) -> tuple[Array, Array, Array]:
    a = x + r
    return a, np.tanh(a), c


def _step_relu(x: Array, r: Array, h: Array, c: Array) -> tuple[Array, Array, Array]:
    a = x + r
    return a, np.maximum(a, 0), c


def _step_gru(x: Array, r: Array, h: Array, c: Array) -> tuple[Array, Array, Array]:
    size = len(h)
    gates = np.empty_like(x)
    gates[: 2 * size] = _sigmoid(x[: 2 * size] + r[: 2 * size])
    reset, update = gates[:size], gates[size : 2 * size]
    new = gates[2 * size :] = np.tanh(
        x[2 * size :] + reset * r[2 * size :]
    )  # PyTorch resets after the product
    return gates, (1 - update) * new + update * h, c


def _step_lstm(x: Array, r: Array, h: Array, c: Array) -> tuple[Array, Array, Array]:
    a = (x + r).reshape(4, -1)
    gates = _sigmoid(a)
    gates[2] = np.tanh(a[2])
    i, f, g, o = gates
    c = f * c + i * g
    return gates.ravel(), o * np.tanh(c), c


_STEPS: dict[str, Step] = {"tanh": _step_tanh, "relu": _step_relu, "gru": _step_gru, "lstm": _step_lstm}
