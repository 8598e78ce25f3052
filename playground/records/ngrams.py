"""What counting n-grams tells of a text: perplexities, what follows a history, how common n-grams are."""

from __future__ import annotations

import math
from dataclasses import dataclass

from playground.arrays import Array
from playground.records.texts import TextPart


@dataclass(frozen=True)
class Ladder:
    """Perplexities of the 1-gram, the 2-gram … of a text, in this order; what a network has to beat."""

    train: tuple[float, ...]
    """On the text that was counted: a long memory knows it by heart."""
    heldout: tuple[float, ...] | None
    """On the held-out text, comparable with a run's held-out perplexity; None where nothing is held out."""
    distinct: tuple[int, ...]
    """How many different 1-grams, 2-grams … were counted."""
    vocab_size: int
    """V: the perplexity of guessing."""
    train_part: TextPart
    """What was counted."""
    heldout_part: TextPart

    @property
    def train_tokens(self) -> int:
        """How many were counted."""
        return self.train_part.tokens

    @property
    def heldout_tokens(self) -> int:
        """How many were held out."""
        return self.heldout_part.tokens

    @property
    def bits_per_character(self) -> tuple[float, ...]:
        """Of every order on the held-out text, or on what was counted where nothing is held out."""
        part, told = (
            (self.train_part, self.train) if self.heldout is None else (self.heldout_part, self.heldout)
        )
        return tuple(part.bits_per_character(math.log(value)) or 0.0 for value in told)

    @property
    def orders(self) -> tuple[int, ...]:
        """1, 2, … n."""
        return tuple(range(1, len(self.train) + 1))

    @property
    def best(self) -> int | None:
        """The order that guesses the held-out text best."""
        return None if self.heldout is None else self.heldout.index(min(self.heldout)) + 1

    def up_to(self, order: int) -> Ladder:
        """Its first rungs."""
        heldout = None if self.heldout is None else self.heldout[:order]
        return Ladder(
            self.train[:order],
            heldout,
            self.distinct[:order],
            self.vocab_size,
            self.train_part,
            self.heldout_part,
        )


@dataclass(frozen=True)
class Follower:
    """A token that could come next."""

    token: str
    count: int
    """How often it did after this history."""
    probability: float
    """After smoothing."""


@dataclass(frozen=True)
class Followers:
    """What came after a history, and what an n-gram makes of it."""

    history: tuple[str, ...]
    """What the n-gram goes by: at most the last n - 1 tokens."""
    seen: int
    """How often the history was followed by something."""
    kinds: int
    """By how many different tokens."""
    known: int
    """How many of its last tokens were ever seen together; a longer history tells nothing."""
    likeliest: tuple[Follower, ...]
    """By probability."""

    @property
    def trust(self) -> float:
        """From 0 to 1: what its own counts weigh beside the shorter history, by Witten and Bell."""
        return self.seen / (self.seen + self.kinds) if self.seen else 0.0


@dataclass(frozen=True)
class RankFrequency:
    """The n-grams of a text from the commonest to the rarest."""

    n: int
    total: int
    distinct: int
    once: int
    """How many of them come a single time."""
    ranks: Array
    """1 … distinct, thinned to what a logarithmic axis can show."""
    counts: Array
    """Of each of these ranks."""
    commonest: tuple[tuple[tuple[str, ...], int], ...]
    """The first ones and their counts."""
    slope: float | None
    """How the counts fall on logarithmic axes, by least squares; Zipf: about -1. None with too few ranks."""
    fitted: tuple[int, int]
    """The ranks between which the slope was taken."""
