"""Losses on their way from the device to the events."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from playground.training.events import StepDone
from playground.training.meter import SpeedMeter

FLUSH_SECONDS = 0.05
"""On an accelerator, losses are fetched together this often: each fetch waits for the device."""


class PendingLosses:
    """Collects losses and gradient norms as tensors; gives them back as events.

    Args:
        device: The device that trains; on the CPU every step is reported at once.
        meter: Gives the events their time and speed.
    """

    def __init__(self, device: torch.device, meter: SpeedMeter) -> None:
        self.diverged_at: int | None = None
        """First step whose loss is not a number, or cannot be one."""
        self._waits = device.type != "cpu"
        self._meter = meter
        self._values: list[tuple[int, float, float | None, Tensor, Tensor]] = []
        self._fetched_at = 0.0

    def add(self, step: int, epoch: float, loss: Tensor, norm: Tensor, limit: float | None) -> None:
        """Keep one step's results, still on the device, and the θ it was clipped at (None: it was not)."""
        self._values.append((step, epoch, limit, loss, norm))

    def take(self, *, everything: bool = False) -> list[StepDone]:
        """Events that are due, up to the step at which the run diverged."""
        if not self._values or (self._waits and not everything and not self._is_due()):
            return []
        self._fetched_at = self._meter.seconds
        numbers = torch.stack([t for *_, loss, norm in self._values for t in (loss, norm)]).tolist()
        speed, seconds = self._meter.tokens_per_second, self._meter.seconds
        events = []
        for (step, epoch, limit, *_), loss, norm in zip(
            self._values, numbers[::2], numbers[1::2], strict=True
        ):
            if not math.isfinite(loss):
                self.diverged_at = step
                break
            scale = 1.0 if limit is None or norm <= limit else limit / norm if math.isfinite(norm) else 0.0
            events.append(StepDone(step, epoch, loss, norm, scale, speed, seconds))
            if not math.isfinite(norm):
                self.diverged_at = step + 1  # this step's update has ruined the weights
                break
        self._values.clear()
        return events

    def _is_due(self) -> bool:
        return self._meter.seconds - self._fetched_at >= FLUSH_SECONDS
