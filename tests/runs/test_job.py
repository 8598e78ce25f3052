"""One run's work, wherever it is done."""

import errno

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.errors import CorpusError, StoreError
from playground.records import CheckpointRecord, RunStatus
from playground.runs.job import REPORT_SECONDS, Job, _prepared, _save_with_room, work
from playground.store.messages import CheckpointSaved, Message, VocabBuilt, from_json, to_json
from playground.store.weights import load_weights
from playground.text.corpora import CorpusLibrary
from playground.text.vocab import Vocab
from playground.training.control import Command, RunControl
from playground.training.events import CheckpointReady, Finished, Paused, Started, StepDone
from playground.training.meter import SpeedMeter
from tests.helpers import Clock, only, prepared, same_bits, some_text, tiny_config, train


@pytest.fixture
def make_job(tmp_path):
    library = CorpusLibrary(tmp_path / "corpora")
    corpus = library.add("Some text", some_text()).id

    def make(**settings: object) -> Job:
        resume = settings.pop("resume", None)
        config = tiny_config(corpus=corpus, **settings)
        return Job(config, library.directory, tmp_path / "run", resume)

    return make


def told(job: Job, control: RunControl | None = None, **more: object) -> list[Message]:
    return [m for messages in work(job, control or RunControl(), **more) for m in messages]


@given(
    st.none()
    | st.builds(
        CheckpointRecord,
        st.text(),
        st.integers(0),
        st.floats(0, 9),
        st.booleans(),
        st.text(),
        st.none() | st.text(),
    )
)
def test_a_job_is_one_line_and_comes_back_as_it_went(tmp_path_factory, resume):
    folder = tmp_path_factory.getbasetemp() / "雨 街"
    job = Job(tiny_config(sample_prefix="a\nb", epochs="off"), folder / "corpora", folder / "run", resume)
    line = job.to_json()
    assert len(line.splitlines()) == 1
    assert Job.from_json(line) == job


def test_a_text_is_prepared_once_for_all_who_take_turns_on_it(make_job):
    library, config = CorpusLibrary(make_job().corpora), make_job().config.corpus
    text = _prepared(library.load(config.corpus), config)
    assert _prepared(library.load(config.corpus), config) is text
    assert _prepared(library.load(config.corpus), config.model_copy(update={"held_out": 0.5})) is not text
    (library.directory / f"{config.corpus}.txt").write_text(some_text(seed=2), "utf-8")
    assert _prepared(library.load(config.corpus), config).vocab.to_json() != text.vocab.to_json()


def test_a_job_tells_the_vocabulary_first_and_the_end_last(make_job):
    job = make_job()
    messages = told(job)
    assert [type(m) for m in messages[:2]] == [VocabBuilt, Started]
    assert Vocab.from_json(messages[0].vocab) == prepared(job.config).vocab
    assert [m for m in messages if isinstance(m, Finished)] == messages[-1:]


def test_a_job_tells_what_its_trainer_does_and_nothing_is_lost_or_swapped(make_job):
    job = make_job(dropout=0.2)

    def facts(events):
        return [(type(e), e.step, getattr(e, "loss", None)) for e in events if hasattr(e, "step")]

    expected = [
        (CheckpointSaved if k is CheckpointReady else k, *rest) for k, *rest in facts(train(job.config))
    ]
    assert facts(told(job)) == expected


def test_a_checkpoint_is_told_only_when_its_files_lie_there(make_job):
    job = make_job()
    for messages in work(job, RunControl()):
        for message in messages:
            if isinstance(message, CheckpointSaved):
                assert (job.directory / message.weights_file).is_file()
                assert (job.directory / message.training_file).is_file()


def test_steps_are_told_together_but_the_first_at_once_and_an_end_never_waits(make_job):
    clock = Clock(each_look=REPORT_SECONDS / 50)
    lists = list(work(make_job(epochs=20, sample_every=0), RunControl(), clock=clock))
    alone = [messages for messages in lists if all(isinstance(m, StepDone) for m in messages)]
    assert [type(m) for m in alone[0]] == [StepDone]
    assert max(map(len, lists)) > 2
    assert isinstance(lists[-1][-1], Finished)
    steps = [m.step for messages in lists for m in messages if isinstance(m, StepDone)]
    assert steps == list(range(1, len(steps) + 1))


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("sampling", ["sequential", "random"])
def test_a_job_resumed_from_disk_in_the_middle_of_an_epoch_ends_bit_for_bit_alike(make_job, cell, sampling):
    settings = {
        "cell": cell,
        "sampling": sampling,
        "dropout": 0.4,
        "num_layers": 2,
        "optimizer": "adamw",
        "lr": 0.01,
        "epochs": 2,
    }
    whole = told(make_job(**settings))
    target = load_weights(make_job().directory / only(CheckpointSaved, whole)[-1].weights_file)
    control, events = RunControl(), []
    for messages in work(make_job(**settings), control, clock=Clock(each_look=REPORT_SECONDS)):
        events += messages
        if any(isinstance(m, StepDone) and m.step == 23 for m in messages):
            control.send(Command.STOP)
    last = only(CheckpointSaved, events)[-1]
    assert (last.step, events[-1].status) == (23, RunStatus.STOPPED)
    record = CheckpointRecord("id", last.step, last.epoch, last.kept, last.weights_file, last.training_file)
    job = Job.from_json(make_job(**settings, resume=record).to_json())
    rest = told(job)
    assert same_bits(load_weights(job.directory / only(CheckpointSaved, rest)[-1].weights_file), target)
    losses = {step.step: step.loss for step in only(StepDone, whole)}
    assert {s.step: s.loss for s in only(StepDone, rest)} == {k: v for k, v in losses.items() if k > 23}


def test_every_message_of_a_job_survives_the_way_to_the_server(make_job):
    messages = told(make_job())
    assert from_json(to_json(messages)) == messages


def test_a_text_that_is_gone_ends_the_job_with_a_sentence(make_job):
    job = make_job()
    with pytest.raises(CorpusError, match="There is no text"):
        told(Job(job.config, job.corpora / "elsewhere", job.directory))


def test_a_disk_that_refuses_ends_the_job_with_a_sentence(make_job, tmp_path):
    (tmp_path / "run").write_text("in the way")
    with pytest.raises(StoreError, match="cannot be written"):
        told(make_job())


def test_a_checkpoint_that_is_gone_ends_the_job_with_a_sentence(make_job):
    record = CheckpointRecord("id", 3, 0.1, True, "gone.weights", "gone.training")
    with pytest.raises(StoreError, match="gone"):
        told(make_job(resume=record))


def test_a_run_that_is_stopped_while_it_waits_for_room_ends_without_that_checkpoint():
    control, waiting = RunControl(), []

    def full():
        raise StoreError("A checkpoint cannot be written.") from OSError(errno.ENOSPC, "full")

    saving = _save_with_room(full, 7, control, SpeedMeter(lambda: 0.0), waiting)
    (paused,) = next(saving)
    assert isinstance(paused, Paused)
    control.send(Command.STOP)
    with pytest.raises(StopIteration) as ended:
        next(saving)
    assert ended.value.value is None
