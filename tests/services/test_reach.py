"""How far back a run's losses reach, at any checkpoint."""

from __future__ import annotations

import numpy as np
import pytest

from playground.cells import CELLS
from playground.errors import ConfigError, StoreError
from playground.inference.reach import reach
from playground.lesson_settings import FreshConfig
from playground.records import growth
from playground.services.checkpoints import CheckpointCache
from playground.services.reach import MOST_MAP, MOST_READ, ReachService
from playground.text.vocab import UNK_ID
from tests.helpers import DIVERGES, some_text, tiny_config


@pytest.fixture
def trained(store, make_manager):
    text = store.library.add("Some text", some_text(1_500)).id

    def make(**settings):
        manager = make_manager()
        run = manager.start(tiny_config(**{"corpus": text, "cell": "lstm", "epochs": 2, **settings}))
        return manager.wait(run.id, 60), store.checkpoints(run.id)

    return make


@pytest.fixture
def service(store):
    return ReachService(CheckpointCache(store))


def test_held_out_text_is_measured_unless_a_text_is_given(trained, service, store):
    run, (*_, last) = trained()
    result = service.reach(run, last, furthest=40)
    assert len(result.layers[0].input) == 41
    ids = store.vocab(run.id).encode(some_text(1_500)[1_350:][:141])
    weights = CheckpointCache(store).weights(run, last)
    np.testing.assert_array_equal(
        result.layers[0].memory, reach(weights, run.config.model, ids, furthest=40).layers[0].memory
    )
    other = service.reach(run, last, "tide clock rain lamp", furthest=40)
    assert len(other.layers[0].input) == 11  # half of 20 tokens
    assert other.positions == 9


def test_training_text_stands_in_where_nothing_is_held_out(trained, service):
    run, (*_, last) = trained(held_out=0)
    assert len(service.reach(run, last).layers[0].input) == 101


def test_every_checkpoint_has_a_reach_of_its_own(trained, service):
    run, checkpoints = trained()
    result = [service.reach(run, checkpoint, furthest=5).layers[0].state for checkpoint in checkpoints]
    assert len({values.tobytes() for values in result}) == len(checkpoints)
    assert service.reach(run, checkpoints[0], furthest=5) is service.reach(run, checkpoints[0], furthest=5)


def test_two_directions_have_a_map_but_no_reach(trained, service):
    run, (*_, last) = trained(bidirectional=True)
    with pytest.raises(ConfigError, match="reads from both ends"):
        service.reach(run, last)
    tokens, result = service.sentence(run, last, "tide é")
    assert tokens == tuple("tide é")
    assert result.shape == (6, 6)
    assert (result > 0).all()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "The text is empty"),
        ("ab", "at least 3 tokens; the text has 2"),
        ("a" * (MOST_READ + 1), "at most 1,000"),
    ],
)
def test_a_text_that_cannot_be_measured_is_told(trained, service, text, words):
    run, (*_, last) = trained()
    with pytest.raises(ConfigError, match=words):
        service.reach(run, last, text)


def test_a_sentence_that_is_too_long_for_a_map_is_told(trained, service):
    run, (*_, last) = trained()
    with pytest.raises(ConfigError, match="at most 120"):
        service.sentence(run, last, "a" * (MOST_MAP + 1))


def test_a_text_that_was_deleted_is_told(trained, service, store, monkeypatch):
    run, (*_, last) = trained()
    (store.library.directory / f"{run.config.corpus.corpus}.txt").unlink(missing_ok=True)
    for file in store.library.directory.iterdir():
        file.unlink()
    with pytest.raises(ConfigError, match=r"is gone\. Give another"):
        service.reach(run, last)


@pytest.mark.parametrize("cell", CELLS)
def test_a_fresh_cell_needs_no_run_and_reads_the_story_or_any_text(service, cell):
    fresh = FreshConfig(hidden_size=16)
    result = service.fresh_reach(fresh, cell, furthest=60)
    assert len(result.layers[0].input) == 61
    assert result.positions == 32
    assert result is service.fresh_reach(fresh, cell, furthest=60)
    other = service.fresh_reach(fresh, cell, "a tide, a clock, an é", furthest=60)
    assert len(other.layers[0].input) == 11
    assert not np.array_equal(
        result.layers[0].state,
        service.fresh_reach(FreshConfig(hidden_size=16, seed=1), cell, furthest=60).layers[0].state,
    )


