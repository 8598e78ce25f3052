"""How far back a loss reaches: gradients of a prediction by what stood k tokens before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from playground.cells import CELLS
from playground.config import ModelConfig
from playground.inference.sampling import softmax
from playground.inference.surprise import predictions
from playground.models.backward import backpropagate
from playground.models.gates import trace_gates
from playground.records import Array, LayerReach, Reach, RecurrentMatrix


@np.errstate(over="ignore", invalid="ignore")  # a diverged network's are beyond what a number holds
def reach(
    weights: Mapping[str, Array],
    config: ModelConfig,
    ids: Sequence[int],
    *,
    furthest: int,
    positions: int = 32,
) -> Reach:
    """‖∂loss_t/∂·_{t−k}‖ for k = 0 … K in every layer, averaged over positions of a text.

    Args:
        weights: The weights of a `LanguageModel`, by name.
        config: The settings of the network; one direction.
        ids: T token ids, T ≥ K + 2.
        furthest: K, the most tokens back.
        positions: The places that are averaged over, at most; they are spread evenly over those that have K
            tokens before and one after them.
    """
    trace = trace_gates(weights, config, ids[:-1])
    steps = len(ids) - 1
    at = np.unique(np.linspace(furthest, steps - 1, min(positions, steps - furthest)).round().astype(int))
    top = trace.layers[-1][0].hidden
    slopes = np.stack(
        [_slope(top[t] @ weights["head.weight"].T + weights["head.bias"], ids[t + 1]) for t in at]
    )
    seeds = np.zeros((len(at), steps, top.shape[1]), top.dtype)
    seeds[np.arange(len(at)), at] = slopes @ weights["head.weight"]
    rows, back = np.arange(len(at))[:, None], at[:, None] - np.arange(furthest + 1)  # (P, K + 1)

    def mean(values: Array) -> Array:
        """(P, T, ·) → (K + 1,)."""
        # in float64: squares of small numbers leave float32 long before the numbers do
        norms: Array = np.linalg.norm(values[rows, back].astype(np.float64), axis=2).mean(axis=0)
        return norms

    layers = [layer for (layer,) in backpropagate(weights, config, trace, seeds)]
    return Reach(
        tuple(
            LayerReach(
                mean(layer.input), mean(layer.state), None if layer.memory is None else mean(layer.memory)
            )
            for layer in layers
        ),
        len(at),
    )


@np.errstate(over="ignore", invalid="ignore")
def connectivity(weights: Mapping[str, Array], config: ModelConfig, ids: Sequence[int]) -> Array:
    """‖∂logit_t/∂x_s‖ for every pair of places of a sentence, (T, T): row t, column s.

    The logit is that of the token that the network thinks likeliest: the one after t, or with
    `objective=masked` t's own.

    Args:
        weights: The weights of a `LanguageModel`, by name.
        config: The settings of the network. With one direction nothing stands above the diagonal, with two
            both triangles are filled, and with `objective=masked` the diagonal is empty.
        ids: T token ids.

    Source: Madsen 2019, distill.pub/2019/memorization-in-rnns (connectivity).
    """
    trace = trace_gates(weights, config, ids)
    top = np.concatenate([direction.hidden for direction in trace.layers[-1]], axis=1)
    head, size, every = weights["head.weight"], config.hidden_size, np.arange(len(ids))
    seeds = np.zeros((len(ids), *top.shape), top.dtype)
    if config.objective == "masked":  # what stands before a token, and what comes after it
        likeliest = [int(scores.argmax()) for scores in predictions(weights, config, ids)]
        seeds[every[1:], every[:-1], :size] = head[likeliest[1:], :size]
        seeds[every[:-1], every[1:], size:] = head[likeliest[:-1], size:]
    else:
        likeliest = (top @ head.T + weights["head.bias"]).argmax(axis=1).tolist()
        seeds[every, every] = head[likeliest]
    directions = backpropagate(weights, config, trace, seeds)[0]
    by_input = directions[0].input if len(directions) == 1 else directions[0].input + directions[1].input
    norms: Array = np.linalg.norm(by_input.astype(np.float64), axis=2)
    return norms


def recurrent_matrices(weights: Mapping[str, Array], config: ModelConfig) -> list[RecurrentMatrix]:
    """The largest eigenvalue and singular value of every block of recurrent weights; the first direction's.

    Args:
        weights: The weights of a `LanguageModel`, by name.
        config: The settings of the network.
    """
    matrices = []
    for layer in range(config.num_layers):
        joint = weights[f"rnn.weight_hh_l{layer}"].astype(np.float64)
        names = CELLS[config.cell].gate_names
        for block, matrix in zip(names, np.split(joint, len(names)), strict=True):
            eigenvalue = float(np.abs(np.linalg.eigvals(matrix)).max())
            matrices.append(RecurrentMatrix(layer, block, eigenvalue, float(np.linalg.norm(matrix, 2))))
    return matrices


def _slope(scores: Array, wanted: int) -> Array:
    """The loss (nats) by the scores, (V,)."""
    slope = softmax(scores).astype(scores.dtype)
    slope[wanted] -= 1
    return slope
