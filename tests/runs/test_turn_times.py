"""What is told of turns is what comes."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.runs.queue import RunQueue
from playground.runs.turns import SWITCH_SECONDS, Entry, turn

SLICE = 2.0


def entry(id: str, left: float | None = 10.0, *, has_begun: bool = True, now: float = SLICE) -> Entry:
    """A run named after its person: `a1` is Ann's first."""
    return Entry(id, id[0], has_begun, now, left)


def ends(left: dict[str, float]) -> dict[str, float]:
    """When each run ends on one slot, by playing it through in turns of a tenth of a second."""
    queue, ended, clock = RunQueue(1), {}, 0.0
    for id in left:
        queue.add(id, id[0])
    left = dict(left)
    while (id := queue.next()) is not None:
        spent = min(0.1, left[id])
        clock += spent
        left[id] -= spent
        if left[id] > 1e-9:
            queue.yield_slot(id)
        else:
            ended[id] = clock
            queue.remove(id)
    return ended


def test_the_next_turn_comes_after_what_is_left_of_this_one_and_those_before():
    waiting = [entry("b1"), entry("c1", has_begun=False, now=1.0), entry("d1")]
    told = [turn(id, [entry("a1", now=0.5)], waiting, 1) for id in ("a1", "b1", "c1", "d1")]
    assert [t.position for t in told] == [None, 1, 2, 3]
    each = SWITCH_SECONDS
    expected = [0.0, 0.5 + each, 2.5 + 2 * each, 3.5 + 3 * each]
    assert [t.seconds for t in told] == pytest.approx(expected)
    assert {(t.people, t.runs) for t in told} == {(3, 3)}


def test_with_several_slots_the_first_that_gets_free_serves():
    training = [entry("a1", now=0.5), entry("b1", now=1.5)]
    told = turn("d1", training, [entry("c1", now=2.0), entry("d1")], 2)
    assert told.seconds == pytest.approx(1.5 + SWITCH_SECONDS)
    assert turn("c1", training[:1], [entry("c1")], 2).seconds == 0.0


def test_one_person_alone_waits_for_the_end_of_what_comes_before():
    fresh = [entry("a2", None, has_begun=False), entry("a3", None, has_begun=False)]
    assert turn("a2", [entry("a1", 7.0)], fresh, 1).seconds == 7.0
    assert turn("a3", [entry("a1", 7.0)], fresh, 1).seconds is None  # nobody knows how long the second takes
    assert turn("a2", [entry("a1", math.inf)], fresh, 1).seconds is None
    alone = turn("a1", [entry("a1", 7.0)], fresh, 1)
    assert (alone.people, alone.runs, alone.seconds_left) == (0, 0, 7.0)


def test_while_all_are_held_who_waits_has_a_place_and_no_time():
    waiting = [entry("b1"), entry("c1")]
    for training in ([], [entry("a1")]):
        told = [turn(id, training, waiting, 1, is_held=True) for id in ("b1", "c1")]
        assert [(t.position, t.seconds, t.seconds_left, t.is_held) for t in told] == [
            (1, None, None, True),
            (2, None, None, True),
        ]
    told = turn("a1", [entry("a1", 7.0)], [], 1, is_held=True)  # until its pause begins it trains
    assert (told.position, told.seconds, told.seconds_left, told.is_held) == (None, 0.0, 7.0, False)


def test_what_trains_until_it_is_stopped_has_no_end_and_others_have():
    training, waiting = [entry("a1", math.inf)], [entry("b1", 5.0)]
    assert turn("a1", training, waiting, 1).seconds_left is None
    assert turn("b1", training, waiting, 1).seconds_left == 10.0


def test_on_as_many_slots_as_runs_nobody_waits_for_another():
    assert turn("a1", [entry("a1", 10.0), entry("b1", 10.0)], [], 2).seconds_left == 10.0


@given(
    st.dictionaries(
        st.tuples(st.sampled_from("abcd"), st.integers(1, 3)).map(lambda of: f"{of[0]}{of[1]}"),
        st.floats(2.0, 30.0),
        min_size=1,
        max_size=7,
    )
)
def test_the_time_left_is_near_what_a_play_gives(left):
    """With one run a person it is exact up to the slices; with several, each person's turns are shared in another way."""
    real = ends(left)
    entries = [entry(id, seconds) for id, seconds in left.items()]
    several = len({id[0] for id in left}) < len(left)
    for id in left:
        told = turn(id, entries[:1], entries[1:], 1).seconds_left
        assert told == pytest.approx(real[id], rel=0.5 if several else 0.02, abs=0.11 * len(left))