def test_a_forget_bias_makes_a_fresh_lstm_reach_further_than_a_fresh_rnn_and_gru(service):
    """The place where the textbook's claim is measurably true without training; and c falls as h does."""
    plain, open_gate = FreshConfig(hidden_size=64), FreshConfig(hidden_size=64, forget_bias=2.0)
    left = {cell: _left(service.fresh_reach(plain, cell).layers[0].input) for cell in CELLS}
    assert max(left.values()) < 3 * min(left.values())  # without it all three forget alike
    assert _left(service.fresh_reach(open_gate, "lstm").layers[0].input) > 1_000 * max(left.values())
    layer = service.fresh_reach(plain, "lstm").layers[0]
    assert growth(layer.memory) == pytest.approx(growth(layer.state), abs=0.01)


def _left(norms):
    return norms[20] / norms[0]


def test_fresh_matrices_have_the_gain_as_every_eigenvalue(service):
    result = service.fresh_matrices(FreshConfig(hidden_size=16, gain=0.7), "gru")
    assert [checkpoint.block for checkpoint in result] == list("rzn")
    assert all(checkpoint.eigenvalue == pytest.approx(0.7, rel=1e-5) for checkpoint in result)
    assert all(checkpoint.singular == pytest.approx(0.7, rel=1e-5) for checkpoint in result)


def test_a_fresh_cells_map_is_causal(service):
    tokens, result = service.fresh_sentence(
        FreshConfig(hidden_size=16), "lstm", service.fresh_usual_sentence(FreshConfig(), 20)
    )
    assert "".join(tokens) == service.fresh_usual_sentence(FreshConfig(), 20)
    assert result.shape == (len(tokens), len(tokens))
    assert (np.triu(result, 1) == 0).all()


@pytest.mark.parametrize("text", ["", "ab"])
def test_a_text_too_short_for_a_fresh_cell_is_told(service, text):
    with pytest.raises(ConfigError, match=r"text is empty|at least 3 tokens"):
        service.fresh_reach(FreshConfig(hidden_size=16), "rnn", text)


def test_a_network_beyond_all_numbers_is_told(make_manager, store):
    text = store.library.add("Some text", some_text(1_500)).id
    manager = make_manager()
    run = manager.start(tiny_config(**{"corpus": text, **DIVERGES}))
    run = manager.wait(run.id, 60)
    last = store.checkpoints(run.id)[-1]
    weights = CheckpointCache(store).weights(run, last)
    huge = {name: 1e6 * np.abs(values) for name, values in weights.items()}
    service = ReachService(OwnWeights(store, huge))
    with pytest.raises(ConfigError, match="no numbers any more"):
        service.reach(run, last, some_text(400), furthest=200)
    with pytest.raises(StoreError, match="beyond what a number holds"):
        service.sentence(run, last, some_text(100))


class OwnWeights(CheckpointCache):
    """Answers with weights of one's own."""

    def __init__(self, store, weights):
        super().__init__(store)
        self._own = weights

    def weights(self, run, checkpoint):
        return self._own


def test_fresh_cells_read_the_story_of_the_pages_language(service):
    chinese = FreshConfig(hidden_size=16, story="yujie_zhongbiao")
    sentence = service.fresh_usual_sentence(chinese, 12)
    assert service.fresh_vocab(chinese).ids(list(sentence)).count(UNK_ID) == 0
    tokens, norms = service.fresh_sentence(chinese, "gru", sentence)
    assert "".join(tokens) == sentence
    assert norms.shape == (12, 12)
    read = service.fresh_reach(chinese, "gru", furthest=20).layers[0].input
    assert not np.array_equal(
        read, service.fresh_reach(FreshConfig(hidden_size=16), "gru", furthest=20).layers[0].input
    )
