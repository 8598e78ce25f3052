"""Replay a sentence from a network's weights and keep what every gate did.

Fused kernels (cuDNN, oneDNN) hide the gates, so each step is computed again, in NumPy: at a
batch of one it is faster than stepping through torch, and a server that only looks needs no torch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from playground.cells import CELLS
from playground.config import ModelConfig
from playground.records import Array, GateTrace, LayerTrace


@np.errstate(over="ignore", invalid="ignore")  # a relu state can grow without end: inf, as in PyTorch
def trace_gates(
    weights: Mapping[str, Array],
    config: ModelConfig,
    ids: Sequence[int],
    *,
    tokens: Sequence[str] | None = None,
    known: Sequence[bool] | None = None,
    state: tuple[Array, ...] | None = None,
) -> GateTrace:
    """Run one sequence through every layer and direction.

    The input projections of all steps are one matrix product; only the recurrent
    ones go step by step. `hidden` equals what the network's own layers put out.

    Args:
        weights: A `LanguageModel`'s, by name, in float32 or float64.
        config: The network's settings.
        ids: T token ids, at least one, each below V.
        tokens: What the ids stand for; the ids' numbers without it.
        known: False where `<unk>` stands for a token; all True without it.
        state: h, or h and c, each (L·D, H), from the text before; None starts at zero.

    Returns:
        Gates, h and c as the cell's file in `playground.cells` describes them; LSTM: i, f, o in [0, 1],
        g in [-1, 1], c and h. Always in text order, for the backward direction too.
    """
    entering = np.asarray(ids)  # (T,)
    if config.input == "embedding":
        entering = weights["embed.weight"][entering]  # (T, E)
    directions = 2 if config.bidirectional else 1
    apart = config.objective == "masked"  # two stacks that know nothing of each other
    inputs = [entering] * directions
    layers: list[tuple[LayerTrace, ...]] = []
    for layer in range(config.num_layers):
        traces = []
        for direction in range(directions):
            slot = layer * directions + direction
            start = None if state is None else tuple(part[slot] for part in state)
            names = stack_names(config, layer, direction)
            traces.append(
                _trace_layer(weights, config, names, inputs[direction], start, backward=direction == 1)
            )
        layers.append(tuple(traces))
        hidden = [trace.hidden for trace in traces]
        inputs = hidden if apart else [np.concatenate(hidden, axis=1)] * directions
    return GateTrace(
        tuple(tokens if tokens is not None else map(str, ids)),
        tuple(known if known is not None else [True] * len(ids)),
        tuple(layers),
    )


def stack_names(config: ModelConfig, layer: int, direction: int) -> str:
    """How the weights of one layer and direction are called: `rnn.{}_l0_reverse`, to be filled in."""
    if config.objective == "masked":  # two stacks that know nothing of each other
        return f"{'rnn_reverse' if direction else 'rnn'}.{{}}_l{layer}"
    return f"rnn.{{}}_l{layer}{'_reverse' if direction else ''}"


def _trace_layer(
    weights: Mapping[str, Array],
    config: ModelConfig,
    names: str,
    x: Array,
    start: tuple[Array, ...] | None,
    *,
    backward: bool,
) -> LayerTrace:
    """One layer in one direction; `x` is (T, E), or (T,) ids that enter one-hot, in text order."""
    parts = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    w_i, w_h, b_i, b_h = (weights[names.format(part)] for part in parts)
    cell = CELLS[config.cell]
    step, nonlinearity = cell.step, config.nonlinearity
    order = slice(None, None, -1 if backward else 1)  # reading order, and from it back into text order
    x = x[order]
    # (T, G·H), all steps at once; a one-hot product picks columns, so a large vocabulary costs nothing
    entering = np.add(w_i[:, x].T if x.ndim == 1 else x @ w_i.T, b_i, order="C")
    recurring, gates = np.empty_like(entering), np.empty_like(entering)
    hidden = np.zeros((len(x) + 1, config.hidden_size), entering.dtype)  # row 0: before the first step
    memory = np.zeros_like(hidden)
    if start is not None:
        hidden[0], memory[0] = start[0], start[-1]
    for t in range(len(x)):
        np.matmul(w_h, hidden[t], out=recurring[t])
        recurring[t] += b_h
        gates[t], hidden[t + 1], memory[t + 1] = step(
            entering[t], recurring[t], hidden[t], memory[t], nonlinearity
        )

    def by_gate(joint: Array) -> dict[str, Array]:
        return dict(zip(cell.gate_names, np.split(joint[order], len(cell.gates), axis=1), strict=True))

    return LayerTrace(
        cell=config.cell,
        gates=by_gate(gates),
        hidden=hidden[1:][order],
        memory=memory[1:][order] if cell.has_memory else None,
        hidden_before=hidden[:-1][order],
        memory_before=memory[:-1][order] if cell.has_memory else None,
        entering=by_gate(entering),
        recurring=by_gate(recurring),
    )
