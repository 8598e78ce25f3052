"""A sentence through any checkpoint of a run, and the newest of one that trains."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from safetensors.numpy import load_file, save_file

from playground.errors import ConfigError, StoreError
from playground.models.gates import trace_gates
from playground.records import RunStatus
from playground.runs.active import CHECKPOINT_SECONDS
from playground.runs.executors import InlineExecutor
from playground.runs.manager import RunManager
from playground.services.checkpoints import CheckpointCache, checkpoint_at
from playground.services.gates import MAX_TOKENS, GateService
from playground.store.messages import CheckpointSaved
from playground.store.weights import load_arrays
from playground.training.control import Command
from tests.helpers import Clock, curve, final_weights, same_bits, some_text, tiny_config, until

S = RunStatus
ENDLESS = {"epochs": "off", "sample_every": 0}
SENTENCE = "a brass clock"


@pytest.fixture
def service(store) -> GateService:
    return GateService(CheckpointCache(store))


@pytest.fixture
def long_text_id(store) -> str:
    """So long that no epoch ends in a test, whose checkpoint would replace a rolling one."""
    return store.library.add("Long text", some_text(200_000)).id


@pytest.fixture
def train(store, text_id, make_manager):
    """Trains a small run to its end."""

    def call(text: str | None = None, **settings: object):
        corpus = text_id if text is None else store.library.add("Another", text).id
        manager = make_manager()
        run = manager.wait(manager.start(tiny_config(corpus=corpus, **settings)).id, 60)
        assert run.status is S.FINISHED
        return run

    return call


# one sentence, one checkpoint -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {"cell": "rnn", "nonlinearity": "relu", "lr": 0.05},
        {"cell": "gru", "input": "embedding"},
        {"cell": "lstm", "bidirectional": True, "num_layers": 2, "dropout": 0.5},
    ],
    ids=lambda s: s["cell"],
)
def test_every_checkpoint_can_be_traced_and_shows_its_own_weights(store, service, train, settings):
    run = train(**settings)
    checkpoints = store.checkpoints(run.id)
    assert [checkpoint.epoch for checkpoint in checkpoints] == [0, 1, 2, 3]
    hidden = []
    for checkpoint in checkpoints:
        trace = service.trace(run, checkpoint, SENTENCE)
        weights = load_arrays(store.run_directory(run.id) / checkpoint.weights_file)
        again = trace_gates(weights, run.config.model, store.vocab(run.id).encode(SENTENCE))
        for traced, expected in zip(sum(trace.layers, ()), sum(again.layers, ()), strict=True):
            assert_array_equal(traced.hidden, expected.hidden)
        assert trace.tokens == tuple(SENTENCE)
        assert all(trace.known)
        hidden.append(trace.layers[0][0].hidden)
    assert not any(np.array_equal(left, right) for left, right in pairwise(hidden))


def test_the_same_question_has_the_same_answer_and_another_has_its_own(store, service, train):
    run = train()
    first, *_, last = store.checkpoints(run.id)
    answer = service.trace(run, last, SENTENCE)
    assert service.trace(run, last, SENTENCE) is answer
    assert service.trace(run, last, SENTENCE[:-1]) is not answer
    assert service.trace(run, first, SENTENCE) is not answer
    assert service.trace(train(seed=1), last, SENTENCE) is not answer
    assert service.trace(replace(run, revision=run.revision + 1), last, SENTENCE) is not answer


def test_words_that_join_to_the_same_text_are_not_mistaken_for_each_other(store, service, train):
    run = train(token_level="word")
    last = store.newest_checkpoint(run.id)
    assert service.trace(run, last, "tide\0clock").tokens == ("tide\0clock",)
    assert service.trace(run, last, "tide clock").tokens == ("tide", "clock")


def test_a_resumed_runs_new_weights_are_read_anew(store, service, train):
    run = train()
    last = store.newest_checkpoint(run.id)
    before = service.trace(run, last, SENTENCE).layers[0][0].hidden
    file = store.run_directory(run.id) / last.weights_file
    save_file({name: 2 * value for name, value in load_file(file).items()}, file)
    resumed = replace(run, revision=run.revision + 1)
    assert not np.array_equal(service.trace(resumed, last, SENTENCE).layers[0][0].hidden, before)


def test_a_rolling_checkpoint_that_was_replaced_is_a_store_error(store, service, long_text_id, make_manager):
    manager = make_manager()
    run = manager.start(tiny_config(corpus=long_text_id, **ENDLESS))

    def snapshot(after: int = 0):
        manager.snapshot(run.id)
        return until(
            lambda: next((c for c in store.checkpoints(run.id) if not c.kept and c.step > after), None)
        )

    until(lambda: store.get(run.id).step > 0)
    old = snapshot()
    new = snapshot(after=old.step)
    until(
        lambda: not (store.run_directory(run.id) / old.weights_file).exists()
    )  # the file goes after its row
    with pytest.raises(StoreError, match=old.weights_file):
        service.trace(run, old, SENTENCE)
    assert len(service.trace(run, new, SENTENCE).tokens) == len(SENTENCE)


def test_a_damaged_checkpoint_is_a_store_error(store, service, train):
    run = train()
    last = store.newest_checkpoint(run.id)
    (store.run_directory(run.id) / last.weights_file).write_bytes(b"half a file")
    with pytest.raises(StoreError, match="cannot be read"):
        service.trace(run, last, SENTENCE)


def test_states_that_overflow_are_a_sentence_and_no_picture(store, service, train):
    run = train(cell="rnn", nonlinearity="relu", lr=0.05)
    last = store.newest_checkpoint(run.id)
    file = store.run_directory(run.id) / last.weights_file
    save_file({name: np.float32(1e20) * np.abs(value) for name, value in load_file(file).items()}, file)
    with pytest.raises(StoreError, match=r"epoch 3 .* beyond what a number holds"):
        service.trace(run, last, SENTENCE)


def test_a_run_that_has_not_started_has_no_weights(store, service):
    run = store.create(tiny_config(), "Mine")
    with pytest.raises(StoreError, match="'Mine' has no weights yet"):
        checkpoint_at(store, run, None)
    checkpoint = CheckpointSaved(0.0, 0, True, "w", "t")
    store.append(run.id, [checkpoint])
    with pytest.raises(StoreError, match="'Mine' has no weights yet"):  # no vocabulary either
        service.trace(run, store.newest_checkpoint(run.id), SENTENCE)


# sentences ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("x" * (MAX_TOKENS + 1), rf"has {MAX_TOKENS + 1} tokens.*by 1\."),
        ("y" * 5_000, "has 5,000"),
    ],
)
def test_a_sentence_has_at_least_one_token_and_at_most_the_limit(store, service, train, text, told):
    run = train()
    last = store.newest_checkpoint(run.id)
    with pytest.raises(ConfigError, match=told):
        service.trace(run, last, text)
    for length in (1, MAX_TOKENS):
        assert len(service.trace(run, last, "t" * length).tokens) == length


def test_tokens_the_run_never_read_are_marked_and_enter_as_unknown(store, service, train):
    run = train()
    last = store.newest_checkpoint(run.id)
    trace = service.trace(run, last, "tÄd雨")
    assert (trace.tokens, trace.known) == (("t", "Ä", "d", "雨"), (True, False, True, False))
    assert_array_equal(trace.layers[0][0].hidden, service.trace(run, last, "t?d!").layers[0][0].hidden)


def test_a_run_on_letters_reads_a_sentence_as_letters(store, service, train):
    run = train(normalize="letters")
    last = store.newest_checkpoint(run.id)
    assert service.trace(run, last, " The TIDE,\n clock!").tokens == tuple("the tide clock")
    with pytest.raises(ConfigError, match="the letters a-z are read here"):
        service.trace(run, last, "雨?")
    with pytest.raises(ConfigError, match="is empty"):
        service.trace(run, last, "  ")


def test_a_run_on_words_reads_words(store, service, train):
    run = train(token_level="word", hidden_size=9)
    trace = service.trace(run, store.newest_checkpoint(run.id), "a brass  clock\ntide ")
    assert (trace.tokens, trace.known) == (("a", "brass", "clock", "tide"), (False, True, True, True))
    assert trace.layers[0][0].hidden.shape == (4, 9)


def test_chinese_is_read_character_by_character(store, service, train):
    run = train("雨下了一整夜，钟表铺的灯还亮着。" * 8)
    trace = service.trace(run, store.newest_checkpoint(run.id), "雨还下着?")
    assert (trace.tokens, trace.known) == (tuple("雨还下着?"), (True, True, True, True, False))


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({}, None),
        ({"token_level": "word"}, None),
        ({"normalize": "letters"}, None),
        ({}, "雨下了一整夜。" * 30),
    ],
    ids=["letters and spaces", "words", "normalised", "Chinese"],
)
def test_the_usual_sentence_is_the_texts_own_beginning_and_can_be_looked_at(
    store, service, train, settings, text
):
    run = train(text, **settings)
    sentence = service.usual_sentence(run)
    assert 7 <= len(sentence) <= 100
    assert (text or some_text()).startswith(sentence)
    assert all(service.trace(run, store.newest_checkpoint(run.id), sentence).known)


@pytest.mark.parametrize("samples", [True, False])
def test_when_its_text_is_gone_a_runs_usual_sentence_is_what_it_wrote_last(store, service, train, samples):
    run = train(sample_every=int(samples))
    for file in store.library.directory.iterdir():
        file.unlink()
    written = [sample.prefix + sample.text for sample in store.history(run.id).samples]
    assert service.usual_sentence(run) == (written[-1] if samples else "")
    assert service.trace(run, store.newest_checkpoint(run.id), SENTENCE).tokens == tuple(SENTENCE)


# which checkpoint -----------------------------------------------------------------------------------------


def test_a_checkpoint_is_found_by_its_epoch_and_without_one_it_is_the_newest(store, train):
    run = train()
    checkpoints = store.checkpoints(run.id)
    assert [checkpoint_at(store, run, checkpoint.epoch) for checkpoint in checkpoints] == checkpoints
    assert checkpoint_at(store, run, None) == checkpoints[-1]


@pytest.mark.parametrize("epoch", [4.0, 2.5, -1.0, float("nan"), float("inf")])
def test_an_epoch_without_a_checkpoint_names_those_that_there_are(store, train, epoch):
    run = train()
    with pytest.raises(StoreError, match=rf"epoch {epoch:g}\. It has those of 0, 1, 2, 3\."):
        checkpoint_at(store, run, epoch)


def test_every_epoch_that_is_named_can_be_asked_for(store):
    """As a run has it that was stopped within an epoch."""
    run = store.create(tiny_config(), "Mine")
    epochs = [0.0, 1 / 3, 7 / 3, 100 / 7, 1234 / 7]
    store.append(
        run.id, [CheckpointSaved(epoch, step, True, f"w{step}", "t") for step, epoch in enumerate(epochs)]
    )
    with pytest.raises(StoreError) as told:
        checkpoint_at(store, run, 9.0)
    named = str(told.value).split("those of ")[1].removesuffix(".").split(", ")
    assert [checkpoint_at(store, run, float(epoch)).epoch for epoch in named] == epochs


# checkpoints on request --------------------------------------------------------------------------------------


class Overheard(InlineExecutor):
    """The real thing, which also notes what each run was asked."""

    def __init__(self) -> None:
        self.asked: dict[str, list[Command]] = {}

    def run(self, job, control):
        control.attach(self.asked.setdefault(job.directory.name, []).append)
        return super().run(job, control)

    def snapshots(self, id: str) -> int:
        return self.asked.get(id, []).count(Command.SNAPSHOT)


@pytest.fixture
def executor() -> Overheard:
    return Overheard()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def manager(store, executor, clock):
    made = RunManager(store, executor, clock=clock)
    yield made
    made.close()


@pytest.fixture
def start(manager, text_id):
    return lambda **settings: manager.start(tiny_config(**{"corpus": text_id} | settings)).id


def test_however_many_look_newer_weights_are_asked_for_once_in_so_many_seconds(
    manager, start, executor, store, clock
):
    id = start(**ENDLESS)
    until(lambda: store.get(id).status is S.RUNNING)
    clock.now = 100.0

    def asked() -> int:
        manager.request_checkpoint(id)
        until(
            lambda: manager._runs[id].checkpoint_seconds is not None
        )  # answered: nobody outside can see it that exactly
        return executor.snapshots(id)

    for count, later in ((1, 0.0), (2, CHECKPOINT_SECONDS), (3, 10 * CHECKPOINT_SECONDS)):
        clock.now += later
        assert {asked() for _ in range(5)} == {count}
        clock.now += CHECKPOINT_SECONDS / 2
        assert asked() == count
        clock.now -= CHECKPOINT_SECONDS / 2
    manager._runs[id].checkpoint_seconds = 3.0  # a big network's
    clock.now += 59.0
    assert asked() == 3
    clock.now += 1.0
    assert asked() == 4
    manager.stop(id)


def test_the_weights_that_were_asked_for_come(manager, start, store, service, long_text_id):
    id = start(corpus=long_text_id, **ENDLESS)
    until(lambda: store.get(id).step > 5)
    manager.request_checkpoint(id)
    newest = until(lambda: next((c for c in store.checkpoints(id) if not c.kept), None))
    assert newest == checkpoint_at(store, store.get(id), None)
    assert service.trace(store.get(id), newest, SENTENCE).cell == "lstm"


def test_a_run_that_does_not_train_is_asked_nothing(manager, start, executor, store, clock):
    first, second, third = start(**ENDLESS), start(**ENDLESS), start(**ENDLESS)
    until(lambda: store.get(first).status is S.RUNNING)
    manager.pause(first)
    until(lambda: store.get(first).status is S.PAUSED)
    until(lambda: store.get(second).status is S.RUNNING)
    manager.stop(second)
    manager.wait(second, 60)
    until(lambda: store.get(third).status is S.RUNNING)
    waiting = start(**ENDLESS)
    for id in (first, second, waiting, "nonsense"):
        clock.now += 2 * CHECKPOINT_SECONDS
        manager.request_checkpoint(id)
    assert sum(executor.snapshots(id) for id in (first, second, third, waiting)) == 0


@pytest.mark.parametrize("sampling", ["sequential", "random"])
def test_requested_checkpoints_change_nothing_about_the_training(
    manager, start, executor, store, clock, sampling
):
    settings = {
        "epochs": 40,
        "dropout": 0.3,
        "num_layers": 2,
        "sampling": sampling,
        "optimizer": "adamw",
        "lr": 0.01,
    }
    alone, watched = start(**settings), start(**settings)
    assert manager.wait(alone, 60).status is S.FINISHED
    clock.each_look = CHECKPOINT_SECONDS  # every look asks
    until(lambda: [manager.request_checkpoint(watched), not store.get(watched).status.is_active][1])
    assert executor.snapshots(alone) == 0
    assert executor.snapshots(watched) > 3
    assert curve(store, watched) == curve(store, alone)
    assert same_bits(final_weights(store, watched), final_weights(store, alone))
    kept = [(c.step, c.epoch, c.kept) for c in store.checkpoints(alone)]
    assert [(c.step, c.epoch, c.kept) for c in store.checkpoints(watched)] == kept
    assert store.history(watched).samples == store.history(alone).samples
