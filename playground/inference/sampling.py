"""Scores → probabilities → a choice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from playground.config import WriteConfig
from playground.errors import ConfigError
from playground.records import Array, Candidate

TOLD = 5
"""Candidates that are told of a place."""
_FEW = 200
"""Tokens that are sorted sooner than searched."""


def probabilities(scores: Array, settings: WriteConfig) -> Array:
    """What a token is chosen with.

    Args:
        scores: The network's scores, (V,), any real numbers.
        settings: Temperature first, then top-k, then top-p of what is left.

    Returns:
        (V,) in float64, summing to 1. Temperature 0: all on the first of the highest scores.

    Source: Fan et al. 2018 (top-k); Holtzman et al. 2020 (top-p).
    """
    if settings.temperature == 0:
        chosen = np.zeros(len(scores))
        chosen[int(scores.argmax())] = 1.0
        return chosen
    p = softmax(scores, settings.temperature)
    if settings.top_k is not None and settings.top_k < len(p):
        p = _keep(p, np.argsort(-p, kind="stable")[: settings.top_k])
    if settings.top_p is not None:
        order = np.argsort(-p, kind="stable")
        reached = np.searchsorted(np.cumsum(p[order]), settings.top_p * (1 - 1e-12)) + 1
        p = _keep(p, order[:reached])
    return p


@np.errstate(over="ignore")  # a temperature near 0 makes of a gap an infinite one
def softmax(scores: Array, temperature: float = 1.0) -> Array:
    """(…, V) scores → (…, V) probabilities in float64; no score is too large for it.

    Raises:
        ConfigError: The scores are no numbers: the network has diverged.
    """
    highest = scores.max(axis=-1, keepdims=True)
    require_numbers(highest)
    p: Array = scores.astype(np.float64)
    p -= highest
    if temperature != 1.0:
        p /= temperature
    np.exp(p, out=p)
    p /= p.sum(axis=-1, keepdims=True)  # at least 1: the highest has exp(0)
    return p


def require_numbers(scores: Array) -> None:
    """Raise ConfigError when a score is infinite or none: the network has diverged."""
    if not np.isfinite(scores).all():
        raise ConfigError(
            "The network's scores are no numbers any more: it has diverged. Choose an earlier checkpoint."
        )


def bits(scores: Array, wanted: Array) -> Array:
    """-log2 of the wanted tokens' probabilities, exact also where those are too small for a number.

    Args:
        scores: The scores of N places, (N, V).
        wanted: The token ids at these places, (N,).
    """
    shifted = scores.astype(np.float64) - scores.max(axis=1, keepdims=True)
    nats: Array = np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(wanted)), wanted]
    cost: Array = nats / np.log(2)
    return cost


def choose(p: Array, rng: np.random.Generator) -> int:
    """Draw one token by its probability; one number a token, so that a seed writes the same text."""
    at = int(p.cumsum().searchsorted(rng.random(), side="right"))
    return at if at < len(p) else int(p.nonzero()[0][-1])  # rounding may leave the sum below 1


def candidates(
    own: Array,
    shaped: Array,
    names: Sequence[str],
    most: int = TOLD,
    also: Sequence[int | None] | None = None,
) -> list[tuple[Candidate, ...]]:
    """The likeliest tokens of each place, by the network's own probability; of equal ones the lower id first.

    Args:
        own: The network's own probabilities of N places, (N, V).
        shaped: The probabilities that are chosen with, (N, V).
        names: The token of each id, (V,).
        most: Candidates a place.
        also: A token a place, (N,), that follows them where it is not among them; None for none.
    """
    first = _highest(own, min(most, own.shape[1]))  # (N, most)
    rows = np.arange(len(own))[:, None]
    places = zip(first.tolist(), own[rows, first].tolist(), shaped[rows, first].tolist(), strict=True)
    told = [tuple([Candidate(names[i], p, q) for i, p, q in zip(*place, strict=True)]) for place in places]
    for row, token in enumerate(also or ()):
        if token is not None and token not in first[row]:
            told[row] += (Candidate(names[token], float(own[row, token]), float(shaped[row, token])),)
    return told


def _highest(own: Array, most: int) -> Array:
    """(N, V) → ids of the highest in order, (N, most)."""
    if own.shape[1] <= _FEW:
        return np.argsort(-own, axis=1, kind="stable")[:, :most]
    least = np.partition(own, -most, axis=1)[:, -most]
    highest = np.empty((len(own), most), np.int64)
    for row, (place, low) in enumerate(zip(own, least, strict=True)):
        among = np.flatnonzero(place >= low)  # with all that are equal to the last
        highest[row] = among[np.argsort(-place[among], kind="stable")[:most]]
    return highest


def _keep(p: Array, tokens: Array) -> Array:
    kept = np.zeros_like(p)
    kept[tokens] = p[tokens]
    kept /= kept.sum()
    return kept
