"""What each token of a text costs a network."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from numpy.testing import assert_allclose

from playground.errors import ConfigError
from playground.inference import surprise as module
from playground.inference.surprise import accuracy, predictions, surprise
from tests.inference.helpers import (
    KINDS,
    MASKED,
    NAMES,
    V,
    logits_of,
    network,
    some_ids,
    weights_that_overflow,
)

T = 23
every_network = pytest.mark.parametrize(
    "settings",
    [
        {**kind, "num_layers": layers, **sides}
        for kind in KINDS
        for layers in (1, 2)
        for sides in ({}, MASKED)
    ],
    ids=lambda s: "-".join(map(str, s.values())),
)


def told(settings, ids):
    _, weights, config = network(**settings)
    tokens, known = [NAMES[id] for id in ids], [id != 0 for id in ids]
    return surprise(weights, config, ids, tokens=tokens, known=known, names=NAMES)


def oracle(settings, ids) -> torch.Tensor:
    """(T, V): scores of each token by what the network may see; the first of one direction has none."""
    logits = logits_of(network(**settings)[0], ids)
    if "objective" in settings:
        return logits
    return torch.cat([torch.full((1, V), math.nan, dtype=torch.float64), logits[:-1]])


@every_network
@pytest.mark.parametrize("rows", [256, 23, 4, 1])
def test_bits_are_torchs_cross_entropy_place_by_place(settings, rows, monkeypatch):
    monkeypatch.setattr(module, "_ROWS", rows)
    ids = some_ids(T)
    expected = F.cross_entropy(oracle(settings, ids), torch.tensor(ids), reduction="none").numpy() / math.log(
        2
    )
    trace = told(settings, ids)
    assert_allclose(trace.bits, expected, rtol=0, atol=1e-9)
    assert np.isnan(trace.bits).tolist() == [t == 0 and "objective" not in settings for t in range(T)]


@every_network
def test_what_it_would_have_said_is_the_likeliest_of_each_place(settings):
    ids = some_ids(T)
    trace = told(settings, ids)
    own = torch.softmax(oracle(settings, ids), -1).numpy()
    for t, likeliest in enumerate(trace.likeliest):
        if math.isnan(trace.bits[t]):
            assert likeliest == ()
            continue
        order = np.argsort(-own[t])[:5]
        assert [c.token for c in likeliest] == [NAMES[i] for i in order]
        assert_allclose([c.own for c in likeliest], own[t, order], atol=1e-9)
        assert [c.probability for c in likeliest] == [c.own for c in likeliest]
        if likeliest[0].token == trace.tokens[t]:
            assert trace.bits[t] == pytest.approx(-math.log2(likeliest[0].own))


@every_network
def test_the_perplexity_is_that_of_the_mean_and_the_tokens_stand_beside(settings):
    ids = some_ids(T)
    trace = told(settings, ids)
    logits, wanted = oracle(settings, ids), torch.tensor(ids)
    counted = slice(0 if "objective" in settings else 1, None)
    loss = float(F.cross_entropy(logits[counted], wanted[counted]))
    assert trace.mean_bits == pytest.approx(loss / math.log(2))
    assert trace.perplexity == pytest.approx(math.exp(loss))
    assert trace.tokens == tuple(NAMES[id] for id in ids)
    assert trace.known == tuple(id != 0 for id in ids)


def test_a_single_token_has_nothing_before_it_but_a_blank_has_its_bias():
    assert math.isnan(told({"cell": "gru"}, [3]).perplexity)
    assert told({"cell": "gru"}, [3]).likeliest == ((),)
    assert math.isfinite(told({"cell": "gru", **MASKED}, [3]).perplexity)


@pytest.mark.parametrize("sides", [{}, MASKED], ids=["one-way", "masked"])
def test_a_network_that_knows_nothing_has_the_vocabularys_size_as_its_perplexity(sides):
    _, weights, config = network(cell="lstm", **sides)
    weights = weights | {name: np.zeros_like(w) for name, w in weights.items() if name.startswith("head")}
    ids = some_ids(T)
    trace = surprise(weights, config, ids, tokens=NAMES * 3, known=[True] * T, names=NAMES)
    assert trace.perplexity == pytest.approx(V)


@every_network
def test_accuracy_is_a_plain_count_without_the_two_ends(settings):
    _, weights, config = network(**settings)
    ids = some_ids(T)
    for t in range(1, T, 2):  # half of them made right, so that both answers occur
        now = oracle(settings, ids)[t]
        ids[t] = int(now.argmax())
    logits = oracle(settings, ids)
    wrong = [ids[t] for t in range(1, T - 1) if int(logits[t].argmax()) != ids[t]]
    unknown = min(set(wrong), key=[ids[t] for t in range(1, T, 2)].count)  # so that right ones are left
    right = [int(logits[t].argmax()) == ids[t] for t in range(1, T - 1) if ids[t] != unknown]
    score = accuracy(weights, config, ids, unknown=unknown)
    assert (score.right, score.of) == (sum(right), len(right))
    assert 0 < score.right < score.of
    assert score.share == sum(right) / len(right)


@every_network
def test_no_prediction_depends_on_its_own_token(settings):
    _, weights, config = network(**settings)
    ids = some_ids(T)
    before = list(predictions(weights, config, ids))
    for place in (0, 7, T - 1):
        changed = [*ids[:place], (ids[place] + 1) % V, *ids[place + 1 :]]
        assert_allclose(list(predictions(weights, config, changed))[place], before[place], rtol=0, atol=1e-12)


def test_a_network_that_overflows_is_a_sentence_and_nothing_warns():
    _, weights, config = network(cell="rnn", nonlinearity="relu")
    ids = some_ids(100)
    with pytest.raises(ConfigError, match="has diverged"):
        surprise(
            weights_that_overflow(weights), config, ids, tokens=["x"] * 100, known=[True] * 100, names=NAMES
        )


def test_another_probability_of_one_token_changes_its_bits_alone():
    trace = told({"cell": "gru"}, some_ids(9))
    other = trace.with_probability(4, 0.25)
    assert other.bits[4] == 2.0
    assert_allclose(np.delete(other.bits, 4), np.delete(trace.bits, 4))
    assert other.total_bits == pytest.approx(trace.total_bits - trace.bits[4] + 2)
    assert other.perplexity == pytest.approx(2 ** (other.total_bits / 8))
    assert trace.with_probability(4, float(trace.probabilities[4])).perplexity == pytest.approx(
        trace.perplexity
    )


def test_a_token_held_impossible_makes_the_perplexity_infinite_and_a_certain_one_costs_nothing():
    trace = told({"cell": "gru"}, some_ids(9))
    assert trace.with_probability(4, 0.0).perplexity == math.inf
    assert trace.with_probability(4, 1.0).bits[4] == 0.0
    assert not np.signbit(trace.with_probability(4, 1.0).bits[4])


def test_a_perplexity_that_no_number_holds_is_infinite():
    trace = replace(told({"cell": "gru"}, some_ids(3)), bits=np.array([np.nan, 2_000.0, 2_000.0]))
    assert (trace.counted, trace.perplexity) == (2, math.inf)
