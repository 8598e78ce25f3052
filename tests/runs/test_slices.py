"""How long a turn is, and who is asked for the place."""

from __future__ import annotations

import threading

import pytest

from playground.runs.slices import Slices
from tests.helpers import until


@pytest.fixture
def make():
    """Makes slices whose ends are noted; all timers are gone afterwards."""
    made: list[Slices] = []

    def slices(first: float = 0.02, seconds: float = 0.04) -> tuple[Slices, list[str]]:
        over: list[str] = []
        made.append(Slices(over.append, first=first, seconds=seconds))
        return made[-1], over

    yield slices
    for each in made:
        each.clear()


def test_a_turn_ends_after_its_time_and_the_first_is_shorter(make):
    slices, over = make(first=0.02, seconds=600)
    slices.begin("later", is_first=False)
    slices.begin("first", is_first=True)
    until(lambda: over == ["first"])
    assert 500 < slices.seconds_left("later") <= 600
    assert slices.seconds_left("first") == 0.0
    assert slices.seconds_left("waiting") == 600


def test_nobody_is_asked_before_the_turn_is_over_nor_twice_nor_for_nobody(make):
    slices, over = make(seconds=0.02)
    slices.begin("a", is_first=False)
    assert slices.who_yields(lambda _run: 1) == []
    until(lambda: over)
    slices.spend("a")
    assert slices.who_yields(lambda _run: 0) == []
    assert slices.who_yields(lambda _run: 1) == ["a"]
    assert slices.who_yields(lambda _run: 1) == []


def test_as_many_are_asked_as_wait_and_first_whose_time_was_over_first(make):
    slices, over = make(first=0.01, seconds=0.3)
    slices.begin("late", is_first=False)
    slices.begin("early", is_first=True)
    for run in ("early", "late"):
        until(lambda run=run: run in over)
        slices.spend(run)
    assert slices.who_yields(lambda _run: 1) == ["early"]
    assert slices.who_yields(lambda _run: 2) == ["late"]
    slices.forget("early")
    slices.forget("late")
    assert slices.who_yields(lambda _run: 2) == []


def test_a_bell_that_rang_too_late_does_not_end_the_next_turn(make):
    slices, over = make(first=0.01, seconds=600)
    slices.begin("a", is_first=True)
    until(lambda: over)
    slices.begin("a", is_first=False)
    slices.spend("a")  # of the turn before
    assert slices.who_yields(lambda _run: 1) == []


def test_what_is_forgotten_rings_no_more(make):
    slices, over = make(first=600)

    def timers() -> int:
        every = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
        return sum(timer.function == over.append for timer in every)

    for id in ("a", "b"):
        slices.begin(id, is_first=True)
    assert timers() == 2
    slices.forget("a")
    until(lambda: timers() == 1)
    slices.clear()
    until(lambda: timers() == 0)
    assert over == []
