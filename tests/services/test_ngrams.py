"""n-grams of a library's texts."""

from __future__ import annotations

import threading

import pytest

from playground.config import CorpusConfig, WriteConfig
from playground.errors import ConfigError, CorpusError
from playground.records import RunStatus, perplexity
from playground.services import ngrams as module
from playground.services.ngrams import MOST_READ, NgramService
from playground.text.ngrams import count
from tests.helpers import some_text, tiny_config


@pytest.fixture
def config(store) -> CorpusConfig:
    return CorpusConfig(corpus=store.library.add("Some text", some_text(2_000)).id)


@pytest.fixture
def service(store) -> NgramService:
    return NgramService(store.library)


@pytest.fixture
def counted(monkeypatch) -> list[str]:
    """Names of the texts that were counted, in this order."""
    names: list[str] = []
    monkeypatch.setattr(
        module, "count", lambda text, **more: [names.append(text.name), count(text, **more)][1]
    )
    return names


def test_a_class_of_thirty_counts_a_text_once(service, config, counted):
    result = []
    threads = [threading.Thread(target=lambda: result.append(service.ladder(config))) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(result) == 30
    assert all(ladder is result[0] for ladder in result)
    service.followers(config, "tide", 3)
    service.surprise(config, "tide", 3)
    service.write(config, 3, WriteConfig(length=5))
    assert counted == ["Some text"]


def test_a_ladder_is_kept_when_its_counts_are_not(service, config, counted, monkeypatch, store):
    monkeypatch.setattr(module, "_COUNTS_BYTES", 1)
    small = NgramService(store.library)
    assert small.ladder(config) is small.ladder(config)
    assert counted == ["Some text"]
    small.followers(config, "tide", 3)
    assert len(counted) == 2


def test_every_setting_of_a_text_has_a_ladder_of_its_own(service, config):
    others = [{}, {"token_level": "word"}, {"max_tokens": 500}, {"held_out": 0.3}, {"max_vocab": 4}]
    result = [service.ladder(config.model_copy(update=other)) for other in others]
    assert len({ladder.heldout for ladder in result}) == len(others)


def test_the_text_is_split_as_a_run_splits_it(service, config, make_manager):
    manager = make_manager()
    run = manager.start(tiny_config(**config.model_dump(), epochs=1))
    run = manager.wait(run.id, 60)
    assert run.status is RunStatus.FINISHED
    result = service.ladder(config)
    facts = run.facts
    assert (result.train_tokens, result.heldout_tokens, result.vocab_size) == (
        facts.train_tokens,
        facts.heldout_tokens,
        facts.vocab_size,
    )
    assert perplexity(run.heldout_loss) > min(result.heldout)  # a tiny network is beaten


def test_the_same_seed_writes_the_same_and_every_order_goes_on_from_the_same_words(service, config):
    settings = WriteConfig(length=40, temperature=1.0, seed=3)
    texts = [service.write(config, n, settings) for n in range(1, 8)]
    assert texts == [service.write(config, n, settings) for n in range(1, 8)]
    assert len(set(texts)) >= 4
    assert all(len(text) == 40 for text in texts)
    assert some_text().startswith(service.opening(config))
    assert service.write(config, 3, settings.model_copy(update={"seed": 4})) != texts[2]


def test_what_followed_a_persons_words(service, config):
    result = service.followers(config, "tide clo", 5)
    assert result.history == tuple(" clo")
    assert result.likeliest[0].token == "c"
    assert result.likeliest[0].count == result.seen > 5
    assert service.followers(config, "", 5).history == ()


def test_white_space_at_the_end_of_a_history_counts(service, config):
    letters = config.model_copy(update={"normalize": "letters"})
    assert service.followers(letters, "tide ", 3).history == ("e", " ")
    assert service.followers(letters, "tide", 3).history == ("d", "e")


@pytest.mark.parametrize("method", ["followers", "surprise"])
def test_a_persons_text_that_is_too_long_is_told(service, config, method):
    with pytest.raises(ConfigError, match=f"at most {MOST_READ}"):
        getattr(service, method)(config, "a" * (MOST_READ + 1), 3)


def test_a_surprise_needs_a_text(service, config):
    with pytest.raises(ConfigError, match="text is empty"):
        service.surprise(config, "", 3)


@pytest.mark.parametrize("order", [0, 8, -1])
def test_an_n_that_is_not_counted_is_told(service, config, order):
    for ask in (
        lambda: service.followers(config, "tide", order),
        lambda: service.surprise(config, "tide", order),
        lambda: service.write(config, order, WriteConfig()),
    ):
        with pytest.raises(ConfigError, match=f"n is {order}; give a whole number from 1 to 7"):
            ask()


def test_a_text_of_more_than_a_million_characters_is_counted_and_kept(store, counted):
    config = CorpusConfig(
        corpus=store.library.add("Long", some_text(1_115_394)).id
    )  # Tiny Shakespeare's length
    service = NgramService(store.library)
    result = service.ladder(config)
    assert result.train_tokens + result.heldout_tokens == 1_115_394
    service.followers(config, "tide", 3)
    assert counted == ["Long"]
    assert service.ranks(config)[0].total == 1_115_394


@pytest.mark.parametrize("method", ["ladder", "ranks"])
def test_counts_that_take_too_much_memory_are_told_with_what_they_take(service, config, method, monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 500)
    with pytest.raises(
        ConfigError, match=r"of its [12],[80]00 tokens, the 1- to [1-7]-grams .* Take the first tokens"
    ):
        getattr(service, method)(config)
    monkeypatch.setattr(module, "MOST_BYTES", 20_000)
    assert getattr(service, method)(config.model_copy(update={"max_tokens": 100}))


def test_a_text_that_is_not_here_is_told(service):
    with pytest.raises(CorpusError, match="There is no text 'nope' here"):
        service.ladder(CorpusConfig(corpus="nope"))


def test_the_usual_sentence_and_level_are_the_texts_own(service, config):
    assert some_text().startswith(service.usual_sentence(config, 20))
    assert service.usual_level(config.corpus) == "word"
    assert service.usual_level("yujie_zhongbiao") == "char"
