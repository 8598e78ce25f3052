"""A clipping threshold that is moved while a run trains."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.training.control import Command, RunControl
from playground.training.events import StepDone, ThresholdMoved, TrainEvent
from tests.helpers import make_trainer, only, some_text, tiny_config, train

LIMITS = st.none() | st.floats(0.01, 2.0)


def trained(moves: dict[int, float | None], first: float | None = 1.0) -> list[TrainEvent]:
    """Events of a run whose threshold is moved after some of its steps."""
    control, events = RunControl(), []
    trainer = make_trainer(tiny_config(max_grad_norm="off" if first is None else first), some_text(120))
    for event in trainer.run(control):
        events.append(event)
        if isinstance(event, StepDone) and event.step in moves:
            control.clip(moves[event.step])
    return events


@settings(max_examples=10)
@given(moves=st.dictionaries(st.integers(1, 15), LIMITS, max_size=4), first=LIMITS)
def test_every_step_is_clipped_at_the_threshold_that_stands(moves, first):
    events = trained(moves, first)
    limit = first
    for event in events:
        if isinstance(event, ThresholdMoved):
            assert event.max_grad_norm != limit
            assert event.max_grad_norm == moves[event.step]
            limit = event.max_grad_norm
        elif isinstance(event, StepDone):
            expected = 1.0 if limit is None else min(1.0, limit / event.grad_norm)
            assert event.scale == pytest.approx(expected)


def test_a_move_takes_effect_at_the_next_step_and_is_told_once():
    events = trained({4: 0.05})
    (moved,) = only(ThresholdMoved, events)
    assert (moved.step, moved.max_grad_norm) == (4, 0.05)
    at = events.index(moved)
    assert next(e for e in events[at:] if isinstance(e, StepDone)).step == 5
    assert moved.epoch == next(e for e in events if isinstance(e, StepDone) and e.step == 4).epoch


def test_a_threshold_that_stays_is_no_news():
    assert only(ThresholdMoved, trained({4: 1.0})) == []


def test_what_comes_before_a_move_is_the_undisturbed_run():
    moved, free = only(StepDone, trained({6: 0.01})), only(StepDone, trained({}))
    assert [e.loss for e in moved[:7]] == [e.loss for e in free[:7]]  # the next step's loss is from before it
    assert moved[7].loss != free[7].loss


def test_a_run_moved_before_its_first_step_is_the_run_that_began_there():
    control = RunControl()
    control.clip(0.05)
    events = list(make_trainer(tiny_config(max_grad_norm=1.0), some_text(120)).run(control))
    wanted = train(tiny_config(max_grad_norm=0.05), some_text(120))
    assert [e.loss for e in only(StepDone, events)] == [e.loss for e in only(StepDone, wanted)]


def test_a_move_in_a_pause_is_told_in_the_pause():
    control, events = RunControl(), []
    for event in make_trainer(tiny_config(), some_text(120)).run(control):
        events.append(event)
        kind = type(event).__name__
        if kind == "StepDone" and event.step == 3:
            control.send(Command.PAUSE)
        elif kind == "Paused":
            control.clip(None)
        elif kind == "ThresholdMoved":
            control.send(Command.RESUME)
    kinds = [type(e).__name__ for e in events]
    at = kinds.index("Paused")
    assert kinds[at : at + 4] == ["Paused", "ThresholdMoved", "Resumed", "StepDone"]
    assert all(e.scale == 1 for e in only(StepDone, events)[3:])
    assert math.isfinite(only(StepDone, events)[-1].loss)
