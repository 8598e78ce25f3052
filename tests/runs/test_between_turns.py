"""What can be asked of a run that waits for its next turn: the same as of one that trains."""

from __future__ import annotations

import pytest

from playground.records import Reason, RunStatus
from playground.runs.executors import InlineExecutor
from playground.runs.manager import RunManager
from tests.helpers import VARIED, curve, final_weights, same_bits, tiny_config, until

S = RunStatus
SETTINGS = VARIED | {"epochs": 6, "sample_every": 5}
ENDLESS = {"epochs": "off", "sample_every": 0}


@pytest.fixture
def manager(make_manager):
    """First turns are short, and later ones long."""
    return make_manager(first_slice=0.02, slice_seconds=600.0)


@pytest.fixture
def start(manager, text_id):
    return lambda owner, **settings: manager.start(tiny_config(corpus=text_id, **settings), owner=owner).id


@pytest.fixture
def waiting(manager, start):
    """Start a run that waits for its second turn, while another person's has its own."""

    def make(**settings: object) -> tuple[str, str]:
        other, id = start("ann", **ENDLESS), start("ben", **settings)
        until(lambda: manager._runs[other].turns == 1 and manager._runs[other].has_begun)
        until(lambda: manager._runs[id].is_between_turns)  # what it told is kept
        return id, other

    return make


def test_it_is_running_and_its_newest_weights_are_exact(manager, waiting, store):
    id, other = waiting(**ENDLESS)
    run, last = store.get(id), store.newest_checkpoint(id)
    assert (run.status, manager.queue_position(id)) == (S.RUNNING, 1)
    assert run.step == last.step == len(store.step_rows(id)) > 0
    manager.snapshot(id)  # is there already
    manager.request_checkpoint(id)
    assert store.newest_checkpoint(id) == last
    stood = store.get(other).step
    until(lambda: store.get(other).step > stood)
    assert store.get(id).step == run.step


def test_a_stop_keeps_its_last_weights_and_it_can_be_taken_up_again(manager, waiting, store):
    id, other = waiting(**ENDLESS)
    manager.stop(id)
    run, last = manager.wait(id, 10), store.newest_checkpoint(id)
    assert (run.status, last.step, last.kept) == (S.STOPPED, run.step, True)
    assert manager.queue_position(id) is None
    manager.resume(id)
    manager.stop(other)
    until(lambda: store.get(id).step > run.step)


def test_a_stop_between_turns_keeps_its_reason(manager, waiting, store):
    id, _other = waiting(**ENDLESS)
    manager.stop(id, Reason("Because."))
    assert manager.wait(id, 10).reason == Reason("Because.")


def test_a_pause_is_a_pause_until_it_is_resumed_and_the_curve_stays_that_of_one_alone(
    manager, waiting, store
):
    id, other = waiting(**SETTINGS)
    manager.pause(id)
    assert (store.get(id).status, manager.queue_position(id)) == (S.PAUSED, None)
    manager.stop(other)
    manager.wait(other, 60)
    assert store.get(id).status is S.PAUSED  # a free slot is no reason to go on
    manager.resume(id)
    run = manager.wait(id, 60)
    whole = manager.wait(manager.start(run.config).id, 60)
    assert (run.status, run.revision) == (S.FINISHED, 0)
    assert curve(store, id) == curve(store, whole.id)
    assert same_bits(final_weights(store, id), final_weights(store, whole))


def test_a_pause_that_is_resumed_waits_on(manager, waiting, store):
    id, other = waiting(**ENDLESS)
    manager.pause(id)
    manager.resume(id)
    assert (store.get(id).status, manager.queue_position(id)) == (S.QUEUED, 1)
    stood = store.get(id).step
    manager.stop(other)
    until(lambda: store.get(id).step > stood and store.get(id).status is S.RUNNING)


def test_a_threshold_that_is_moved_holds_from_the_next_step_on(manager, waiting, store):
    id, other = waiting(**ENDLESS, max_grad_norm=1)
    stood = store.get(id).step
    manager.clip(id, 0.001)
    assert store.get(id).max_grad_norm == 0.001
    manager.stop(other)
    until(lambda: store.get(id).step > stood + 3)
    later = [row for row in store.step_rows(id) if row["step"] > stood]
    assert all(row["scale"] == pytest.approx(0.001 / row["grad_norm"], rel=1e-3) for row in later)


def test_a_server_that_stops_interrupts_it_and_nothing_is_lost(manager, waiting, store):
    id, other = waiting(**SETTINGS)
    step = store.get(id).step
    manager.close()
    assert [store.get(run).status for run in (id, other)] == [S.INTERRUPTED] * 2
    assert store.newest_checkpoint(id).step == store.get(id).step == step
    second = RunManager(store, InlineExecutor())
    second.resume(id)
    run = second.wait(id, 60)
    whole = second.wait(second.start(run.config).id, 60)
    second.close()
    assert curve(store, id) == curve(store, whole.id)


def test_a_server_that_dies_loses_nothing_of_it(manager, waiting, store):
    """To the next owner the row says that it was under way."""
    id, _ = waiting(**ENDLESS)
    step = store.get(id).step
    manager._dispatcher.slices.clear()
    assert id in store.recover()
    assert (store.get(id).status, store.newest_checkpoint(id).step) == (S.INTERRUPTED, step)


def test_of_ones_own_runs_alone_none_makes_room(manager, start, store):
    first, second = start("ann", **ENDLESS), start("ann", **ENDLESS)
    until(lambda: first in manager._dispatcher.slices._spent)  # its turn is over
    stood = store.get(first).step
    until(lambda: store.get(first).step > stood)
    assert (manager._runs[first].turns, store.get(second).status) == (0, S.QUEUED)


def test_whoever_comes_when_a_turn_has_long_been_over_comes_at_once(manager, start, store):
    first = start("ann", **ENDLESS)
    until(lambda: first in manager._dispatcher.slices._spent)
    second = start("ben", **ENDLESS)
    until(lambda: store.get(second).step > 0)
    assert manager._runs[first].turns == 1
