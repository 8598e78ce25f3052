"""Reading token by token in NumPy is what the whole network computes in torch."""

from itertools import product

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from playground.config import ModelConfig
from playground.inference.generate import Stepper
from playground.inference.surprise import predictions
from playground.models.language_model import LanguageModel
from playground.models.reader import Reader
from tests.models.kinds import KINDS

V, E, H, T = 7, 6, 9, 11
TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-12}
every_network = pytest.mark.parametrize(
    "settings",
    [
        {"cell": cell, "nonlinearity": bend, "num_layers": layers, "input": entry}
        for (cell, bend), layers, entry in product(KINDS, (1, 2, 3, 4), ("one-hot", "embedding"))
    ],
    ids=lambda s: "-".join(map(str, s.values())),
)
every_precision = pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
MASKED = {"objective": "masked", "bidirectional": True}


def network(dtype: torch.dtype = torch.float64, **settings: object):
    """A seeded model, its weights as arrays, and its config."""
    torch.manual_seed(6)
    config = ModelConfig(**{"hidden_size": H, "embedding_size": E} | settings)
    model = LanguageModel(config, V).to(dtype).eval()
    return model, {name: value.numpy() for name, value in model.state_dict().items()}, config


def some_ids(steps: int = T, seed: int = 2) -> list[int]:
    return np.random.default_rng(seed).integers(V, size=steps).tolist()


@every_network
@every_precision
@torch.no_grad()
def test_the_scores_after_each_token_are_the_whole_forward_passs(settings, dtype):
    model, weights, config = network(dtype, **settings)
    ids = some_ids()
    expected = model(torch.tensor([ids]))[0][0].numpy()
    stepper = Stepper(weights, config)
    told = np.array([stepper.feed(id) for id in ids])
    assert_allclose(told, expected, rtol=0, atol=TOLERANCE[dtype])
    assert told.dtype == expected.dtype
    assert_array_equal(Stepper(weights, config).feed_all(ids), told[-1])


@every_network
@every_precision
@torch.no_grad()
def test_the_state_after_each_token_is_the_top_layers(settings, dtype):
    model, weights, config = network(dtype, **settings)
    ids = some_ids()
    hidden = model.rnn(model._enter(torch.tensor([ids]).t()))[0][:, 0].numpy()
    reader = Reader(weights, config)
    for id, expected in zip(ids, hidden, strict=True):
        assert_allclose(reader.feed(id), expected, rtol=0, atol=TOLERANCE[dtype])
        assert_allclose(reader.hidden, expected, rtol=0, atol=TOLERANCE[dtype])


@every_network
@every_precision
@torch.no_grad()
def test_the_stacks_of_a_masked_network_joined_are_its_own_scores(settings, dtype):
    model, weights, config = network(dtype, **settings, **MASKED)
    ids = some_ids()
    expected = model(torch.tensor([ids]))[0][0].numpy()
    left = Reader(weights, config, "rnn").before_each(ids)
    right = Reader(weights, config, "rnn_reverse").before_each(ids[::-1])[::-1]
    joined = np.concatenate([left, right], axis=1) @ weights["head.weight"].T + weights["head.bias"]
    assert_allclose(joined, expected, rtol=0, atol=TOLERANCE[dtype])
    assert_allclose(list(predictions(weights, config, ids)), expected, rtol=0, atol=TOLERANCE[dtype])


@every_network
def test_two_parts_are_one_pass_and_a_reset_forgets_both(settings):
    _, weights, config = network(**settings)
    ids = some_ids()
    reader = Reader(weights, config)
    whole = reader.before_each(ids)
    end = reader.hidden
    reader.reset()
    parts = [reader.before_each(ids[:4]), reader.before_each(ids[4:])]
    assert_array_equal(np.concatenate(parts), whole)
    assert_array_equal(reader.hidden, end)
    reader.reset()
    assert not reader.hidden.any()
    assert_array_equal(reader.before_each(ids), whole)


@every_network
def test_before_each_token_is_after_the_one_before_it(settings):
    _, weights, config = network(**settings)
    ids = some_ids()
    before = Reader(weights, config).before_each(ids)
    reader = Reader(weights, config)
    assert not before[0].any()
    assert_array_equal(before[1:], [reader.feed(id) for id in ids[:-1]])
    assert Reader(weights, config).before_each([]).shape == (0, H)


@every_network
def test_reading_changes_no_weight_and_no_state_that_was_handed_out(settings):
    _, weights, config = network(**settings)
    kept = {name: value.copy() for name, value in weights.items()}
    reader = Reader(weights, config)
    handed = [reader.feed(id) for id in some_ids()]
    copies = [state.copy() for state in handed]
    reader.before_each(some_ids(seed=3))
    assert_array_equal(handed, copies)
    for name, value in weights.items():
        assert_array_equal(value, kept[name])


@torch.no_grad()
def test_a_relu_state_that_overflows_does_so_as_in_pytorch_and_nothing_warns():
    model, weights, config = network(torch.float32, cell="rnn", nonlinearity="relu", num_layers=2)
    weights = {name: np.abs(value) * 50 for name, value in weights.items()}
    model.load_state_dict({name: torch.tensor(value) for name, value in weights.items()})
    ids = some_ids(steps=60)
    stepper = Stepper(weights, config)
    told = np.array([stepper.feed(id) for id in ids])
    assert np.isfinite(told[0]).all()
    assert not np.isfinite(told[-1]).any()
    assert_allclose(told, model(torch.tensor([ids]))[0][0].numpy(), rtol=1e-5)
    reader = Reader(weights, config)
    assert np.isinf(reader.before_each(ids)[-1]).all()


def test_the_trap_has_no_such_reader():
    _, weights, config = network(bidirectional=True)
    with pytest.raises(AssertionError, match="need the whole text"):
        Reader(weights, config)
