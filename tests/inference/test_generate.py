"""Writing, token by token."""

import math
from itertools import islice

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from playground.config import WriteConfig
from playground.errors import ConfigError
from playground.inference.generate import Stepper, write
from playground.inference.sampling import probabilities
from tests.inference.helpers import KINDS, NAMES, V, logits_of, network, some_ids, weights_that_overflow

LENGTHS = [1, 2, 31, 32, 33, 70]
"""Around the number of tokens that are told at once."""
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: "-".join(kind.values()))
settings_of = st.builds(
    WriteConfig,
    length=st.integers(1, 40),
    temperature=st.sampled_from([0.0, 1e-300, 0.3, 1.0, 2.5]),
    top_k=st.none() | st.integers(1, V + 2),
    top_p=st.none() | st.floats(0.05, 1.0),
    seed=st.integers(0, 99),
)


def written(prefix=(3, 1), *, settings=None, kind=None, **more: object):
    """What a small network writes."""
    _, weights, config = network(**kind or {"cell": "gru"})
    chosen = settings or WriteConfig(**{"length": 40, "temperature": 1.0} | more)
    return list(write(Stepper(weights, config), NAMES, list(prefix), chosen))


def ids_of(tokens) -> list[int]:
    return [token.id for token in tokens]


@every_kind
@pytest.mark.parametrize("prefix", [[3], [1, 5, 2, 8, 0]])
@pytest.mark.parametrize("layers", [1, 3])
def test_greedily_each_token_is_the_likeliest_after_the_whole_text_so_far(kind, prefix, layers):
    model, weights, config = network(**kind, num_layers=layers)
    text = list(prefix)
    for token in write(Stepper(weights, config), NAMES, prefix, WriteConfig(length=40, temperature=0)):
        assert token.id == int(logits_of(model, text)[-1].argmax())
        text.append(token.id)
    assert len(text) == len(prefix) + 40


@every_kind
@pytest.mark.parametrize("temperature", [0.0, 0.4, 1.0, 2.0])
def test_every_figure_is_that_of_the_whole_text_so_far(kind, temperature):
    model, weights, config = network(**kind)
    settings = WriteConfig(length=35, temperature=temperature, top_k=6, top_p=0.9)
    text = some_ids(3)
    for token in write(Stepper(weights, config), NAMES, text[:], settings):
        scores = logits_of(model, text)[-1]
        own = torch.softmax(scores, -1).tolist()
        shaped = probabilities(scores.numpy(), settings)
        assert token.token == NAMES[token.id]
        assert token.bits == pytest.approx(-math.log2(own[token.id]), abs=1e-9)
        assert [c.own for c in token.likeliest[:5]] == pytest.approx(sorted(own)[:-6:-1])
        assert token.token in [c.token for c in token.likeliest]
        by_name = {name: (own[i], float(shaped[i])) for i, name in enumerate(NAMES)}
        for c in token.likeliest:
            assert (c.own, c.probability) == pytest.approx(by_name[c.token], abs=1e-9)
        text.append(token.id)


@given(settings_of)
def test_candidates_are_the_five_likeliest_and_the_choice_which_is_possible(settings):
    for token in written(settings=settings):
        own, names = [c.own for c in token.likeliest], [c.token for c in token.likeliest]
        assert own == sorted(own, reverse=True)
        assert len(set(names)) == len(own) == (5 if token.token in names[:5] else 6)
        assert token.bits >= 0
        chosen = [c.probability for c in token.likeliest if c.token == token.token]
        assert len(chosen) == 1
        assert chosen[0] > 0
        if settings.temperature == 0:
            assert token.likeliest[0].token == token.token
            assert chosen == [1.0]


@given(settings_of)
def test_the_same_seed_writes_the_same_text(settings):
    assert written(settings=settings) == written(settings=settings)


def test_another_seed_writes_another_text_unless_there_is_nothing_to_choose():
    assert len({tuple(ids_of(written(seed=seed))) for seed in range(20)}) == 20
    assert len({tuple(ids_of(written(seed=seed, temperature=0))) for seed in range(5)}) == 1
    assert len({tuple(ids_of(written(seed=seed, top_k=1))) for seed in range(5)}) == 1


@pytest.mark.parametrize("temperature", [0.0, 1.0])
@pytest.mark.parametrize("length", LENGTHS)
def test_a_longer_text_begins_with_the_shorter(length, temperature):
    whole = written(length=80, temperature=temperature)
    assert len(whole) == 80
    assert written(length=length, temperature=temperature) == whole[:length]


@pytest.mark.parametrize("length", LENGTHS)
def test_no_token_is_read_that_nobody_asked_for(length, monkeypatch):
    fed = []
    read = Stepper.feed
    monkeypatch.setattr(Stepper, "feed", lambda self, token: [fed.append(token), read(self, token)][1])
    told = ids_of(written([7], length=length))
    assert fed == [7, *told[:-1]]


def test_a_reader_who_goes_away_early_stops_the_writing(monkeypatch):
    fed = []
    read = Stepper.feed
    monkeypatch.setattr(Stepper, "feed", lambda self, token: [fed.append(token), read(self, token)][1])
    _, weights, config = network(cell="gru")
    list(islice(write(Stepper(weights, config), NAMES, [1], WriteConfig(length=10_000)), 3))
    assert len(fed) < 100


def test_the_prefix_is_read_as_a_whole_and_its_order_counts():
    firsts = {written(prefix)[0].bits for prefix in ([1, 2, 3], [2, 1, 3], [9, 2, 3], [3])}
    assert len(firsts) == 4


def test_no_random_number_of_anybody_elses_is_drawn():
    numpy_state = np.random.get_state()
    _, weights, config = network(cell="gru")
    torch_state = torch.get_rng_state()
    list(write(Stepper(weights, config), NAMES, [1], WriteConfig(length=20)))
    assert torch.equal(torch.get_rng_state(), torch_state)
    assert all(np.array_equal(a, b) for a, b in zip(np.random.get_state(), numpy_state, strict=True))


def test_fewer_than_five_tokens_are_all_told():
    _, weights, config = network(cell="gru")
    few = weights | {"head.weight": weights["head.weight"][:3], "head.bias": weights["head.bias"][:3]}
    for token in write(Stepper(few, config), NAMES, [1], WriteConfig(length=9)):
        assert len(token.likeliest) == 3
        assert sum(c.own for c in token.likeliest) == pytest.approx(1)


@pytest.mark.parametrize("temperature", [0.0, 1.0])
@pytest.mark.parametrize("bad", ["nan", "inf"])
def test_a_diverged_network_is_a_sentence(temperature, bad):
    _, weights, config = network(cell="lstm")
    broken = {name: value * float(bad) for name, value in weights.items()}
    with pytest.raises(ConfigError, match="has diverged"):
        list(write(Stepper(broken, config), NAMES, [1], WriteConfig(temperature=temperature)))


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_a_state_that_grows_beyond_a_number_is_a_sentence_and_nothing_warns(temperature):
    _, weights, config = network(cell="rnn", nonlinearity="relu")
    stepper = Stepper(weights_that_overflow(weights), config)
    with pytest.raises(ConfigError, match="has diverged"):
        list(write(stepper, NAMES, [1], WriteConfig(length=100, temperature=temperature)))
