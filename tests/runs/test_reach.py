"""How far back a run's losses reach, at any checkpoint."""

from __future__ import annotations

import numpy as np
import pytest

from playground.errors import ConfigError
from playground.inference.reach import reach
from playground.runs.networks import Networks
from playground.runs.reach import MOST_MAP, MOST_READ, ReachMeter
from tests.helpers import some_text, tiny_config


@pytest.fixture
def trained(store, make_manager):
    text = store.library.add("Some text", some_text(1_500)).id

    def make(**settings):
        manager = make_manager()
        run = manager.start(tiny_config(**{"corpus": text, "cell": "lstm", "epochs": 2, **settings}))
        return manager.wait(run.id, 60), store.checkpoints(run.id)

    return make


@pytest.fixture
def meter(store):
    return ReachMeter(Networks(store))


def test_held_out_text_is_measured_unless_a_text_is_given(trained, meter, store):
    run, (*_, last) = trained()
    found = meter.reach(run, last, furthest=40)
    assert len(found.layers[0].input) == 41
    ids = store.vocab(run.id).encode(some_text(1_500)[1_350:][:141])
    weights = Networks(store).weights(run, last)
    np.testing.assert_array_equal(
        found.layers[0].memory, reach(weights, run.config.model, ids, furthest=40).layers[0].memory
    )
    other = meter.reach(run, last, "tide clock rain lamp", furthest=40)
    assert len(other.layers[0].input) == 11  # half of 20 tokens
    assert other.positions == 9


def test_training_text_stands_in_where_nothing_is_held_out(trained, meter):
    run, (*_, last) = trained(held_out=0)
    assert len(meter.reach(run, last).layers[0].input) == 101


def test_every_checkpoint_has_a_reach_of_its_own(trained, meter):
    run, checkpoints = trained()
    found = [meter.reach(run, one, furthest=5).layers[0].state for one in checkpoints]
    assert len({values.tobytes() for values in found}) == len(checkpoints)
    assert meter.reach(run, checkpoints[0], furthest=5) is meter.reach(run, checkpoints[0], furthest=5)


def test_two_directions_have_a_map_but_no_reach(trained, meter):
    run, (*_, last) = trained(bidirectional=True)
    with pytest.raises(ConfigError, match="reads from both ends"):
        meter.reach(run, last)
    tokens, found = meter.sentence(run, last, "tide é")
    assert tokens == tuple("tide é")
    assert found.shape == (6, 6)
    assert (found > 0).all()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "The text is empty"),
        ("ab", "at least 3 tokens; the text has 2"),
        ("a" * (MOST_READ + 1), "at most 1,000"),
    ],
)
def test_a_text_that_cannot_be_measured_is_told(trained, meter, text, words):
    run, (*_, last) = trained()
    with pytest.raises(ConfigError, match=words):
        meter.reach(run, last, text)


def test_a_sentence_that_is_too_long_for_a_map_is_told(trained, meter):
    run, (*_, last) = trained()
    with pytest.raises(ConfigError, match="at most 120"):
        meter.sentence(run, last, "a" * (MOST_MAP + 1))


def test_a_text_that_was_deleted_is_told(trained, meter, store, monkeypatch):
    run, (*_, last) = trained()
    (store.library.directory / f"{run.config.corpus.corpus}.txt").unlink(missing_ok=True)
    for file in store.library.directory.iterdir():
        file.unlink()
    with pytest.raises(ConfigError, match=r"is gone\. Give another"):
        meter.reach(run, last)
