"""n-grams at work on text."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from playground.config import WriteConfig
from playground.inference import ngrams as module
from playground.inference.generate import write
from playground.inference.ngrams import NGramStepper, followers, ngram_surprise
from playground.text.ngrams import NGrams

NAMES = ("<unk>", *"abcdef")
V = len(NAMES)
TEXT = np.random.default_rng(4).integers(1, V, 400).tolist()
MODEL = NGrams(TEXT, V, 5)
ids_of = st.lists(st.integers(0, V - 1), min_size=1, max_size=20)
orders = st.integers(1, 5)


def told(order: int, ids: list[int]):
    tokens, known = [NAMES[id] for id in ids], [id != 0 for id in ids]
    return ngram_surprise(MODEL, order, ids, tokens=tokens, known=known, names=NAMES)


def texts(order: int, **settings: object) -> list[int]:
    settings = {"length": 60, "temperature": 1.0, **settings}
    return [
        candidate.id
        for candidate in write(NGramStepper(MODEL, order), NAMES, [1, 2], WriteConfig(**settings))
    ]


@given(ids=ids_of, order=orders)
def test_bits_are_those_of_the_probabilities_and_the_first_token_is_not_counted(ids, order):
    trace = told(order, ids)
    p = MODEL.probabilities(ids)[order - 1]
    assert math.isnan(trace.bits[0])
    assert trace.likeliest[0] == ()
    assert_allclose(trace.bits[1:], -np.log2(p[1:]))
    assert trace.counted == len(ids) - 1


@pytest.mark.parametrize("cells", [1, V, 3 * V, 10**6])
def test_the_likeliest_of_each_place_are_those_after_what_stands_before_it(cells, monkeypatch):
    monkeypatch.setattr(module, "_CELLS", cells)
    ids = TEXT[:9]
    for t, likeliest in enumerate(told(3, ids).likeliest[1:], 1):
        p = MODEL.distribution(MODEL.history(ids[:t]), 3)
        assert [candidate.token for candidate in likeliest] == [
            NAMES[i] for i in np.argsort(-p, kind="stable")[:5].tolist()
        ]
        assert_allclose([candidate.own for candidate in likeliest], np.sort(p)[::-1][:5])


@given(order=orders, seed=st.integers(0, 99), temperature=st.sampled_from([0.0, 0.5, 1.0, 2.0]))
def test_the_same_seed_writes_the_same_text(order, seed, temperature):
    settings = {"seed": seed, "temperature": temperature}
    assert texts(order, **settings) == texts(order, **settings)


@given(order=orders)
def test_greedily_each_token_is_the_likeliest_after_the_text_so_far(order):
    text = [1, 2]
    for id in texts(order, temperature=0, length=15):
        assert id == int(MODEL.distribution(MODEL.history(text), order).argmax())
        text.append(id)


def test_at_temperature_1_tokens_come_as_often_as_in_the_text():
    wrote = texts(1, length=5_000)
    share = np.bincount(wrote, minlength=V) / len(wrote)
    assert_allclose(share, MODEL.distribution(MODEL.history([]), 1), atol=0.02)


def test_after_a_history_seen_once_the_text_itself_is_likeliest():
    model = NGrams(list(range(1, V)) * 1, V, 5)
    written = write(NGramStepper(model, 5), NAMES, [1, 2], WriteConfig(length=4, temperature=0))
    assert [candidate.id for candidate in written] == [3, 4, 5, 6]


@given(ids=st.lists(st.integers(0, V - 1), max_size=8), order=orders)
def test_what_followed_is_told_by_probability_with_its_counts(ids, order):
    tokens = [NAMES[id] for id in ids]
    result = followers(MODEL, order, ids, tokens=tokens, names=NAMES, most=V)
    used = min(order - 1, len(ids))
    assert list(result.history) == tokens[len(tokens) - used :]
    p = [candidate.probability for candidate in result.likeliest]
    assert p == sorted(p, reverse=True)
    assert sum(p) == pytest.approx(1)
    assert sum(candidate.count for candidate in result.likeliest) == result.seen
    assert sum(candidate.count > 0 for candidate in result.likeliest) == result.kinds
    assert 0 <= result.known <= used
    assert (result.seen > 0) <= (result.known == used)
    assert 0 <= result.trust < 1


def test_a_history_that_was_never_seen_says_how_much_of_it_was():
    model = NGrams([1, 2, 3, 1, 2, 4], V, 4)
    result = followers(model, 4, [6, 1, 2], tokens="fab", names=NAMES)
    assert (result.seen, result.kinds, result.known, result.trust) == (0, 0, 2, 0.0)
    assert {candidate.token for candidate in result.likeliest[:2]} == {
        "c",
        "d",
    }  # what came after the last two
    again = followers(model, 3, [6, 1, 2], tokens="fab", names=NAMES)
    assert (again.seen, again.kinds, again.known, again.trust) == (2, 2, 2, 0.5)
