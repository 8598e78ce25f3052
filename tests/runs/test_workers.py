"""Warm worker processes, some of which are killed."""

import os
import random
import signal

import psutil
import pytest
import torch

from playground.errors import DeviceError, WorkerError
from playground.records import RunStatus
from playground.runs.executors import InlineExecutor
from playground.runs.job import Job
from playground.runs.manager import RunManager
from playground.runs.workers import ProcessExecutor
from playground.store.run_store import RunStore
from playground.text.corpora import CorpusLibrary
from playground.training.control import RunControl
from playground.training.devices import missing_devices
from tests.helpers import curve, final_weights, same_bits, some_text, tiny_config, until

S = RunStatus
LONG = {"epochs": 100, "dropout": 0.2, "num_layers": 2, "optimizer": "adamw", "lr": 0.01, "sample_every": 0}


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    """One store and one manager with worker processes for all tests here: each worker takes seconds to warm."""
    store = RunStore(tmp_path_factory.mktemp("data"))
    executor = ProcessExecutor(store.directory / "logs")
    manager = RunManager(store, executor)
    yield store, executor, manager
    manager.close()
    store.close()


@pytest.fixture
def start(workshop):
    store, _, manager = workshop
    corpus = store.library.add("Some text", some_text()).id
    return lambda **settings: manager.start(tiny_config(corpus=corpus, **settings)).id


def busy_worker(executor: ProcessExecutor) -> psutil.Process:
    (pid,) = (worker.process.pid for worker in executor._busy)
    return psutil.Process(pid)


def undisturbed(tmp_path, **settings: object):
    """Curve and final weights of the same run, trained inside this process."""
    store = RunStore(tmp_path / "undisturbed")
    manager = RunManager(store, InlineExecutor())
    corpus = store.library.add("Some text", some_text()).id
    run = manager.wait(manager.start(tiny_config(corpus=corpus, **settings)).id, 120)
    assert run.status is S.FINISHED
    result = curve(store, run.id), final_weights(store, run)
    manager.close()
    store.close()
    return result


def pids_of(executor) -> list[int]:
    """Process ids of all workers."""
    with executor._lock:
        return [worker.process.pid for worker in executor._idle + executor._busy]


def test_a_worker_trains_bit_for_bit_as_the_server_itself_would(workshop, start, tmp_path):
    store, _, manager = workshop
    run = manager.wait(start(dropout=0.3), 120)
    assert run.status is S.FINISHED
    expected_curve, expected_weights = undisturbed(tmp_path, dropout=0.3)
    assert curve(store, run.id) == expected_curve
    assert same_bits(final_weights(store, run), expected_weights)


def test_one_worker_does_one_run_after_another(workshop, start):
    _, executor, manager = workshop
    manager.wait(start(), 120)
    (pid,) = pids_of(executor)
    for _ in range(3):
        assert manager.wait(start(), 120).status is S.FINISHED
    assert pids_of(executor) == [pid]


def test_pause_resume_and_stop_reach_the_worker(workshop, start):
    store, _, manager = workshop
    id = start(epochs="off")
    until(lambda: store.get(id).step > 0)
    manager.pause(id)
    until(lambda: store.get(id).status is S.PAUSED)
    stood = store.get(id).step
    assert store.newest_checkpoint(id).step == stood == len(store.step_rows(id))
    manager.resume(id)
    until(lambda: store.get(id).step > stood)
    manager.stop(id)
    run = manager.wait(id, 60)
    assert (run.status, store.newest_checkpoint(id).step) == (S.STOPPED, run.step)


def test_a_killed_worker_fails_its_run_and_resuming_ends_bit_for_bit_alike(workshop, start, tmp_path):
    """SIGKILL at random moments; each time the manager lives on with a fresh worker."""
    store, executor, manager = workshop
    rng = random.Random(20)
    id = start(**LONG)
    at = 0
    for _ in range(3):
        at += rng.randrange(30, 250)
        until(lambda at=at: store.get(id).step >= at)
        victim = busy_worker(executor)
        victim.send_signal(signal.SIGKILL)
        run = manager.wait(id, 60)
        assert run.status is S.FAILED
        assert "was killed (SIGKILL)" in str(run.reason)
        last, kept = store.newest_checkpoint(id), curve(store, id)
        assert len(kept) >= at >= last.step
        fresh = until(lambda: pids_of(executor))
        assert victim.pid not in fresh  # another is warming up already
        at = len(kept)
        manager.resume(id)
        assert store.get(id).status.is_active
        assert curve(store, id)[: last.step] == kept[: last.step]
    assert manager.wait(id, 120).status is S.FINISHED
    assert store.get(id).revision == 3
    expected_curve, expected_weights = undisturbed(tmp_path, **LONG)
    assert curve(store, id) == expected_curve
    assert same_bits(final_weights(store, id), expected_weights)


