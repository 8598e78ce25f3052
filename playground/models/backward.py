"""Backpropagation through time in NumPy, for many positions of a text at once.

What autograd hides is what the reach of a loss is about: the gradient at every layer and every step on
its way back. The gates of a replayed sentence are all that it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from playground.config import ModelConfig
from playground.models.gates import stack_names
from playground.records import Array, GateTrace, LayerTrace


@dataclass(frozen=True)
class LayerGradients:
    """Of P scalars by what one layer and direction did at each of T steps; text order."""

    state: Array
    """By h after each step, (P, T, H)."""
    memory: Array | None
    """LSTM: by c after each step, (P, T, H)."""
    input: Array
    """By the layer's input at each step, (P, T, E); of the first layer with one-hot input (P, T, V)."""


def backpropagate(
    weights: Mapping[str, Array], config: ModelConfig, trace: GateTrace, seeds: Array
) -> tuple[tuple[LayerGradients, ...], ...]:
    """Send gradients back from the top layer's states to everything below and before.

    Args:
        weights: A `LanguageModel`'s, by name.
        config: Its settings.
        trace: A text through them, from `trace_gates`, T steps.
        seeds: (P, T, H·D), each scalar's gradient by the top layer's states, directions side by side.

    Returns:
        [layer][direction].

    Source: Werbos 1990; PyTorch's formulas of each cell.
    """
    apart = config.objective == "masked"
    above = np.split(seeds, len(trace.layers[-1]), axis=2)
    found: list[tuple[LayerGradients, ...]] = []
    for layer in reversed(range(config.num_layers)):
        grads = tuple(
            _layer(
                weights,
                config,
                stack_names(config, layer, direction),
                trace.layers[layer][direction],
                above[direction],
                backward=direction == 1,
            )
            for direction in range(len(trace.layers[layer]))
        )
        found.insert(0, grads)
        if layer:
            inputs = [one.input for one in grads]
            above = inputs if apart else np.split(sum(inputs), len(grads), axis=2)
    return tuple(found)


def _layer(
    weights: Mapping[str, Array],
    config: ModelConfig,
    names: str,
    trace: LayerTrace,
    above: Array,
    *,
    backward: bool,
) -> LayerGradients:
    """One layer in one direction; `above` is (P, T, H), what its states are asked for from above."""
    w_i, w_h = (weights[names.format(f"weight_{kind}")] for kind in ("ih", "hh"))
    step = _STEPS[config.cell]
    positions, steps, size = above.shape
    state, memory = np.empty_like(above), np.empty_like(above)
    gates = np.empty((positions, steps, w_i.shape[0]), above.dtype)
    dh = dc = np.zeros((positions, size), above.dtype)
    for t in range(steps) if backward else reversed(range(steps)):
        state[:, t] = dh + above[:, t]
        gates[:, t], recurring, kept, memory[:, t], dc = step(trace, config, t, state[:, t], dc)
        dh = recurring @ w_h + kept
    has_memory = config.cell == "lstm"
    return LayerGradients(state, memory if has_memory else None, gates @ w_i)


_Back = tuple[Array, Array, Array | float, Array, Array]
"""By W_i x + b_i, by W_h h + b_h (both (P, G·H)), by the old h directly, by c, by the old c."""


def _back_rnn(trace: LayerTrace, config: ModelConfig, t: int, dh: Array, dc: Array) -> _Back:
    h = trace.hidden[t]
    da = dh * ((h > 0) if config.nonlinearity == "relu" else 1 - h * h)
    return da, da, 0.0, dc, dc


def _back_gru(trace: LayerTrace, config: ModelConfig, t: int, dh: Array, dc: Array) -> _Back:
    r, z, n = (trace.gates[name][t] for name in "rzn")
    dn = dh * (1 - z) * (1 - n * n)
    dr = dn * trace.recurring["n"][t] * r * (1 - r)
    dz = dh * (trace.hidden_before[t] - n) * z * (1 - z)
    return np.concatenate([dr, dz, dn], axis=1), np.concatenate([dr, dz, dn * r], axis=1), dh * z, dc, dc


def _back_lstm(trace: LayerTrace, config: ModelConfig, t: int, dh: Array, dc: Array) -> _Back:
    assert trace.memory is not None and trace.memory_before is not None
    i, f, g, o = (trace.gates[name][t] for name in "ifgo")
    shown = np.tanh(trace.memory[t])
    dc = dc + dh * o * (1 - shown * shown)
    da = np.concatenate(
        [
            dc * g * i * (1 - i),
            dc * trace.memory_before[t] * f * (1 - f),
            dc * i * (1 - g * g),
            dh * shown * o * (1 - o),
        ],
        axis=1,
    )
    return da, da, 0.0, dc, dc * f


_STEPS: dict[str, Callable[..., _Back]] = {"rnn": _back_rnn, "gru": _back_gru, "lstm": _back_lstm}
