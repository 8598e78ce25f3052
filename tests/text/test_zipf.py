"""Rank and frequency."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from playground.config import CorpusConfig
from playground.errors import CorpusError
from playground.text.corpora import Corpus
from playground.text.zipf import rank_frequency
from tests.helpers import some_text


def of(text: str, **settings: object):
    return rank_frequency(Corpus("x", "x", text), CorpusConfig(**{"token_level": "word"} | settings))


def test_the_time_machine_has_d2ls_counts(time_machine):
    words = CorpusConfig(token_level="word", normalize="letters")
    singles, pairs, triples = (dict(ranking.commonest) for ranking in rank_frequency(time_machine, words))
    assert list(singles.items())[:3] == [(("the",), 2261), (("i",), 1267), (("and",), 1245)]
    assert next(iter(pairs.items())) == (("of", "the"), 309)
    assert next(iter(triples.items())) == (("the", "time", "traveller"), 59)


def test_words_of_the_time_machine_fall_by_zipfs_law_and_longer_ngrams_more_slowly(time_machine):
    words = CorpusConfig(token_level="word", normalize="letters")
    slopes = [ranking.slope for ranking in rank_frequency(time_machine, words)]
    assert slopes == sorted(slopes)
    assert slopes[0] == pytest.approx(-1, abs=0.05)


@pytest.mark.parametrize("level", ["word", "char"])
def test_all_that_stands_in_a_text_is_counted(level):
    text = some_text(900)
    tokens = text.split() if level == "word" else list(text)
    for ranking in of(text, token_level=level):
        counted = Counter(tuple(tokens[i : i + ranking.n]) for i in range(len(tokens) - ranking.n + 1))
        falling = sorted(counted.values(), reverse=True)
        assert (ranking.total, ranking.distinct) == (sum(falling), len(falling))
        assert ranking.once == falling.count(1)
        assert [n for _, n in ranking.commonest] == falling[:10]
        assert all(counted[gram] == n for gram, n in ranking.commonest)
        assert ranking.counts.tolist() == [falling[rank - 1] for rank in ranking.ranks.tolist()]
        assert (ranking.ranks[0], ranking.ranks[-1]) == (1, len(falling))


def test_a_curve_has_few_points_however_many_words_there_are():
    rng = np.random.default_rng(0)
    ranking = of(" ".join(map(str, rng.zipf(1.4, 30_000))), held_out=0.5, max_vocab=2)[2]
    assert ranking.total == 29_998  # nothing is held out, and no token is too rare
    assert ranking.distinct > 5_000
    assert len(ranking.ranks) <= 300


def test_equally_common_words_lie_on_a_level_line():
    (ranking, *_) = of(" ".join(map(str, range(500))))
    assert ranking.slope == pytest.approx(0, abs=1e-9)
    assert ranking.fitted == (10, 500)


def test_too_few_ranks_have_no_slope():
    assert of("tide clock tide")[0].slope is None


@pytest.mark.parametrize(("text", "orders"), [("tide", 1), ("tide clock", 2), ("a a a", 3)])
def test_a_text_of_few_tokens_has_only_short_ngrams(text, orders):
    assert [ranking.n for ranking in of(text)] == list(range(1, orders + 1))


def test_only_the_first_tokens_count_when_asked_so():
    assert of(some_text(3_000), max_tokens=100)[0].total == 100


def test_a_text_without_tokens_is_told():
    with pytest.raises(CorpusError, match="no tokens"):
        of(" \n")
