"""Another program locks the database: nothing is lost, and no run fails."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest

from playground.errors import StoreBusy, StoreError
from playground.records import RunStatus
from playground.runs.patience import PatientStore
from playground.runs.read_ahead import read_ahead
from playground.store import database as database_module
from playground.store import run_notes
from playground.store.messages import CheckpointSaved
from playground.training.control import RunControl
from playground.training.events import StepDone
from tests.helpers import curve, tiny_config, until

LOCK = """
import sqlite3, sys
other = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
other.execute("BEGIN " + sys.argv[2])
print("locked", flush=True)
sys.stdin.read()
other.execute("ROLLBACK")
"""


@contextmanager
def locked(store, how: str):
    """Another process has the database while this lasts."""
    command = [sys.executable, "-c", LOCK, str(store.directory / "playground.sqlite3"), how]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline().strip() == "locked"
        yield
        other.stdin.close()
        assert other.wait(60) == 0


@pytest.mark.parametrize("how", ["IMMEDIATE", "EXCLUSIVE"])
def test_a_run_waits_for_it_and_ends_as_an_undisturbed_one(make_manager, store, text_id, monkeypatch, how):
    monkeypatch.setattr(database_module, "_BUSY_SECONDS", 0.2)
    manager = make_manager()
    config = tiny_config(corpus=text_id, epochs=150, sample_every=0)
    whole = manager.wait(manager.start(config).id, 60)
    id = manager.start(config).id
    until(lambda: store.get(id).step > 10)
    with locked(store, how):
        until(
            lambda: store.busy_seconds > 1.0
        )  # five times what a person would have to wait for the sentence
    run = manager.wait(id, 60)
    assert run.status is RunStatus.FINISHED
    assert curve(store, id) == curve(store, whole.id)
    assert store.busy_seconds == 0


def test_pages_read_while_another_program_writes_and_a_run_waits(make_manager, store, text_id):
    manager = make_manager()
    id = manager.start(tiny_config(corpus=text_id, epochs="off", sample_every=0)).id
    until(lambda: store.get(id).step > 0)
    with locked(store, "IMMEDIATE"):
        until(lambda: store.busy_seconds > 0)
        begun = time.monotonic()
        assert store.get(id).status is RunStatus.RUNNING
        assert store.history(id).step_epoch.size > 0
        assert time.monotonic() - begun < database_module._BUSY_SECONDS / 2
        assert store.busy_seconds > 0  # that it can be read does not mean that it can be written
    stood = store.get(id).step
    until(lambda: store.get(id).step > stood)


def test_what_has_long_been_locked_is_not_waited_for_as_long_again(store, monkeypatch):
    monkeypatch.setattr(database_module, "_BUSY_SECONDS", 1.0)
    monkeypatch.setattr(database_module, "_KNOWN_BUSY_SECONDS", 0.1)
    with locked(store, "EXCLUSIVE"):
        assert not store.can_be_read()
        took = []
        for _ in range(3):
            begun = time.monotonic()
            with pytest.raises(StoreBusy):
                store.all()
            took.append(time.monotonic() - begun)
        assert took[0] > 0.9
        assert max(took[1:]) < 0.8
    assert store.can_be_read()
    with locked(store, "IMMEDIATE"):
        assert store.can_be_read()


def test_who_presses_a_button_meanwhile_is_told_and_may_try_again(store, text_id, monkeypatch):
    monkeypatch.setattr(database_module, "_BUSY_SECONDS", 0.05)
    run = store.create(tiny_config(corpus=text_id), "a run").id
    with locked(store, "EXCLUSIVE"), pytest.raises(StoreBusy, match="another program has locked it"):
        store.rename(run, "another name")
    store.rename(run, "another name")
    assert store.get(run).name == "another name"


def test_only_so_much_is_read_ahead_and_nothing_is_lost_or_turned_round():
    told, read = [], threading.Semaphore(0)

    def run():
        for step in range(1, 101):
            told.append(step)
            read.release()
            yield [StepDone(step, step, 1.0, 1.0, 1.0, 1.0, 1.0)]

    batches = read_ahead(run(), RunControl(), most=10)
    taken = [m.step for m in next(batches)]
    for _ in range(len(taken) + 11):  # ten that wait, and one for which there is no place
        read.acquire(timeout=10)
    assert len(told) <= len(taken) + 11
    taken += [m.step for messages in batches for m in messages]
    assert taken == list(range(1, 101))


def test_a_run_that_nobody_listens_to_any_more_is_told_to_stop():
    control = RunControl()

    def run():
        while not control.stopped:
            yield [StepDone(1, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)]

    batches = read_ahead(run(), control, most=10)
    next(batches)
    batches.close()
    assert control.stopped


def test_what_ends_a_run_is_raised_after_what_it_told_before():
    def run():
        yield [StepDone(1, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)]
        raise ZeroDivisionError

    batches = read_ahead(run(), RunControl())
    assert [m.step for m in next(batches)] == [1]
    with pytest.raises(ZeroDivisionError):
        next(batches)


def test_what_was_kept_is_not_kept_again_where_its_note_meets_a_lock(store, monkeypatch):
    id = store.create(tiny_config(), "Noted").id

    def locked_now(*_at):
        raise StoreBusy("The run database cannot be used now.")

    monkeypatch.setattr(run_notes, "_keep", locked_now)
    told = [StepDone(1, 0.1, 3.0, 1.0, 1.0, 10.0, 0.1), CheckpointSaved(0.1, 1, False, "w1", "t1")]
    PatientStore(store, lambda: False).use(lambda: store.append(id, told))
    assert [row["step"] for row in store.step_rows(id)] == [1]


def test_a_resume_that_meets_a_lock_can_be_pressed_again(make_manager, store, text_id, monkeypatch):
    manager = make_manager()
    id = manager.start(tiny_config(corpus=text_id, epochs="off", sample_every=0)).id
    until(lambda: store.get(id).step > 0)
    manager.pause(id)
    until(lambda: store.get(id).status is RunStatus.PAUSED and not manager._queue.is_training(id))
    with monkeypatch.context() as patch:
        patch.setattr(store, "set_status", busy)
        with pytest.raises(StoreBusy):
            manager.resume(id)
    manager.resume(id)
    until(lambda: store.get(id).status is RunStatus.RUNNING)
    manager.stop(id)
    manager.wait(id, 60)


def busy(*_at, **_named):
    raise StoreBusy("The run database cannot be used now.")


def test_a_server_ends_its_runs_in_order_though_a_row_cannot_be_written(
    make_manager, store, text_id, monkeypatch
):
    manager = make_manager()
    runs = [manager.start(tiny_config(corpus=text_id, epochs="off", sample_every=0)).id for _ in range(2)]
    until(lambda: store.get(runs[0]).step > 0)  # the other waits
    set_status = store.set_status

    def fails_for_the_other(id, *more):
        if id == runs[1]:
            raise StoreError("The disk gave an error.")
        set_status(id, *more)

    monkeypatch.setattr(store, "set_status", fails_for_the_other)
    manager.close()
    assert store.get(runs[0]).status is RunStatus.INTERRUPTED
