"""n-grams with Witten-Bell smoothing."""

from __future__ import annotations

import time
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from playground.config import CorpusConfig
from playground.errors import ConfigError, CorpusError
from playground.records import Ladder, TextPart
from playground.text.corpora import Corpus
from playground.text.ngrams import NGrams, count, ladder
from playground.text.prepare import prepare
from tests.helpers import some_text

V = 5
ids_of = st.lists(st.integers(0, V - 1), max_size=60)


def naive(text: list[int], order: int, history: list[int], token: int) -> float:
    """Witten and Bell's formula, word for word, from counters."""
    p = 1 / V
    for k in range(order):
        if k > len(history):
            break
        h = tuple(history[len(history) - k :])
        after = Counter(text[i + k] for i in range(len(text) - k) if tuple(text[i : i + k]) == h)
        if after:
            seen, kinds = sum(after.values()), len(after)
            p = (after[token] + kinds * p) / (seen + kinds)
    return p


@given(text=ids_of, other=ids_of, orders=st.integers(1, 5))
def test_every_probability_is_that_of_the_formula(text, other, orders):
    result = NGrams(text, V, orders).probabilities(other)
    wanted = [[naive(text, n, other[:t], other[t]) for t in range(len(other))] for n in range(1, orders + 1)]
    assert_allclose(result, np.reshape(wanted, (orders, len(other))), rtol=1e-12)


@given(text=ids_of, read=ids_of, order=st.integers(1, 4))
def test_after_any_history_the_probabilities_are_above_0_sum_to_1_and_are_those_of_a_text(text, read, order):
    model = NGrams(text, V, 4)
    p = model.distribution(model.history(read), order)
    assert p.min() > 0
    assert p.sum() == pytest.approx(1)
    assert_allclose(p, [model.probabilities([*read, id])[order - 1, -1] for id in range(V)], rtol=1e-12)


@given(text=ids_of, read=ids_of)
def test_a_history_read_token_by_token_is_the_same_history(text, read):
    model = NGrams(text, V, 4)
    history = model.history([])
    for id in read:
        history = model.read(history, id)
    assert history == model.history(read)


@given(text=ids_of, read=st.lists(st.integers(0, V - 1), max_size=4), order=st.integers(1, 4))
def test_what_followed_is_counted(text, read, order):
    model = NGrams(text, V, 4)
    result = model.followers(model.history(read), order)
    h = read[len(read) - (order - 1) :] if order > 1 else []
    wanted = Counter(
        text[i + order - 1]
        for i in range(len(text) - order + 1)
        if len(h) == order - 1 and text[i : i + order - 1] == h
    )
    assert dict(zip(*(values.tolist() for values in result), strict=True)) == wanted


@given(text=ids_of.filter(len), n=st.integers(1, 4))
def test_every_ngram_is_counted_once_under_its_own_number(text, n):
    model = NGrams(text, V, 4)
    grams = model.grams[n - 1]
    result = {model.spell(n, i): int(grams.counts[i]) for i in range(len(grams))}
    assert result == Counter(tuple(text[i : i + n]) for i in range(len(text) - n + 1))


def test_ids_of_a_large_vocabulary_do_not_run_into_each_other():
    rng = np.random.default_rng(3)
    text = rng.integers(50_000, size=3_000).tolist() * 2
    model = NGrams(text, 50_000, 7)
    assert [len(grams) for grams in model.grams[2:]] == [3_000] * 5
    assert model.spell(7, 5) in {tuple(text[i : i + 7]) for i in range(3_001)}


def test_a_long_memory_knows_by_heart_what_it_has_read_and_guesses_worse_what_it_has_not():
    rng = np.random.default_rng(0)
    text = prepare(Corpus("x", "x", "".join(rng.choice(list("abcdefgh"), 3_000))), CorpusConfig(held_out=0.2))
    result = ladder(text, count(text))
    assert list(result.train) == sorted(result.train, reverse=True)
    assert result.train[-1] < 2
    assert result.best == 1
    assert result.heldout[0] == pytest.approx(8, abs=0.2)  # there is nothing to learn
    assert result.heldout[-1] > 12


def test_a_text_of_one_symbol_after_the_other_is_known_with_a_memory_of_one():
    text = prepare(Corpus("x", "x", "abcd" * 500), CorpusConfig())
    result = ladder(text, count(text, 3))
    assert result.heldout[0] == pytest.approx(4, abs=0.02)
    assert result.heldout[1] == pytest.approx(1, abs=0.02)


def test_the_first_token_of_the_held_out_text_is_read_and_nothing_before_it():
    text = prepare(Corpus("x", "x", some_text(400)), CorpusConfig())
    model = count(text)
    whole = model.probabilities(text.heldout)[:, 1:]
    result = ladder(text, model)
    assert_allclose(result.heldout, np.exp(-np.log(whole).mean(axis=1)))
    assert (result.train_tokens, result.heldout_tokens, result.vocab_size) == (360, 40, len(text.vocab))
    assert np.ptp(whole[1:, 0]) == 0  # from the 2-gram on, the second token goes by the first alone


