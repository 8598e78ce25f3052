"""A paused run gives its worker back, and goes on in another as if it had kept it."""

from __future__ import annotations

import pytest

from playground.records import RunStatus
from playground.runs.kept_workers import MOST_KEPT
from playground.runs.manager import RunManager
from playground.runs.workers import ProcessExecutor
from tests.helpers import VARIED, curve, final_weights, same_bits, tiny_config, until

S = RunStatus
SETTINGS = VARIED | {"epochs": 60}
ENDLESS = {"epochs": "off", "sample_every": 0}


@pytest.fixture
def manager(make_manager):
    """One whose paused runs give their worker back at once."""
    return make_manager(kept_seconds=0.0)


@pytest.fixture
def pause(manager, store):
    """Pause a run after a step, and wait until it has given its worker back."""

    def wait(id: str, at: int = 1) -> None:
        until(lambda: store.get(id).step >= at)
        manager.pause(id)
        until(lambda: manager._runs[id].gave_worker_back and manager._runs[id].thread is None)
        assert store.get(id).status is S.PAUSED

    return wait


def test_it_goes_on_bit_for_bit_as_one_that_was_never_paused(manager, pause, store, text_id):
    config = tiny_config(corpus=text_id, **SETTINGS)
    whole = manager.wait(manager.start(config).id, 60)
    id = manager.start(config).id
    for at in (7, 60, 301):
        pause(id, at)
        last = store.newest_checkpoint(id)
        assert last.step == store.get(id).step == len(store.step_rows(id))
        manager.resume(id)
    run = manager.wait(id, 60)
    assert (run.status, run.revision) == (S.FINISHED, 0)  # nothing was taken back
    assert curve(store, id) == curve(store, whole.id)
    assert [s.text for s in store.history(id).samples] == [s.text for s in store.history(whole.id).samples]
    assert same_bits(final_weights(store, id), final_weights(store, whole))


def test_its_threshold_can_be_moved_meanwhile_and_holds_from_the_next_step_on(manager, pause, store, text_id):
    id = manager.start(tiny_config(corpus=text_id, max_grad_norm=1, **ENDLESS)).id
    pause(id)
    manager.clip(id, 0.001)
    assert store.get(id).max_grad_norm == 0.001
    stood = store.get(id).step
    manager.resume(id)
    until(lambda: store.get(id).step > stood + 3)
    later = [row for row in store.step_rows(id) if row["step"] > stood]
    assert all(row["scale"] == pytest.approx(0.001 / row["grad_norm"], rel=1e-3) for row in later)


def test_it_can_be_stopped_and_keeps_its_last_weights(manager, pause, store, text_id):
    id = manager.start(tiny_config(corpus=text_id, **ENDLESS)).id
    pause(id)
    manager.snapshot(id)  # they are saved already
    manager.stop(id)
    run, last = manager.wait(id, 10), store.newest_checkpoint(id)
    assert (run.status, last.step, last.kept) == (S.STOPPED, run.step, True)
    manager.resume(id)
    until(lambda: store.get(id).step > run.step)


def test_it_waits_first_in_the_queue_when_it_goes_on(manager, pause, store, text_id):
    first = manager.start(tiny_config(corpus=text_id, **ENDLESS)).id
    pause(first)
    second, third = (manager.start(tiny_config(corpus=text_id, **ENDLESS)).id for _ in range(2))
    until(lambda: store.get(second).status is S.RUNNING)
    manager.resume(first)
    assert store.get(first).status is S.QUEUED
    assert [manager.queue_position(id) for id in (first, third)] == [1, 2]
    manager.stop(second)
    stood = store.get(first).step
    until(lambda: store.get(first).step > stood)


def test_a_server_that_stops_leaves_it_interrupted(manager, pause, store, text_id):
    id = manager.start(tiny_config(corpus=text_id, **ENDLESS)).id
    pause(id)
    manager.close()
    assert store.get(id).status is S.INTERRUPTED


def test_however_fast_one_goes_on_again_no_step_is_lost(manager, store, text_id):
    id = manager.start(tiny_config(corpus=text_id, **ENDLESS)).id
    for _ in range(20):
        stood = store.get(id).step
        until(lambda stood=stood: store.get(id).step > stood and store.get(id).status is S.RUNNING)
        manager.pause(id)
        manager.resume(id)
    manager.stop(id)
    run = manager.wait(id, 60)
    assert run.status is S.STOPPED
    assert [step for step, *_ in curve(store, id)] == list(range(1, run.step + 1))


def test_many_paused_runs_keep_few_workers(store, text_id):
    executor = ProcessExecutor(store.directory / "logs")
    manager = RunManager(store, executor)

    def workers() -> int:
        with executor._lock:
            return len(executor._busy) + len(executor._idle)

    ids = []
    for _ in range(MOST_KEPT + 2):
        id = manager.start(tiny_config(corpus=text_id, **ENDLESS)).id
        until(lambda run=id: store.get(run).step > 0)
        manager.pause(id)
        until(lambda run=id: store.get(run).status is S.PAUSED)
        ids.append(id)
    until(lambda: workers() <= MOST_KEPT + 1)  # and one for the next run
    stood = store.get(ids[0]).step
    manager.resume(ids[0])  # it gave its worker back first
    until(lambda: store.get(ids[0]).step > stood)
    manager.close()


@pytest.mark.parametrize(("available", "spare"), [(2**40, 1), (2**20, 0)])
def test_as_many_workers_are_warm_as_are_wanted_and_fit(tmp_path, available, spare):
    """64 runs may train at the same time: that is no reason to start 64 processes."""
    executor = ProcessExecutor(tmp_path / "logs", warm=64, available=lambda: available)
    assert len(executor._idle) == 1
    workers = [executor._acquire()]
    assert (len(executor._busy), len(executor._idle)) == (1, spare)
    workers.append(executor._acquire())  # where memory is short, whoever starts a run waits for its worker
    assert (len(executor._busy), len(executor._idle)) == (2, spare)
    for worker in workers:
        executor._release(worker, reuse=True)
    assert len(executor._idle) == (2 if spare else 1)
    executor.close()
