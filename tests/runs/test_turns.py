"""Runs of several people take turns, and nothing of it is seen in their curves."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest

from playground.errors import RunStateError
from playground.records import RunStatus
from playground.runs.manager import RunManager
from playground.runs.workers import ProcessExecutor
from tests.helpers import VARIED, curve, final_weights, same_bits, tiny_config, until

S = RunStatus
SETTINGS = VARIED | {"epochs": 8, "sample_every": 3}
ENDLESS = {"epochs": "off", "sample_every": 0}
SHORT = {"first_slice": 0.05, "slice_seconds": 0.1}
"""Slices of a few steps."""


@pytest.fixture
def manager(make_manager):
    """One whose runs take turns every few steps."""
    return make_manager(**SHORT)


@pytest.fixture
def start(manager, text_id):
    return lambda owner=None, **settings: (
        manager.start(tiny_config(corpus=text_id, **settings), owner=owner).id
    )


def test_two_people_take_turns_and_both_end_bit_for_bit_as_if_alone(manager, start, store):
    whole = manager.wait(start(**SETTINGS), 60)
    ann, ben = start("ann", **SETTINGS), start("ben", **SETTINGS)
    until(lambda: manager._runs[ann].turns > 1 and manager._runs[ben].turns > 1)
    for id in (ann, ben):
        run = manager.wait(id, 60)
        assert (run.status, run.revision) == (S.FINISHED, 0)  # nothing was taken back
        assert curve(store, id) == curve(store, whole.id)
        assert [s.text for s in store.history(id).samples] == [
            s.text for s in store.history(whole.id).samples
        ]
        assert same_bits(final_weights(store, id), final_weights(store, whole))


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_is_asked_at_whatever_moment_no_step_is_lost_or_told_twice(
    make_manager, store, text_id, seed
):
    """Pauses, resumes, stops and checkpoints fall before, into and after the changes of turns."""
    rng = random.Random(seed)
    manager = make_manager(**SHORT, kept_seconds=rng.choice([0.0, 60.0]))
    config = tiny_config(corpus=text_id, epochs=12, sample_every=0)
    whole = manager.wait(manager.start(config).id, 60)
    ids = [manager.start(config, owner=owner).id for owner in ("ann", "ann", "ben", "cleo")]
    for _ in range(60):
        told = sum(store.get(id).step for id in ids)
        with suppress(RunStateError):  # it has ended, or the other was asked for already
            getattr(
                manager, rng.choice(["pause", "pause", "resume", "resume", "resume", "stop", "snapshot"])
            )(rng.choice(ids))
        trains = any(store.get(id).status is S.RUNNING for id in ids)
        until(
            lambda told=told, trains=trains: (
                not trains
                or sum(store.get(id).step for id in ids) != told
                or not any(store.get(id).status in (S.RUNNING, S.STARTING) for id in ids)
            )
        )
    for id in ids:
        while store.get(id).status is not S.FINISHED:
            with suppress(RunStateError):
                manager.resume(id)
            manager.wait(id, 0.05)
        assert curve(store, id) == curve(store, whole.id)
        assert same_bits(final_weights(store, id), final_weights(store, whole))
    until(lambda: not manager._runs)  # told just before
    assert not manager._queue.order() and not manager._queue.training()


def test_over_two_slots_two_people_train_and_a_third_has_turns(make_manager, store, text_id):
    manager = make_manager(**SHORT, slots=2)
    ids = [
        manager.start(tiny_config(corpus=text_id, **ENDLESS), owner=owner).id
        for owner in ("ann", "ben", "cleo")
    ]
    until(lambda: all(manager._runs[id].turns > 1 for id in ids))
    with manager._lock:
        assert len(manager._queue.training()) <= 2
        assert len(manager._queue.training()) + len(manager._queue.order()) == 3


def test_of_two_runs_of_a_person_both_have_turns_while_others_are_there_and_after(manager, start, store):
    ann = [start("ann", **ENDLESS), start("ann", **ENDLESS)]
    ben = start("ben", **ENDLESS)
    until(lambda: all(manager._runs[id].turns > 0 for id in (*ann, ben)))
    manager.stop(ben)
    manager.wait(ben, 60)
    turns = [manager._runs[id].turns for id in ann]
    until(lambda: all(manager._runs[id].turns > before for id, before in zip(ann, turns, strict=True)))


def test_a_worker_goes_from_one_run_to_the_next(store, text_id):
    executor = ProcessExecutor(store.directory / "logs")
    manager = RunManager(store, executor, **SHORT)
    ids = [manager.start(tiny_config(corpus=text_id, **ENDLESS), owner=owner).id for owner in ("ann", "ben")]
    until(lambda: all(manager._runs[id].turns > 1 for id in ids))
    with executor._lock:
        assert len(executor._busy) + len(executor._idle) <= 2
    manager.close()


def test_people_who_train_in_workers_end_bit_for_bit_as_if_alone(store, text_id):
    manager = RunManager(store, ProcessExecutor(store.directory / "logs"), **SHORT)
    config = tiny_config(corpus=text_id, **SETTINGS)
    whole = manager.wait(manager.start(config).id, 60)
    ids = [manager.start(config, owner=owner).id for owner in ("ann", "ben")]
    until(lambda: all(manager._runs[id].turns > 0 for id in ids))
    for id in ids:
        assert manager.wait(id, 120).status is S.FINISHED
        assert curve(store, id) == curve(store, whole.id)
        assert same_bits(final_weights(store, id), final_weights(store, whole))
    manager.close()
