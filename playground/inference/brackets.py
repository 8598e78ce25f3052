"""What a network remembers of an opening bracket when its closing one is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from playground.config import ModelConfig
from playground.models.backward import backpropagate
from playground.models.gates import trace_gates
from playground.records import Array, Recall

_FAR = 20
"""Tokens between two brackets from which on the opening one's influence is told."""
_LEADS = 24
"""Leads that the influence is a median of."""


def recall(
    weights: Mapping[str, Array],
    config: ModelConfig,
    ids: Sequence[int],
    *,
    pairs: Sequence[tuple[int, int]],
    kinds: Sequence[int],
) -> Recall:
    """Ask at every closing bracket which of its kinds the network holds for likeliest.

    When it comes is not asked: nobody can know. The influence of the opening bracket is that on the right
    kind's lead, its score less the mean of the other kinds' scores, which, unlike a loss, does
    not vanish when a network is sure.

    Args:
        weights: The weights of a `LanguageModel`, by name.
        config: The settings of the network; one direction.
        ids: The text, T token ids.
        pairs: Where an opening bracket and its closing one stand, at least one.
        kinds: Ids of all closing brackets, the right ones of `pairs` among them.
    """
    every = np.asarray(kinds)
    opening, closing = np.array(pairs).T
    wanted = np.asarray(ids)[closing]
    top = trace_gates(weights, config, ids).layers[-1][0].hidden
    scores = top[closing - 1] @ weights["head.weight"][every].T + weights["head.bias"][every]  # (N, kinds)
    right = every[scores.argmax(axis=1)] == wanted
    far = np.flatnonzero(closing - opening > _FAR)[:_LEADS]
    return Recall(
        distances=closing - opening - 1,
        right=right,
        influence=_influence(weights, config, ids, opening[far], closing[far], every) if len(far) else None,
    )


def _influence(
    weights: Mapping[str, Array],
    config: ModelConfig,
    ids: Sequence[int],
    opening: Array,
    closing: Array,
    kinds: Array,
) -> float:
    """Of the opening brackets as parts of the newest tokens'; the median."""
    head = weights["head.weight"]
    begin = int(opening[0])  # what stands before it changes nothing that is asked
    state = None
    if begin:
        before = trace_gates(weights, config, ids[:begin]).layers
        state = (
            np.stack([layer.hidden[-1] for (layer,) in before]),
            np.stack([(layer.hidden if layer.memory is None else layer.memory)[-1] for (layer,) in before]),
        )
    trace = trace_gates(weights, config, ids[begin : closing[-1]], state=state)
    rows, at = np.arange(len(closing)), closing - 1 - begin
    seeds = np.zeros((len(rows), closing[-1] - begin, head.shape[1]), head.dtype)
    for row, id in enumerate(np.asarray(ids)[closing]):
        seeds[row, at[row]] = head[id] - head[kinds[kinds != id]].mean(axis=0)
    by_input = backpropagate(weights, config, trace, seeds)[0][0].input.astype(np.float64)
    norms = np.linalg.norm(by_input, axis=2)  # (N, T)
    return float(np.median(norms[rows, opening - begin] / norms[rows, at]))
