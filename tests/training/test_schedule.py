"""When weights are written."""

from __future__ import annotations

import math

import pytest

from playground.training.events import EpochDone
from playground.training.schedule import (
    BEST_SECONDS,
    ROLLING_SECONDS,
    ROLLING_STEPS,
    CheckpointSchedule,
    is_log_spaced,
)


@pytest.fixture
def schedule() -> CheckpointSchedule:
    """Weights were written at the end of epoch 2, and in the middle of epoch 3."""
    made = CheckpointSchedule()
    made.is_wanted(EpochDone(2, 90, 3.0, None, 45.0), seconds=45.0)
    made.written(step=90, seconds=45.0)
    made.written(step=100, seconds=50.0)
    return made


def end(epoch: int, loss: float, heldout: float | None = None) -> EpochDone:
    return EpochDone(epoch, epoch * 10, loss, heldout, 0.0)


def test_a_crash_costs_half_a_minute_or_so_many_steps_at_the_most(schedule):
    assert not schedule.is_due(step=100 + ROLLING_STEPS - 1, seconds=50.0 + ROLLING_SECONDS)
    assert schedule.is_due(step=100 + ROLLING_STEPS, seconds=50.0)
    assert schedule.is_due(step=101, seconds=50.1 + ROLLING_SECONDS)


def test_log_spaced_epochs_are_kept_whatever_their_loss(schedule):
    assert [n for n in range(1, 120) if is_log_spaced(n)] == [1, 2, 5, 10, 20, 50, 100]
    schedule.is_wanted(end(3, 1.0), seconds=50.0)
    assert schedule.is_wanted(end(10, 9.0), seconds=50.0) == (True, True)


def test_the_best_is_written_once_some_time_has_passed_and_a_worse_one_is_not(schedule):
    late = 45.1 + BEST_SECONDS  # what was written in the middle of an epoch, as at every turn, does not count
    assert schedule.is_wanted(end(3, 2.0), seconds=50.0) == (False, False)
    assert schedule.is_wanted(end(4, 1.9), seconds=late) == (True, False)
    assert schedule.is_wanted(end(6, 1.95), seconds=late) == (False, False)
    assert schedule.is_wanted(end(7, 0.1, heldout=2.5), seconds=late) == (False, False)  # held-out decides


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_what_is_no_number_is_never_the_best_and_is_not_told(schedule, loss):
    assert schedule.is_wanted(end(3, loss), seconds=99.0) == (False, False)
    assert schedule.progress["best_loss"] == 3.0
    assert schedule.loss_at(30) is None


def test_before_the_first_epoch_a_resume_has_to_know_nothing():
    assert CheckpointSchedule().progress == {}


def test_after_a_resume_the_best_is_still_the_best(schedule):
    schedule.is_wanted(end(3, 2.0), seconds=50.0)
    resumed = CheckpointSchedule()
    resumed.load(schedule.progress)
    resumed.written(step=30, seconds=50.0)
    assert resumed.is_wanted(end(4, 1.9), seconds=45.0 + BEST_SECONDS) == (False, False)  # too soon
    assert resumed.is_wanted(end(4, 2.5), seconds=99.0) == (False, False)
    assert resumed.is_wanted(end(6, 1.5), seconds=99.0) == (True, False)


def test_a_loss_belongs_to_the_step_that_ended_its_epoch(schedule):
    schedule.is_wanted(end(3, 2.0, heldout=2.25), seconds=50.0)
    assert (schedule.loss_at(30), schedule.loss_at(31)) == (2.25, None)
