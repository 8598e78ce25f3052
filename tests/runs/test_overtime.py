"""Runs "until stopped" end where others wait."""

from __future__ import annotations

import pytest

from playground.errors import StoreBusy
from playground.records import RunStatus
from playground.runs import overtime
from playground.runs.executors import InlineExecutor
from playground.runs.manager import RunManager
from playground.runs.overtime import Overtime, Standing
from tests.helpers import Clock, final_weights, tiny_config, until

S = RunStatus
ENDLESS = {"epochs": "off", "sample_every": 0}


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def manager(store, clock, monkeypatch):
    monkeypatch.setattr(overtime, "LOOK_SECONDS", 0.01)
    made = RunManager(store, InlineExecutor(), clock=clock)
    yield made
    made.close()


@pytest.fixture
def start(manager, text_id, store):
    def begin(owner, **settings):
        return manager.start(tiny_config(corpus=text_id, **(ENDLESS | settings)), owner=owner).id

    return begin


@pytest.fixture
def looked(manager):
    """Waits until it has looked a few times more."""

    def wait():
        looks = []
        standing = manager._overtime._standing
        manager._overtime._standing = lambda: looks.append(1) or standing()
        until(lambda: len(looks) > 3)
        manager._overtime._standing = standing

    return wait


def test_it_ends_after_its_minutes_when_somebody_else_waits_and_says_why(
    manager, start, store, clock, looked
):
    first = start("ann")
    until(lambda: store.get(first).step)
    looked()
    clock.now = 40 * 60
    looked()
    assert store.get(first).status is S.RUNNING  # nobody waits
    following = start("bob")
    ended = manager.wait(first, 60)
    assert ended.status is S.STOPPED
    assert str(ended.reason) == (
        "It was to train until it is stopped, and others waited: it ended 30 minutes after it had begun, by the clock. "
        "Nothing of it is lost: press Resume to go on in turn."
    )
    assert final_weights(store, first)
    manager.stop(following)
    manager.wait(following, 60)
    manager.resume(first)  # and has its minutes again
    until(lambda: store.get(first).step > ended.step)
    assert store.get(first).reason is None


def test_before_its_minutes_are_over_it_goes_on(manager, start, store, clock, looked):
    first = start("ann")
    until(lambda: store.get(first).step)
    start("bob")
    looked()
    clock.now = 29 * 60
    looked()
    assert store.get(first).status.is_active  # it may wait for its next turn
    store.settings.put({"until_stopped_minutes": 5})  # a teacher moves it while the server runs
    manager.wait(first, 60)
    assert store.get(first).reason.params == {"minutes": 5.0}


@pytest.mark.parametrize(
    ("owner", "other", "settings"),
    [(None, "bob", {}), ("ann", "ann", {}), ("ann", "bob", {"epochs": 100_000})],
    ids=["the machine's owner's", "only their own waits", "has an end"],
)
def test_these_go_on(manager, start, store, clock, looked, owner, other, settings):
    first = start(owner, **settings)
    until(lambda: store.get(first).step)
    start(other)
    looked()
    clock.now = 999 * 60
    looked()
    assert store.get(first).status.is_active  # it may wait for its next turn


def test_off_is_off(start, store, clock, looked):
    store.settings.put({"until_stopped_minutes": "off"})
    first = start("ann")
    until(lambda: store.get(first).step)
    start("bob")
    looked()
    clock.now = 999 * 60
    looked()
    assert store.get(first).status.is_active  # it may wait for its next turn


def test_waits_between_turns_count_and_a_pause_begins_anew(store, text_id):
    """What takes turns has no worker most of the time."""
    ann, bob = (
        store.create(tiny_config(corpus=text_id, **ENDLESS), name, name).id for name in ("ann", "bob")
    )
    now, stopped, turns = [0.0], [], [Standing([ann, bob], [ann], [bob])]
    watch = Overtime(store, lambda: turns[0], stopped.append, lambda: now[0])

    def look(at, *each):
        now[0], turns[0] = at * 60.0, Standing(*each)
        watch.look()
        return stopped

    assert look(0, [ann, bob], [ann], [bob]) == []
    assert look(20, [ann, bob], [bob], [ann]) == []
    assert look(25, [bob], [bob], []) == []  # ann pauses
    assert look(40, [ann, bob], [ann], [bob]) == []
    assert look(51, [ann, bob], [ann], [bob]) == [bob]  # no turn in this very moment
    assert look(71, [ann, bob], [ann], [bob]) == [bob, ann]
    store.set_status(ann, S.STOPPED)
    watch.explain(ann)
    assert "30 minutes after" in str(store.get(ann).reason)


def test_a_stop_that_fails_is_tried_again_and_not_told_of_another(store, text_id):
    ann, bob = (
        store.create(tiny_config(corpus=text_id, **ENDLESS), name, name).id for name in ("ann", "bob")
    )
    now, tried, fails = [0.0], [], [True]

    def stop(id):
        tried.append(id)
        if fails[0]:
            raise StoreBusy("locked")

    watch = Overtime(store, lambda: Standing([ann, bob], [ann], [bob]), stop, lambda: now[0])
    watch.look()
    now[0] = 31 * 60.0
    watch.look()
    store.set_status(bob, S.STOPPED)
    watch.explain(bob)
    assert store.get(bob).reason is None
    fails[0] = False
    watch.look()
    assert tried == [ann, ann]
    store.set_status(ann, S.STOPPED)
    watch.explain(ann)
    assert store.get(ann).reason.params == {"minutes": 30.0}


def test_whoever_looks_goes_on_looking_after_a_fault(store, monkeypatch):
    monkeypatch.setattr(overtime, "LOOK_SECONDS", 0.01)
    looks = []

    def standing():
        looks.append(1)
        raise (RuntimeError("a fault") if len(looks) == 1 else StoreBusy("locked"))

    watch = Overtime(store, standing, lambda run: None, lambda: 0.0)
    watch.start()
    until(lambda: len(looks) > 3)
    watch.close()
