"""Things that happen at the same moment."""

from __future__ import annotations

import itertools
import os
import signal
import sqlite3
import threading

import pytest

from playground.errors import StoreError
from playground.records import RunStatus
from playground.runs.manager import RunManager
from playground.runs.workers import ProcessExecutor
from playground.store import database as database_module
from playground.store.messages import Finished
from playground.store.run_store import RunStore
from playground.training.control import Command, RunControl
from playground.training.events import EpochDone, SampleMade, StepDone
from playground.training.schedule import ROLLING_SECONDS
from tests.helpers import Clock, make_trainer, only, some_text, tiny_config, until

S = RunStatus
ENDLESS = {"epochs": "off", "sample_every": 0}


def test_a_paused_run_that_dies_while_it_waits_to_go_on_leaves_the_queue(tmp_path):
    store = RunStore(tmp_path / "data")
    executor = ProcessExecutor(store.directory / "logs")
    manager = RunManager(store, executor)
    corpus = store.library.add("Some text", some_text()).id
    start = lambda **settings: manager.start(tiny_config(corpus=corpus, **settings)).id  # noqa: E731
    paused = start(**ENDLESS)
    until(lambda: store.get(paused).status is S.RUNNING)
    (pid,) = (worker.process.pid for worker in executor._busy)
    manager.pause(paused)
    until(lambda: store.get(paused).status is S.PAUSED)
    other, last = start(**ENDLESS), start()
    until(lambda: store.get(other).status is S.RUNNING)
    manager.resume(paused)
    assert manager.queue_position(paused) == 1
    os.kill(pid, signal.SIGKILL)
    assert manager.wait(paused, 60).status is S.FAILED
    assert manager.queue_position(paused) is None
    manager.stop(other)
    assert manager.wait(last, 60).status is S.FINISHED
    manager.close()
    store.close()


def test_a_pause_right_after_a_resume_is_a_pause_again(make_manager, store, text_id):
    manager = make_manager()
    id = manager.start(tiny_config(corpus=text_id, **ENDLESS)).id
    for _ in range(10):
        until(lambda: store.get(id).status is S.RUNNING)
        manager.pause(id)
        until(lambda: store.get(id).status is S.PAUSED)
        manager.resume(id)
        manager.pause(id)
        until(lambda: store.get(id).status is S.PAUSED)
        manager.resume(id)
    manager.stop(id)
    assert manager.wait(id, 60).status is S.STOPPED


def test_a_reader_beside_a_writer_misses_no_point(store, text_id):
    run = store.create(tiny_config(corpus=text_id), "written to").id
    total = 400
    written = threading.Event()

    def write() -> None:
        for step in range(1, total + 1):
            done = [
                StepDone(step, step / 4, 2.0, 0.5, 1.0, 1.0, 1.0),
                EpochDone(step, step, 2.0, None, 1.0),
            ]
            store.append(run, [*done, SampleMade(step, step, "a", "b")])
        written.set()

    thread = threading.Thread(target=write)
    thread.start()
    cursor, steps, epochs = 0, [], []
    for _ in itertools.chain(iter(written.is_set, True), (True,)):
        news = store.history(run, after=cursor)
        cursor = news.cursor
        steps += news.step_epoch.tolist()
        epochs += news.epoch.tolist()
    thread.join()
    assert steps == [step / 4 for step in range(1, total + 1)]
    assert epochs == list(range(1, total + 1))


def test_no_checkpoint_stands_between_an_epochs_last_step_and_its_end():
    trainer = make_trainer(tiny_config(epochs=4), clock=Clock(ROLLING_SECONDS))  # every look is half a minute
    whole = list(trainer.run(RunControl()))
    rolling = [event for event in whole if getattr(event, "kept", True) is False]
    assert len(rolling) > 4
    ends = {event.step for event in only(EpochDone, whole)}
    for checkpoint in rolling:
        if checkpoint.step in ends:  # then its epoch has been told
            assert checkpoint.progress["batch"] == 0
        again = make_trainer(tiny_config(epochs=4))
        again.load(checkpoint.weights, checkpoint.training, checkpoint.progress)
        rest = list(again.run(RunControl()))
        for kind in (EpochDone, SampleMade):
            told = [event.step for event in only(kind, whole) if event.step <= checkpoint.step]
            assert told + [event.step for event in only(kind, rest)] == [e.step for e in only(kind, whole)]


def test_a_locked_database_is_a_sentence_and_works_again_afterwards(tmp_path, monkeypatch, text_id):
    monkeypatch.setattr(database_module, "_BUSY_SECONDS", 0.05)
    store = RunStore(tmp_path / "locked")
    run = store.create(tiny_config(corpus=text_id), "a run").id
    other = sqlite3.connect(tmp_path / "locked" / "playground.sqlite3", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError, match="cannot be used now"):
        store.rename(run, "another name")
    other.execute("ROLLBACK")
    other.close()
    store.rename(run, "another name")
    assert store.get(run).name == "another name"
    store.close()


def test_a_row_that_nobody_trains_can_be_taken_up_again(make_manager, store, text_id):
    manager = make_manager()
    run = store.create(tiny_config(corpus=text_id), "lost").id
    store.set_status(run, S.RUNNING)
    manager.resume(run)
    assert manager.wait(run, 60).status is S.FINISHED


def test_another_text_under_the_same_id_is_refused_on_resume(make_manager, store, text_id):
    manager = make_manager()
    id = manager.start(tiny_config(corpus=text_id, **ENDLESS)).id
    until(lambda: store.get(id).step > 3)
    manager.stop(id)
    manager.wait(id, 60)
    file = store.library.directory / f"{text_id}.txt"
    file.write_text(file.read_text("utf-8").swapcase(), "utf-8")
    manager.resume(id)
    assert "not the one that this run began with" in str(manager.wait(id, 60).reason)


def test_a_snapshot_asked_for_before_a_worker_listens_reaches_it():
    control, heard = RunControl(), []
    control.send(Command.SNAPSHOT)
    control.attach(heard.append)
    assert heard == [Command.SNAPSHOT]


def test_a_curve_is_read_once_however_many_open_it(store, text_id, monkeypatch):
    run = store.create(tiny_config(corpus=text_id), "finished").id
    store.append(run, [StepDone(1, 0.5, 2.0, 0.5, 1.0, 1.0, 1.0), Finished(S.FINISHED, 1, 1.0, 1.0)])
    assert store.history(run) is store.history(run)
    store.append(run, [StepDone(2, 1.0, 2.0, 0.5, 1.0, 1.0, 1.0)])
    assert store.history(run).step_epoch.tolist() == [0.5, 1.0]
