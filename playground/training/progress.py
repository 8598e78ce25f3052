"""How far a training has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass
class Progress:
    """Counters that a checkpoint carries on, beside the clock's."""

    steps_per_epoch: int
    step: int = 0
    """Optimiser steps done."""
    epoch: int = 0
    """Whole epochs done."""
    batch: int = 0
    """Batches done of the epoch under way."""
    epoch_loss: float = 0.0
    """Sum of those batches' losses, in nats a token."""

    @property
    def position(self) -> float:
        """Passes over the text, with the fraction of the one under way."""
        return self.epoch + min(1.0, self.batch / self.steps_per_epoch)

    def end_epoch(self) -> float:
        """Count a whole epoch; return its mean loss."""
        mean = self.epoch_loss / self.batch
        self.epoch += 1
        self.epoch_loss, self.batch = 0.0, 0
        return mean

    def capture(self) -> dict[str, int | float]:
        """The counters by name."""
        return {"step": self.step, "epoch": self.epoch, "batch": self.batch, "epoch_loss": self.epoch_loss}

    def restore(self, counters: Mapping[str, int | float]) -> None:
        """Go back to what `capture` returned."""
        self.step, self.epoch = int(counters["step"]), int(counters["epoch"])
        self.batch, self.epoch_loss = int(counters["batch"]), float(counters["epoch_loss"])
