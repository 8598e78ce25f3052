"""Score every token of a text without looking at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from playground.config import ModelConfig
from playground.inference.sampling import bits, candidates, softmax
from playground.models.reader import Reader
from playground.records import Accuracy, Array, Candidate, SurpriseTrace

_ROWS = 256
"""Places whose scores are held at once: a large vocabulary has thousands a place."""


def surprise(
    weights: Mapping[str, Array],
    config: ModelConfig,
    ids: Sequence[int],
    *,
    tokens: Sequence[str],
    known: Sequence[bool],
    names: Sequence[str],
) -> SurpriseTrace:
    """What each token of a text costs a network, in bits, and what it would have said there.

    A one-direction network goes by what stands before a token, one with `objective=masked` by
    what stands on both sides of it.

    Args:
        weights: The weights of a `LanguageModel`, by name.
        config: The settings of the network; not those of the trap.
        ids: T token ids, at least one.
        tokens: The same text as it was written, (T,).
        known: False where `<unk>` stands for a token, (T,).
        names: The token of each id, (V,).
    """
    wanted = np.asarray(ids)
    cost: list[float] = []
    likeliest: list[tuple[Candidate, ...]] = []
    for scores in _rows(weights, config, ids):
        own = softmax(scores)
        cost += bits(scores, wanted[len(cost) : len(cost) + len(scores)]).tolist()
        likeliest += candidates(own, own, names)
    if config.objective == "next":  # nothing stands before the first
        cost[0], likeliest[0] = np.nan, ()
    return SurpriseTrace(tuple(tokens), tuple(known), np.array(cost), tuple(likeliest))


def accuracy(
    weights: Mapping[str, Array], config: ModelConfig, ids: Sequence[int], *, unknown: int
) -> Accuracy:
    """How often the likeliest token is the right one.

    The two ends, which lack a side, do not count, nor do tokens that nobody could name.

    Args:
        weights: The weights of a `LanguageModel`, by name.
        config: The settings of the network; not those of the trap.
        ids: T token ids.
        unknown: The id that stands for every unknown token.
    """
    guesses = [int(scores.argmax()) for scores in predictions(weights, config, ids)]
    counted = [(guess, id) for guess, id in zip(guesses[1:-1], ids[1:-1], strict=True) if id != unknown]
    return Accuracy(sum(guess == id for guess, id in counted), len(counted))


def predictions(weights: Mapping[str, Array], config: ModelConfig, ids: Sequence[int]) -> Iterator[Array]:
    """The scores (V,) of each place, from all that the network may see there, never the token itself."""
    for rows in _rows(weights, config, ids):
        yield from rows


def _rows(weights: Mapping[str, Array], config: ModelConfig, ids: Sequence[int]) -> Iterator[Array]:
    """As `predictions`, some places at once, (N, V)."""
    states = Reader(weights, config).before_each(ids)
    if config.objective == "masked":
        right = Reader(weights, config, "rnn_reverse").before_each(ids[::-1])[::-1]
        states = np.concatenate([states, right], axis=1)
    head, bias = weights["head.weight"].T, weights["head.bias"]
    for start in range(0, len(states), _ROWS):
        with np.errstate(over="ignore", invalid="ignore"):  # the states of relu can be infinite
            scores = states[start : start + _ROWS] @ head + bias
        yield scores
