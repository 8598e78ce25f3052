"""When a run's weights are written: now and then against a crash, at log-spaced epochs, and when they are the best."""

from __future__ import annotations

import math
from collections.abc import Mapping

from playground.training.events import EpochDone

ROLLING_SECONDS = 30.0
"""Training time after which an unkept checkpoint limits what a crash can cost."""
BEST_SECONDS = 10.0
"""Training time since an epoch's weights were written, after which those of one that is better than all before are."""
ROLLING_STEPS = 8_192
"""Steps after which it comes sooner: a curve is thinned up to the newest checkpoint only."""


def is_log_spaced(epoch: int) -> bool:
    """1, 2, 5, 10, 20, 50, 100 …: epochs whose weights are kept."""
    while epoch % 10 == 0 and epoch:
        epoch //= 10
    return epoch in (1, 2, 5)


class CheckpointSchedule:
    """Remembers when weights were written last, and the best loss so far.

    >>> schedule = CheckpointSchedule()
    >>> schedule.written(step=0, seconds=0.0)
    >>> schedule.is_due(step=1, seconds=29.0), schedule.is_due(step=1, seconds=31.0)
    (False, True)
    >>> schedule.is_wanted(EpochDone(3, 30, 2.0, None, 11.0), seconds=11.0)
    (True, False)
    >>> schedule.is_wanted(EpochDone(4, 40, 2.5, None, 22.0), seconds=22.0)
    (False, False)
    """

    def __init__(self) -> None:
        self._step = -1
        self._seconds = 0.0
        self._epoch_seconds = 0.0
        """When the weights of an epoch's end were written last: those in the middle of one, at each turn, say little."""
        self._best = math.inf
        self._ended: tuple[int, float] | None = None
        """The last epoch's last step, and its loss."""

    def written(self, *, step: int, seconds: float) -> None:
        """Weights are written at a step, after so many seconds of training."""
        self._step, self._seconds = step, seconds
        if self.loss_at(step) is not None:
            self._epoch_seconds = seconds

    def is_written(self, step: int) -> bool:
        """The weights after a step are written."""
        return self._step == step

    def is_due(self, *, step: int, seconds: float) -> bool:
        """A crash would cost too much by now."""
        return step - self._step >= ROLLING_STEPS or seconds - self._seconds > ROLLING_SECONDS

    def is_wanted(self, end: EpochDone, *, seconds: float) -> tuple[bool, bool]:
        """Whether an epoch's weights are to be written, and whether they stay for good."""
        loss = _judged(end)
        is_best, is_kept = loss < self._best, is_log_spaced(end.epoch)
        self._best = min(loss, self._best)
        self._ended = (end.step, loss) if math.isfinite(loss) else None
        return is_kept or (is_best and seconds - self._epoch_seconds > BEST_SECONDS), is_kept

    def loss_at(self, step: int) -> float | None:
        """The loss of the epoch that ended with a step; None in the middle of one."""
        return self._ended[1] if self._ended is not None and self._ended[0] == step else None

    @property
    def progress(self) -> dict[str, float]:
        """What a resume has to know: nothing before there is a best loss."""
        if not math.isfinite(self._best):
            return {}
        return {"best_loss": self._best, "epoch_seconds": self._epoch_seconds}

    def load(self, progress: Mapping[str, int | float]) -> None:
        """Go on from a checkpoint's `progress`."""
        self._best = float(progress.get("best_loss", math.inf))
        self._epoch_seconds = float(progress.get("epoch_seconds", 0.0))


def _judged(end: EpochDone) -> float:
    """Held-out where there is some, else train; nan is no best."""
    loss = end.train_loss if end.heldout_loss is None else end.heldout_loss
    return math.inf if math.isnan(loss) else loss
