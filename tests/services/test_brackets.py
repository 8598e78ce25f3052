"""The text of matched brackets: kept, trained on, asked about."""

from __future__ import annotations

import pytest

from playground.config import flatten, from_flat
from playground.errors import ConfigError
from playground.records import RunStatus
from playground.services import brackets
from playground.services.checkpoints import CheckpointCache
from tests.helpers import some_text, tiny_config


def test_the_text_is_added_once_and_found_again(store):
    assert not brackets.is_here(store.library)
    brackets.add(store.library)
    brackets.add(store.library)
    assert brackets.is_here(store.library)
    assert [info.title for info in store.library.all()].count("Matched brackets") == 1
    assert store.library.load(brackets.config_of("gru").corpus.corpus).title == "Matched brackets"


def test_a_run_on_it_is_asked_and_any_other_is_refused(store, make_manager):
    brackets.add(store.library)
    manager, service = make_manager(), brackets.BracketService(CheckpointCache(store))
    small = {"epochs": 1, "hidden_size": 8, "max_tokens": 2_000, "threads": 1, "device": "cpu"}
    run = manager.start(from_flat(flatten(brackets.config_of("lstm")) | small))
    run = manager.wait(run.id, 60)
    assert run.status is RunStatus.FINISHED
    assert brackets.is_about(run)
    recalled = service.recall(run, store.checkpoints(run.id)[-1])
    assert len(recalled.right) > 100
    assert 0 <= recalled.share <= 1
    assert recalled.influence > 0
    assert recalled is service.recall(run, store.checkpoints(run.id)[-1])
    text = store.library.add("Some text", some_text()).id
    other = manager.start(tiny_config(corpus=text))
    other = manager.wait(other.id, 60)
    assert not brackets.is_about(other)
    with pytest.raises(ConfigError, match="was not trained on matched brackets"):
        service.recall(other, store.checkpoints(other.id)[-1])


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("cell", "low", "high"), [("rnn", 0.1, 0.5), ("gru", 0.9, 1.0), ("lstm", 0.9, 1.0)])
def test_gated_cells_remember_brackets_and_a_plain_one_guesses(store, make_manager, cell, low, high):
    brackets.add(store.library)
    manager = make_manager()
    run = manager.start(from_flat(flatten(brackets.config_of(cell)) | {"device": "cpu", "threads": 1}))
    run = manager.wait(run.id, 600)
    share = brackets.BracketService(CheckpointCache(store)).recall(run, store.checkpoints(run.id)[-1]).share
    assert low <= share <= high
