"""The switchboard between whoever asks and the trainer."""

import itertools
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.training.control import Command, RunControl

C = Command


def asked(*commands: Command) -> RunControl:
    control = RunControl()
    for command in commands:
        control.send(command)
    return control


def test_a_fresh_control_asks_nothing():
    control = RunControl()
    assert (control.has_requests, control.paused, control.stopped) == (False, False, False)
    assert not control.take_snapshot_request()
    assert not control.take_yield_request()


@pytest.mark.parametrize("commands", list(itertools.product(Command, repeat=3)))
def test_the_trainer_looks_up_whenever_something_is_asked(commands):
    control = asked(*commands)
    standing = [c for c in commands if c in {C.PAUSE, C.RESUME}][-1:] == [C.PAUSE]
    assert control.stopped == (C.STOP in commands)
    assert control.paused == (standing and C.STOP not in commands)
    assert control.has_requests == (standing or bool({C.STOP, C.SNAPSHOT, C.YIELD} & set(commands)))
    assert control.take_snapshot_request() == (C.SNAPSHOT in commands)
    assert control.take_yield_request() == (C.YIELD in commands)
    assert control.has_requests == (standing or C.STOP in commands)


def test_a_snapshot_request_is_used_up():
    control = asked(C.SNAPSHOT)
    assert [control.take_snapshot_request() for _ in range(3)] == [True, False, False]


def test_nobody_waits_without_a_pause():
    assert not RunControl().wait_while_paused(0)
    assert not asked(C.PAUSE, C.STOP).wait_while_paused(0)


def test_a_pause_ends_with_its_resume_even_when_the_next_pause_has_come():
    control = asked(C.PAUSE, C.RESUME, C.PAUSE)
    assert not control.wait_while_paused(0)
    assert control.paused


@pytest.mark.parametrize("command", [C.RESUME, C.STOP, C.SNAPSHOT])
def test_a_command_wakes_who_waits_in_a_pause(command):
    control = asked(C.PAUSE)
    awake = threading.Event()

    def wait() -> None:
        control.wait_while_paused(control.resumes)
        awake.set()

    thread = threading.Thread(target=wait)
    thread.start()
    assert not awake.wait(0.05)
    control.send(command)
    assert awake.wait(10)
    thread.join()


def test_what_is_asked_before_and_after_attaching_is_passed_on():
    heard: list[str] = []
    control = asked(C.PAUSE)
    control.clip(0.5)
    control.attach(heard.append)
    control.send(C.RESUME)
    control.send(C.SNAPSHOT)
    control.clip(None)
    control.detach()
    control.send(C.STOP)
    assert heard == ["clip 0.5", "pause", "resume", "snapshot", "clip off"]


@pytest.mark.parametrize("commands", list(itertools.permutations([C.PAUSE, C.RESUME, C.STOP])))
def test_a_control_at_the_other_end_comes_to_the_same_state(commands):
    near, far = asked(*commands), RunControl()
    near.attach(far.receive)
    assert (far.paused, far.stopped, far.has_requests) == (near.paused, near.stopped, near.has_requests)


@given(st.none() | st.floats(0, 1e6, exclude_min=True))
def test_a_threshold_comes_through_a_line_exactly_and_is_used_up(limit):
    near, far = RunControl(), RunControl()
    near.attach(far.receive)
    near.clip(limit)
    assert (near.has_requests, far.has_requests) == (True, True)
    assert [far.take_clipping_request() for _ in range(2)] == [(limit,), None]
    assert not far.has_requests


def test_of_several_thresholds_the_last_one_counts():
    control = RunControl()
    for limit in (0.5, None, 2.0):
        control.clip(limit)
    assert control.take_clipping_request() == (2.0,)


def test_a_threshold_wakes_who_waits_in_a_pause_and_the_pause_lasts():
    control = asked(C.PAUSE)
    control.clip(0.5)
    assert control.wait_while_paused(control.resumes)
    assert control.paused
