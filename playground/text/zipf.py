"""Zipf's law: the n-grams of a text from the commonest to the rarest."""

from __future__ import annotations

import numpy as np

from playground.config import CorpusConfig
from playground.records import RankFrequency
from playground.text.corpora import Corpus
from playground.text.ngrams import NGrams
from playground.text.prepare import tokenize
from playground.text.vocab import Vocab

_TOP = 10
_POINTS = 300
"""Points of a curve: more cannot be told apart."""
_FITTED = (10, 1_000)
"""Ranks between which the slope is taken: the commonest words before them go their own way, and after them
counts are small whole numbers."""


def rank_frequency(
    corpus: Corpus, config: CorpusConfig, orders: int = 3, *, most_bytes: int | None = None
) -> tuple[RankFrequency, ...]:
    """Rank and count of a text's 1- to n-grams. Nothing is held out, and no rare token is left out.

    Args:
        corpus: The text that is counted.
        config: How it is normalised and cut, and how many of its tokens count.
        orders: The longest n.
        most_bytes: As in `NGrams`.

    Raises:
        ConfigError: The counts take more memory.
        CorpusError: No tokens, or none after normalisation.
    """
    tokens = tokenize(corpus, config)[: config.max_tokens]
    vocab = Vocab.from_tokens(tokens, config.token_level, limit=len(tokens) + 1)
    model = NGrams(vocab.ids(tokens), len(vocab), orders, most_bytes=most_bytes)
    return tuple(_ranked(model, n, vocab) for n in range(1, orders + 1) if n <= len(tokens))


def _ranked(model: NGrams, n: int, vocab: Vocab) -> RankFrequency:
    counts = model.grams[n - 1].counts[:-1]
    order = np.argsort(-counts, kind="stable")
    ranks = np.unique(np.geomspace(1, len(counts), _POINTS).round().astype(int))
    shown = counts[order[ranks - 1]]
    names = [tuple(vocab.tokens[id] for id in model.spell(n, int(number))) for number in order[:_TOP]]
    low, high = _FITTED[0], min(_FITTED[1], len(counts))
    slope = None
    if high >= 10 * low:
        straight = (ranks >= low) & (ranks <= high)
        slope = float(np.polyfit(np.log(ranks[straight]), np.log(shown[straight]), 1)[0])
    commonest = tuple(zip(names, counts[order[:_TOP]].tolist(), strict=True))
    once = int((counts == 1).sum())
    return RankFrequency(n, int(counts.sum()), len(counts), once, ranks, shown, commonest, slope, (low, high))
