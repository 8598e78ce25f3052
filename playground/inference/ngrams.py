"""What an n-gram model does: it writes, is surprised, and knows what came after a history."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from playground.inference.sampling import candidates
from playground.records import Array, Candidate, Follower, Followers, SurpriseTrace
from playground.text.ngrams import NGrams

_CELLS = 1_000_000
"""Probabilities that are held at once: a large vocabulary has thousands a place."""


class NGramStepper:
    """Reads tokens and scores the next one, as a network's `Stepper` does, so that `write` can use either.

    Args:
        model: The counts of a text.
        order: The n of the n-grams.
    """

    def __init__(self, model: NGrams, order: int) -> None:
        self._model, self._order = model, order
        self._history = model.history([])

    def feed(self, token: int) -> Array:
        """Read one token; return ln P of every next one, (V,)."""
        self._history = self._model.read(self._history, token)
        scores: Array = np.log(self._model.distribution(self._history, self._order))
        return scores

    def feed_all(self, tokens: Sequence[int]) -> Array:
        """Read several, at least one; return ln P of every next one, (V,)."""
        self._history = self._model.history(tokens[:-1])
        return self.feed(tokens[-1])


def ngram_surprise(
    model: NGrams,
    order: int,
    ids: Sequence[int],
    *,
    tokens: Sequence[str],
    known: Sequence[bool],
    names: Sequence[str],
) -> SurpriseTrace:
    """What each token of a text costs an n-gram, in bits, and what it would have said there.

    The first token is not counted, as a network that has read nothing does not count it: so the two compare.

    Args:
        model: The counts of a text.
        order: The n of the n-grams.
        ids: T token ids, at least one.
        tokens: The same text as it was written, (T,).
        known: False where `<unk>` stands for a token, (T,).
        names: The token of each id, (V,).
    """
    bits = -np.log2(model.probabilities(ids)[order - 1])
    bits[0] = np.nan
    likeliest: list[tuple[Candidate, ...]] = [()]
    rows: list[Array] = []
    history = model.history([])
    for id in ids[:-1]:
        history = model.read(history, id)
        rows.append(model.distribution(history, order))
        if len(rows) * model.vocab_size >= _CELLS:
            likeliest += candidates(np.array(rows), np.array(rows), names)
            rows = []
    if rows:
        likeliest += candidates(np.array(rows), np.array(rows), names)
    return SurpriseTrace(tuple(tokens), tuple(known), bits, tuple(likeliest))


def followers(
    model: NGrams,
    order: int,
    ids: Sequence[int],
    *,
    tokens: Sequence[str],
    names: Sequence[str],
    most: int = 10,
) -> Followers:
    """What came after a history, how often, and what an n-gram makes of it.

    Args:
        model: The counts of a text.
        order: The n of the n-grams.
        ids: The token ids that were read; no more than the last n - 1 count.
        tokens: The same tokens as they were written.
        names: The token of each id, (V,).
        most: Tokens that are told, the likeliest first.
    """
    used = min(order - 1, len(ids))
    history = model.history(ids[len(ids) - used :])
    followed, counts = model.followers(history, used + 1)
    counted = dict(zip(followed.tolist(), counts.tolist(), strict=True))
    p = model.distribution(history, order)
    likeliest = np.argsort(-p, kind="stable")[:most].tolist()
    return Followers(
        history=tuple(tokens[len(tokens) - used :]),
        seen=sum(counted.values()),
        kinds=len(counted),
        known=len(history) - 1,
        likeliest=tuple(Follower(names[id], counted.get(id, 0), float(p[id])) for id in likeliest),
    )
