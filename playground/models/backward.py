"""Backpropagation through time in NumPy, for many positions of a text at once.

What autograd hides is what the reach of a loss is about: the gradient at every layer and every step on
its way back. The gates of a replayed sentence are all that it takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from playground.cells import CELLS
from playground.config import ModelConfig
from playground.models.gates import stack_names
from playground.records import Array, GateTrace, LayerTrace


@dataclass(frozen=True)
class LayerGradients:
    """Gradients of P scalars by what one layer and direction did at each of T steps, in text order."""

    state: Array
    """By h after each step, (P, T, H)."""
    memory: Array | None
    """By c after each step, (P, T, H); None for a cell without one."""
    input: Array
    """By the layer's input at each step, (P, T, E); of the first layer with one-hot input (P, T, V)."""


def backpropagate(
    weights: Mapping[str, Array], config: ModelConfig, trace: GateTrace, seeds: Array
) -> tuple[tuple[LayerGradients, ...], ...]:
    """Send gradients back from the top layer's states to everything below and before.

    Args:
        weights: A `LanguageModel`'s, by name.
        config: The network's settings.
        trace: A text through it, from `trace_gates`, T steps.
        seeds: (P, T, H·D), each scalar's gradient by the top layer's states, directions side by side.

    Returns:
        [layer][direction].

    Source: Werbos 1990; PyTorch's formulas of each cell.
    """
    apart = config.objective == "masked"
    above = np.split(seeds, len(trace.layers[-1]), axis=2)
    layers: list[tuple[LayerGradients, ...]] = []
    for layer in reversed(range(config.num_layers)):
        directions = tuple(
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
        layers.insert(0, directions)
        if layer:
            inputs = [direction.input for direction in directions]
            above = inputs if apart else np.split(sum(inputs), len(directions), axis=2)
    return tuple(layers)


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
    cell = CELLS[config.cell]
    positions, steps, size = above.shape
    state = np.empty_like(above)
    memory = np.empty_like(above) if cell.has_memory else None
    gates = np.empty((positions, steps, w_i.shape[0]), above.dtype)  # (P, T, G·H)
    dh = dc = np.zeros((positions, size), above.dtype)
    for t in range(steps) if backward else reversed(range(steps)):
        state[:, t] = dh + above[:, t]
        by = cell.backward(trace.step(t), state[:, t], dc, config.nonlinearity)
        gates[:, t] = by.entering
        dh = by.recurring @ w_h + by.h_before
        if memory is not None:
            assert by.c is not None and by.c_before is not None, "a cell with c gives gradients by it"
            memory[:, t], dc = by.c, by.c_before
    return LayerGradients(state, memory, gates @ w_i)
