"""Continue a text, token by token."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import numpy as np

from playground.config import ModelConfig, WriteConfig
from playground.inference.sampling import bits, candidates, choose, probabilities, softmax
from playground.models.edits import Edit
from playground.models.reader import Reader
from playground.records import Array, WrittenToken

AT_ONCE = 32
"""Tokens that are told together: working out their probabilities takes the time, and is done in one go."""


class Scores(Protocol):
    """Whatever reads tokens and scores the next one."""

    def feed(self, token: int) -> Array:
        """Read one token; return the scores (V,) of the next one."""

    def feed_all(self, tokens: Sequence[int]) -> Array:
        """Read several, at least one; return the scores (V,) after the last."""


class Stepper:
    """A one-direction network that reads a token and scores the next one.

    Args:
        weights: The weights of a `LanguageModel`, by name, in float32 or float64.
        config: The settings of the network.
        edits: What is done to its units while it reads and writes.
    """

    def __init__(self, weights: Mapping[str, Array], config: ModelConfig, edits: Sequence[Edit] = ()) -> None:
        self._reader = Reader(weights, config, edits=edits)
        self._head, self._bias = weights["head.weight"], weights["head.bias"]

    def start(self) -> Array:
        """The scores (V,) of the first token, when nothing has been read."""
        return self._score(self._reader.hidden)

    @np.errstate(over="ignore", invalid="ignore")  # a relu state can grow without end: inf, as in PyTorch
    def feed(self, token: int) -> Array:
        """Read one token; return the scores (V,) of the next one."""
        return self._score(self._reader.feed(token))

    def feed_all(self, tokens: Sequence[int]) -> Array:
        """Read several, at least one; return the scores (V,) after the last."""
        self._reader.before_each(tokens[:-1])
        return self.feed(tokens[-1])

    def _score(self, hidden: Array) -> Array:
        scores: Array = self._head.dot(hidden)
        scores += self._bias
        return scores


def write(
    stepper: Scores, names: Sequence[str], prefix: Sequence[int], settings: WriteConfig
) -> Iterator[WrittenToken]:
    """Continue a prefix by `settings.length` tokens.

    The prefix warms the state up; each step then reads the one token that was chosen and never
    the text again. The same seed writes the same text. Tokens come a few at once, within milliseconds.

    Args:
        stepper: What reads and scores; it has read nothing yet.
        names: The token of each id, (V,).
        prefix: What is continued, at least one token id.
        settings: Length, temperature, top-k, top-p and seed.
    """
    rng = np.random.default_rng(settings.seed)
    greedy = settings.temperature == 0
    scores = stepper.feed_all(prefix)
    left = settings.length
    while left:
        count = min(left, AT_ONCE)
        all_scores, shaped, tokens = np.empty((count, len(scores))), np.zeros((count, len(scores))), []
        for i in range(count):
            all_scores[i] = scores
            if greedy:
                token = int(scores.argmax())
                shaped[i, token] = 1.0
            else:
                shaped[i] = probabilities(scores, settings)
                token = choose(shaped[i], rng)
            tokens.append(token)
            left -= 1
            if left:
                scores = stepper.feed(token)
        yield from _written_tokens(all_scores, shaped, tokens, names)


def _written_tokens(
    scores: Array, shaped: Array, tokens: Sequence[int], names: Sequence[str]
) -> Iterator[WrittenToken]:
    """Some tokens, each with its row of scores and of what it was chosen with, (N, V)."""
    own = softmax(scores)
    cost = bits(scores, np.array(tokens))
    places = zip(tokens, cost.tolist(), candidates(own, shaped, names, also=tokens), strict=True)
    return (WrittenToken(token, names[token], each, likeliest) for token, each, likeliest in places)