def test_an_idle_worker_that_was_killed_is_replaced_unseen(workshop, start):
    _, executor, manager = workshop
    manager.wait(start(), 120)
    (pid,) = pids_of(executor)
    (worker,) = executor._idle
    worker.process.kill()
    until(lambda: not worker.is_alive)
    assert manager.wait(start(), 120).status is S.FINISHED
    assert pid not in pids_of(executor)


def test_a_sentence_of_the_engines_own_arrives_as_the_reason(workshop, start):
    store, _, manager = workshop
    first, id = start(epochs="off"), start()
    (store.directory / "runs" / id).write_text("in the way")
    manager.stop(first)
    run = manager.wait(id, 120)
    assert (run.status, str(run.reason)[:30]) == (S.FAILED, "A checkpoint cannot be written")
    assert "Free some space" in str(run.reason)


def test_a_worker_ends_when_its_server_does_not_answer_any_more(tmp_path):
    executor = ProcessExecutor(tmp_path / "logs")
    (worker,) = executor._idle
    worker.process.stdin.close()  # as the system does it for a server that died
    assert worker.process.wait(timeout=60) == 0
    executor.close()


def test_a_worker_that_would_not_start_says_what_it_said_last(tmp_path, monkeypatch):
    (tmp_path / "playground").mkdir()
    monkeypatch.setattr("playground.runs.workers._ROOT", tmp_path)
    (tmp_path / "playground" / "__init__.py").write_text("raise SystemExit('no torch here')")
    monkeypatch.chdir(tmp_path)
    executor = ProcessExecutor(tmp_path / "logs", warm=0)
    job = Job(tiny_config(), CorpusLibrary(tmp_path).directory, tmp_path / "run")
    with pytest.raises(WorkerError, match="ended by itself") as caught:
        list(executor.run(job, RunControl()))
    assert "no torch here" in str(caught.value)
    executor.close()


def test_closing_ends_every_worker_and_leaves_no_log(tmp_path):
    executor = ProcessExecutor(tmp_path / "logs", warm=2)
    executor._acquire()
    pids = pids_of(executor)
    assert len(set(pids)) == 2
    assert all(psutil.pid_exists(pid) for pid in pids)
    executor.close()
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert list((tmp_path / "logs").iterdir()) == []
    executor.warm()
    assert pids_of(executor) == []
    with pytest.raises(WorkerError, match="server is stopping"):
        next(executor.run(Job(tiny_config(), tmp_path, tmp_path), RunControl()))


def test_closing_during_a_run_leaves_it_interrupted_at_its_last_step(tmp_path):
    store = RunStore(tmp_path / "data")
    manager = RunManager(store, ProcessExecutor(tmp_path / "logs"))
    corpus = store.library.add("Some text", some_text()).id
    id = manager.start(tiny_config(corpus=corpus, epochs="off")).id
    until(lambda: store.get(id).step > 5)
    pids = pids_of(manager._executor)
    manager.close()
    run = store.get(id)
    assert (run.status, store.newest_checkpoint(id).step) == (S.INTERRUPTED, run.step)
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert os.getpid() not in pids
    store.close()


def test_a_worker_tells_the_server_which_devices_are_not_here_and_a_run_on_one_is_refused(workshop, start):
    store, executor, manager = workshop
    missing = executor.missing_devices(timeout=60)
    assert missing == missing_devices() == manager.missing_devices()
    before = len(store.all())
    for device in missing:
        with pytest.raises(DeviceError, match=f"{device.upper()} cannot be used here: "):
            start(device=device)
    assert len(store.all()) == before


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
def test_a_run_that_was_interrupted_elsewhere_is_not_resumed_without_its_device(workshop):
    store, _, manager = workshop
    id = store.create(tiny_config(device="cuda"), "Elsewhere").id
    store.set_status(id, S.INTERRUPTED)
    with pytest.raises(DeviceError, match="Choose auto, "):
        manager.resume(id)
    assert store.get(id).status is S.INTERRUPTED
