"""What a network wrote, and how surprised it was by a text."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from playground.arrays import Array


@dataclass(frozen=True)
class Candidate:
    """A token that could stand at a place."""

    token: str
    own: float
    """The network's own probability."""
    probability: float
    """After temperature, top-k and top-p: what the choice is made with."""


@dataclass(frozen=True)
class WrittenToken:
    """One token of a generation."""

    id: int
    token: str
    bits: float
    """-log2 of the network's own probability: how surprising the choice was."""
    likeliest: tuple[Candidate, ...]
    """At most five, by the network's own probability; then the chosen one, where it is not among them."""


@dataclass(frozen=True)
class SurpriseTrace:
    """What each token of a text cost a network."""

    tokens: tuple[str, ...]
    known: tuple[bool, ...]
    """False where the network read `<unk>`."""
    bits: Array
    """(T,): -log2 of the probability that the network gave each token; NaN where it had nothing to go by."""
    likeliest: tuple[tuple[Candidate, ...], ...]
    """The five likeliest tokens at each place; empty where `bits` is NaN."""

    @property
    def counted(self) -> int:
        """T: how many tokens were predicted."""
        return int((~np.isnan(self.bits)).sum())

    @property
    def total_bits(self) -> float:
        """-log2 of the product of the probabilities."""
        return float(np.nansum(self.bits))

    @property
    def mean_bits(self) -> float:
        """Bits a token: the cross-entropy; NaN for a single token."""
        return self.total_bits / self.counted if self.counted else float("nan")

    @property
    def perplexity(self) -> float:
        """2 to the mean of the bits, infinite where a float cannot hold it; NaN for a single token."""
        with np.errstate(over="ignore"):
            return float(np.exp2(self.mean_bits))

    @property
    def probabilities(self) -> Array:
        """(T,), NaN where there was nothing to go by."""
        probabilities: Array = np.exp2(-self.bits)
        return probabilities

    @property
    def running_bits(self) -> Array:
        """(T,): the sum so far."""
        sums: Array = np.nancumsum(self.bits)
        return sums

    @property
    def dearest(self) -> int:
        """The place of the token that cost most; at least one must have been predicted."""
        return int(np.nanargmax(self.bits))

    def with_probability(self, at: int, p: float) -> SurpriseTrace:
        """The same text, had one token been given another probability.

        Args:
            at: The place of the token, from 0.
            p: Its new probability: from 0, which costs infinitely many bits, to 1.
        """
        bits = self.bits.copy()
        with np.errstate(divide="ignore"):
            bits[at] = -np.log2(p) + 0.0  # no minus zero
        return replace(self, bits=bits)


@dataclass(frozen=True)
class Accuracy:
    """How often the likeliest token was the right one."""

    right: int
    of: int

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.right / self.of

    def points_above(self, other: Accuracy) -> float:
        """Percentage points more than another."""
        return 100 * (self.share - other.share)


@dataclass(frozen=True)
class Cloze:
    """A sentence with blanks, and what a network would put into them."""

    tokens: tuple[str | None, ...]
    """None is a blank."""
    known: tuple[bool, ...]
    """False where the network read `<unk>` for a token."""
    fills: tuple[tuple[Candidate, ...], ...]
    """For each blank in text order, likeliest first; then the token that was hidden, where it is not among them."""

    @property
    def blanks(self) -> tuple[int, ...]:
        """Their positions."""
        return tuple(i for i, token in enumerate(self.tokens) if token is None)


@dataclass(frozen=True)
class Leak:
    """A trap's next-token predictions over a sentence, with and without the answer in sight.

    Arrays are (T - 1,): nothing is predicted before the first token.
    """

    tokens: tuple[str, ...]
    """The sentence; prediction i is of token i + 1."""
    bits: Array
    """With the sentence as it is."""
    scrambled: Array
    """With everything after the place of prediction replaced at random."""
    copies: float
    """How often, from 0 to 1, the network then predicts whatever has been put there."""

    @property
    def perplexity(self) -> float:
        """Of the sentence as it is."""
        return float(2.0 ** self.bits.mean())

    @property
    def scrambled_perplexity(self) -> float:
        """Of the same tokens with the answer out of sight."""
        return float(2.0 ** self.scrambled.mean())


@dataclass(frozen=True)
class FeatureMap:
    """The states of a sentence's tokens on a plane: the first two principal components."""

    points: Array
    """(T, 2)."""
    explained: tuple[float, float]
    """Part of the whole variance along each axis, from 0 to 1."""
    kinds: tuple[str, ...]
    """Of each token: vowel, consonant, letter, word, digit, space, mark or unknown."""
