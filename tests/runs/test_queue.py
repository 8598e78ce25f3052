"""Whose turn it is."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.runs.queue import RunQueue


def queue_of(*runs: str, slots: int = 1) -> RunQueue:
    """Runs named after their person: `a1` is Ann's first."""
    queue = RunQueue(slots)
    for id in runs:
        queue.add(id, id[0])
    return queue


def turns(queue: RunQueue, count: int) -> list[str]:
    """Who trains, one after the other, where each makes room for the next."""
    seen = []
    for _ in range(count):
        id = queue.next()
        assert id is not None
        seen.append(id)
        queue.yield_slot(id)
    return seen


def test_people_take_turns_whoever_has_how_many_runs():
    queue = queue_of("a1", "a2", "a3", "b1", "c1")
    assert turns(queue, 9) == ["a1", "b1", "c1", "a2", "b1", "c1", "a3", "b1", "c1"]
    assert turns(queue, 1) == ["a1"]


def test_one_person_alone_sees_first_in_first_out_and_no_slices():
    queue = queue_of("a1", "a2", "a3")
    assert queue.next() == "a1"
    assert (queue.order(), queue.count_in_need("a1")) == (["a2", "a3"], 0)


def test_a_run_makes_room_for_others_and_for_ones_own_that_stands_still():
    queue = queue_of("a1", "a2", "b1")
    assert queue.next() == "a1"
    assert queue.count_in_need("a1") == 1  # b1
    queue.yield_slot("a1")
    assert queue.next() == "b1"
    queue.remove("b1")
    assert queue.next() == "a2"
    assert queue.count_in_need("a2") == 1  # a1, in the middle of its curve


def test_what_nobody_looks_at_comes_after_ones_own_other_runs_and_makes_room_for_them():
    queue = RunQueue(1)
    queue.add("sweep", "a", priority=-1)
    assert queue.next() == "sweep"
    queue.add("later", "a", priority=-1)
    assert queue.count_in_need("sweep") == 0
    queue.add("lesson", "a")
    assert (queue.count_in_need("sweep"), queue.order()) == (1, ["lesson", "later"])
    queue.yield_slot("sweep")
    assert queue.next() == "lesson"


def test_who_goes_on_after_a_pause_is_first_of_ones_own_and_before_nobody_else():
    queue = queue_of("b1", "a1", "a2")
    queue.add("a0", "a", first=True)
    assert queue.order() == ["b1", "a0", "a1", "a2"]


def test_a_newcomer_comes_before_whoever_has_just_trained():
    queue = queue_of("a1", "a2")
    assert queue.next() == "a1"
    queue.add("b1", "b")
    queue.yield_slot("a1")
    assert queue.order() == ["b1", "a2", "a1"]


def test_over_several_slots_nobody_has_two_while_another_has_none():
    queue = queue_of("a1", "a2", "a3", "b1", slots=2)
    assert [queue.next() for _ in range(3)] == ["a1", "b1", None]
    queue = queue_of("a1", "a2", slots=3)
    assert [queue.next(), queue.next()] == ["a1", "a2"]
    queue.add("a3", "a")
    queue.add("b1", "b")
    assert queue.next() == "b1"


def test_leaving_the_line_frees_no_slot_and_being_removed_does():
    queue = queue_of("a1", "b1", "c1")
    queue.next()
    queue.leave("b1")
    assert (queue.order(), queue.position("b1"), queue.next()) == (["c1"], None, None)
    queue.remove("a1")
    assert queue.next() == "c1"


@given(st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=12), st.integers(1, 4))
def test_the_order_that_is_told_is_the_order_in_which_runs_train(people, slots):
    numbers = itertools.count()
    queue = queue_of(*(f"{person}{next(numbers)}" for person in people), slots=slots)
    for _ in range(slots):
        queue.next()
    told = queue.order()
    assert sorted(told) == sorted(id for id in told if queue.is_waiting(id))
    assert [queue.position(id) for id in told] == list(range(1, len(told) + 1))
    if told and slots == 1:
        trained = []
        for id in queue.training():
            queue.remove(id)
        while (id := queue.next()) is not None:
            trained.append(id)
            queue.remove(id)
        assert trained == told


@given(st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=12))
def test_between_two_turns_of_a_person_everybody_else_has_one(people):
    queue = queue_of(*(f"{person}{number}" for number, person in enumerate(people)))
    everybody = set(people)
    seen = [id[0] for id in turns(queue, 3 * len(people))]
    for at in range(0, len(seen), len(everybody)):
        assert len(set(seen[at : at + len(everybody)])) == len(seen[at : at + len(everybody)])


@pytest.mark.parametrize("slots", [1, 2])
def test_a_slot_is_given_once(slots):
    queue = queue_of("a1", "b1", "c1", slots=slots)
    assert len([id for id in (queue.next() for _ in range(5)) if id]) == slots


def test_a_run_that_is_handed_over_waits_in_its_new_owners_line():
    queue = queue_of("a1", "a2", "b1")
    assert queue.next() == "a1"
    queue.hand_over("a1", "b")  # it keeps its slot
    queue.hand_over("a2", "b")
    assert queue.person("a1") == "b" and queue.is_training("a1")
    assert queue.order() == ["b1", "a2"] and queue.count_in_need("a1") == 0
