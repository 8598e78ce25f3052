"""Losses on their way from the device."""

from __future__ import annotations

import math

import pytest
import torch

from playground.training.meter import SpeedMeter
from playground.training.pending import FLUSH_SECONDS, PendingLosses
from tests.helpers import Clock

CPU, ACCELERATOR = torch.device("cpu"), torch.device("meta")  # only the kind of device is looked at


def pending(device: torch.device, step: float = 0.0) -> PendingLosses:
    meter = SpeedMeter(Clock(step))
    meter.start()
    return PendingLosses(device, meter)


def add(waiting: PendingLosses, *pairs: tuple[float, float], limit: float | None = 1.0) -> None:
    for step, (loss, norm) in enumerate(pairs, start=1):
        waiting.add(step, step / 4, torch.tensor(loss), torch.tensor(norm), limit)


def test_the_cpu_tells_every_step_at_once():
    waiting = pending(CPU)
    add(waiting, (2.5, 0.5))
    assert [(e.step, e.loss, e.grad_norm) for e in waiting.take()] == [(1, 2.5, 0.5)]
    assert waiting.take() == []


def test_an_accelerator_is_asked_now_and_then_or_for_everything():
    waiting = pending(ACCELERATOR)
    add(waiting, (2.5, 0.5), (2.0, 0.5))
    assert waiting.take() == []
    assert [e.step for e in waiting.take(everything=True)] == [1, 2]


def test_an_accelerator_is_asked_when_the_time_has_come():
    waiting = pending(ACCELERATOR, step=FLUSH_SECONDS)
    add(waiting, (2.5, 0.5))
    assert [e.step for e in waiting.take()] == [1]


@pytest.mark.parametrize(
    ("limit", "scales"), [(1.0, [1, 1, 0.5, 0]), (None, [1] * 4), (0.5, [1, 0.5, 0.25, 0])]
)
def test_a_gradient_above_the_limit_is_pulled_back_to_it(limit, scales):
    waiting = pending(CPU)
    add(waiting, (2.0, 0.5), (2.0, 1.0), (2.0, 2.0), (2.0, math.inf), limit=limit)
    told = waiting.take()
    assert [e.scale for e in told] == scales


def test_each_step_knows_the_limit_it_was_taken_with():
    waiting = pending(ACCELERATOR)
    for step, limit in enumerate((1.0, None, 0.5), start=1):
        waiting.add(step, step / 4, torch.tensor(2.0), torch.tensor(2.0), limit)
    assert [e.scale for e in waiting.take(everything=True)] == [0.5, 1, 0.25]


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_loss_that_is_no_number_ends_the_curve_before_it(bad):
    waiting = pending(CPU)
    add(waiting, (2.0, 1.0), (bad, 1.0), (2.0, 1.0))
    assert [e.step for e in waiting.take()] == [1]
    assert waiting.diverged_at == 2


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_norm_that_is_no_number_has_ruined_the_next_step(bad):
    waiting = pending(CPU)
    add(waiting, (2.0, 1.0), (2.0, bad), (2.0, 1.0))
    assert [e.step for e in waiting.take()] == [1, 2]
    assert waiting.diverged_at == 3
