"""What a network wrote, and how surprised it was by a text."""

from __future__ import annotations

from dataclasses import dataclass

from playground.records.gates import Array


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
    """At most five, by the network's own probability."""


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
    def mean_bits(self) -> float:
        """Bits a token: the cross-entropy; NaN for a single token."""
        counted = self.bits[self.bits == self.bits]
        return float(counted.mean()) if len(counted) else float("nan")

    @property
    def perplexity(self) -> float:
        """2 to the mean of the bits; NaN for a single token."""
        return float(2.0**self.mean_bits)


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
    """For each blank in text order, likeliest first."""

    @property
    def blanks(self) -> tuple[int, ...]:
        """Their positions."""
        return tuple(i for i, token in enumerate(self.tokens) if token is None)


@dataclass(frozen=True)
class Leak:
    """A trap's next-token predictions over a sentence, with and without the answer in sight; arrays are (T - 1,)."""

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
