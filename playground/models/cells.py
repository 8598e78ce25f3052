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

_HALF, _ONE = np.array(0.5, np.float32), np.array(1.0, np.float32)
"""As arrays: turning a Python number into one takes as long as the product. Exact in float64 too."""


def step_of(config: ModelConfig) -> Step:
    """The step of a network's cell."""
    return _STEPS[config.nonlinearity if config.cell == "rnn" else config.cell]


def _squash(x: Array) -> None:
    """Sigmoid, in place: 0.5 (1 + tanh(0.5 x)), which cannot overflow, unlike exp(-x)."""
    x *= _HALF
    np.tanh(x, out=x)
    x += _ONE
    x *= _HALF


def _step_tanh(x: Array, r: Array, h: Array, c: Array) -> tuple[Array, Array, Array]:
    a = x + r
    return a, np.tanh(a), c


def _step_relu(x: Array, r: Array, h: Array, c: Array) -> tuple[Array, Array, Array]:
    a = x + r
    return a, np.maximum(a, 0), c


def _step_gru(x: Array, r: Array, h: Array, c: Array) -> tuple[Array, Array, Array]:
    size = len(h)
    gates = x + r
    reset, update, new = gates[:size], gates[size : 2 * size], gates[2 * size :]
    _squash(gates[: 2 * size])
    np.multiply(reset, r[2 * size :], out=new)  # PyTorch resets after the product
    new += x[2 * size :]
    np.tanh(new, out=new)
    after = _ONE - update
    after *= new
    after += update * h
    return gates, after, c


def _step_lstm(x: Array, r: Array, h: Array, c: Array) -> tuple[Array, Array, Array]:
    gates = x + r
    i, f, g, o = gates.reshape(4, -1)
    told = np.tanh(g)
    _squash(gates)
    g[:] = told
    c = f * c
    c += i * g
    hidden = np.tanh(c)
    hidden *= o
    return gates, hidden, c


_STEPS: dict[str, Step] = {"tanh": _step_tanh, "relu": _step_relu, "gru": _step_gru, "lstm": _step_lstm}