@pytest.mark.parametrize("settings", [{"held_out": 0.0}, {"held_out": 0.0, "token_level": "word"}])
def test_without_held_out_text_there_is_no_held_out_ladder(settings):
    text = prepare(Corpus("x", "x", some_text(300)), CorpusConfig(**settings))
    result = ladder(text, count(text))
    assert (result.heldout, result.best) == (None, None)
    assert result.orders == (1, 2, 3, 4, 5, 6, 7)


def test_too_short_a_text_is_told():
    text = prepare(Corpus("x", "Short", "a"), CorpusConfig(held_out=0))
    with pytest.raises(CorpusError, match="'Short' has 1 training tokens; n-grams need at least 2"):
        count(text)


def test_a_ladder_can_be_cut():
    result = Ladder(
        (9.0, 4.0, 2.0), (9.0, 5.0, 4.0), (3, 8, 9), 10, TextPart(100, 100, 0), TextPart(10, 10, 0)
    )
    assert (result.best, result.up_to(2).best, result.up_to(2).orders) == (3, 2, (1, 2))
    assert result.up_to(1).distinct == (3,)


def test_the_time_machine_has_the_known_ladder(time_machine):
    """Words of neighbouring lines apart: 173,427 characters."""
    text = prepare(time_machine, CorpusConfig(normalize="spaced"))
    assert len(text.train) + len(text.heldout) == 173_427
    result = ladder(text, count(text))
    assert_allclose(result.heldout, [16.73, 9.60, 6.38, 4.63, 4.09, 4.16, 4.46], atol=0.02)
    assert result.best == 5


@pytest.mark.parametrize(
    ("settings", "ladder_of"),
    [
        ({}, [17.06, 10.00, 6.86, 5.15, 4.69, 4.88, 5.29]),
        ({"max_tokens": 10_000}, [17.41, 10.60, 8.62, 8.75, 9.79, 10.66, 11.34]),
        ({"max_tokens": 10_000, "normalize": "spaced"}, [17.18, 9.96, 7.40, 7.14, 7.83, 8.52, 9.06]),
    ],
)
def test_the_time_machine_as_d2l_joins_its_lines_is_harder(time_machine, settings, ladder_of):
    text = prepare(time_machine, CorpusConfig(**{"normalize": "letters", **settings}))
    assert_allclose(ladder(text, count(text)).heldout, ladder_of, atol=0.01)


def test_starting_anew_at_each_row_of_a_batch_changes_little(time_machine):
    """The rows in which `training.metrics.evaluate` lays 17,058 tokens."""
    text = prepare(time_machine, CorpusConfig(normalize="letters"))
    model, rows = count(text), 32
    per_row = (len(text.heldout) - 1) // rows
    parts = [text.heldout[i * per_row : (i + 1) * per_row + 1] for i in range(rows)]
    result = np.concatenate([np.log(model.probabilities(part))[:, 1:] for part in parts], axis=1)
    assert_allclose(np.exp(-result.mean(axis=1)), ladder(text, model).heldout, atol=0.02)


def test_the_whole_book_is_counted_within_two_seconds(time_machine):
    text = prepare(time_machine, CorpusConfig(normalize="letters"))
    began = time.process_time()
    ladder(text, count(text))
    assert time.process_time() - began < 2


def perplexity_by_counting(text: list[int], order: int) -> float:
    """Of a text on itself, from the formula."""
    costs = [-np.log(naive(text, order, text[:t], text[t])) for t in range(1, len(text))]
    return float(np.exp(np.mean(costs)))


@given(text=st.lists(st.integers(0, V - 1), min_size=2, max_size=40), orders=st.integers(1, 7))
def test_what_a_text_costs_itself_falls_out_of_the_counting(text, orders):
    losses = NGrams(text, V, orders).losses
    wanted = [perplexity_by_counting(text, n) for n in range(1, orders + 1)]
    assert_allclose(np.exp(losses), wanted, rtol=1e-9)


@given(text=ids_of, orders=st.integers(1, 7), wide=st.booleans())
def test_the_counts_are_those_of_a_counter(text, orders, wide):
    model = NGrams(text, 70_000 if wide else V, orders)
    for n, grams in enumerate(model.grams, 1):
        wanted = Counter(tuple(text[i : i + n]) for i in range(len(text) - n + 1))
        assert {model.spell(n, i): int(grams.counts[i]) for i in range(len(grams))} == wanted


@pytest.mark.parametrize("at_once", [1, 3, 7, 1_000])
def test_a_held_out_text_costs_the_same_in_pieces(monkeypatch, at_once):
    text = prepare(Corpus("x", "x", some_text(600)), CorpusConfig(held_out=0.3))
    model = count(text)
    monkeypatch.setattr("playground.text.ngrams._AT_ONCE", at_once)
    whole = np.exp(-np.log(model.probabilities(text.heldout)[:, 1:]).mean(axis=1))
    assert_allclose(ladder(text, model).heldout, whole, rtol=1e-9)


def test_counts_of_random_letters_take_ten_bytes_for_each_different_one():
    rng = np.random.default_rng(1)
    model = NGrams(rng.integers(26, size=100_000).tolist(), 27)
    assert model.nbytes < 10.5 * sum(len(grams) for grams in model.grams) + 100
    with pytest.raises(ConfigError, match=r"1- to 6-grams alone take 2 MB, and at most 2 MB"):
        NGrams(rng.integers(26, size=100_000).tolist(), 27, most_bytes=2_300_000)
