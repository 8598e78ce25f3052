"""What is copied from a run's own training text, as its network reads it."""

from __future__ import annotations

import pytest

from playground.errors import ConfigError, CorpusError
from playground.services import copies
from playground.services.checkpoints import CheckpointCache
from playground.services.copies import MOST_READ, CopyService
from playground.text.copied import copied
from playground.text.prepare import prepare
from tests.helpers import some_text, tiny_config

TEXT = some_text(1_500)


@pytest.fixture
def run(store):
    id = store.library.add("Some text", TEXT).id

    def make(**settings):
        return store.create(tiny_config(corpus=id, **settings), "Mine")

    return make


@pytest.fixture
def service(store):
    return CopyService(CheckpointCache(store))


@pytest.mark.parametrize(
    "settings",
    [{}, {"token_level": "word"}, {"normalize": "letters"}, {"token_level": "word", "max_vocab": 4}],
)
def test_it_is_compared_with_the_training_part_as_the_network_reads_it(run, service, store, settings):
    mine = run(held_out=0.3, **settings)
    text = prepare(store.library.load(mine.config.corpus.corpus), mine.config.corpus)
    training = text.vocab.decode(text.train.tolist())
    written = training[100:160] + "???" + training[10:31]
    assert service.copied(mine, written) == copied(written, training)
    assert service.copied(mine, written).longest == (0, 60)


def test_what_is_held_out_is_not_copied(run, service):
    held_out = TEXT[-140:] + "!"
    assert service.copied(run(held_out=0.0), held_out).share > 0.9
    assert service.copied(run(held_out=0.1), held_out).share < 0.9


def test_any_text_is_put_as_the_run_reads_it(run, service):
    assert service.as_read(run(normalize="letters"), "The TIDE,\nagain") == "the tide again"
    assert service.as_read(run(token_level="word"), "the\n tide") == "the tide"
    assert service.as_read(run(), " the\n tide") == " the\n tide"


def test_thirty_who_ask_the_same_are_answered_once(run, service, monkeypatch):
    asked = []
    monkeypatch.setattr(copies, "copied", lambda *given: asked.append(given) or copied(*given))
    monkeypatch.setattr(copies, "prepare", lambda *given: asked.append("prepare") or prepare(*given))
    answers = [service.copied(run(), text) for text in [TEXT[5:50]] * 30 + [TEXT[7:60]]]
    assert answers[0] is answers[29] is not answers[30]
    assert len(asked) == 3  # two texts, and the training text once


def test_a_text_that_is_gone_or_too_long_is_told(run, service, store):
    mine = run()
    with pytest.raises(ConfigError, match="at most 50,000"):
        service.copied(mine, "a" * (MOST_READ + 1))
    for file in store.library.directory.iterdir():
        file.unlink()
    with pytest.raises(CorpusError, match="The text of the run 'Mine' is gone"):
        service.copied(mine, "tide")
