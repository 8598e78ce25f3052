"""A curve in a few points, however long it grows: what is new is added, and nothing is read twice."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


class Sketch:
    """A curve in at most `most` points, each the mean of as many neighbours; their number doubles when it gets full.

        >>> sketch = Sketch(most=2)
        >>> for n in range(1, 5):
        ...     sketch.add(np.array([float(n)]), np.array([10.0 * n]))
        >>> sketch.epoch.tolist(), sketch.loss.tolist()
        ([2.0, 4.0], [15.0, 35.0])

    Args:
        most: Points at the most.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._width = 1
        self._count = np.zeros(0)
        self._total = np.zeros(0)
        self.epoch: Numbers = np.zeros(0)
        """Where each point ends, (N,)."""
        self.points = 0
        """Of the whole curve."""

    @property
    def loss(self) -> Numbers:
        """The mean up to there, (N,)."""
        mean: Numbers = self._total / self._count
        return mean

    def add(self, epoch: Numbers, loss: Numbers) -> None:
        """Go on with what is new; what is no finite number is left out.

        Args:
            epoch: (T,), growing.
            loss: (T,).
        """
        is_told = np.isfinite(epoch) & np.isfinite(loss)
        epoch, loss = epoch[is_told], loss[is_told]
        if not len(loss):
            return
        count = np.r_[self._count, np.ones(len(loss))]
        self.points += len(loss)
        while self.points > self._most * self._width:
            self._width *= 2
        cell = (np.cumsum(count) - 1) // self._width
        starts = np.flatnonzero(np.r_[True, np.diff(cell) != 0])
        ends = np.r_[starts[1:], len(cell)] - 1
        self._total = np.add.reduceat(np.r_[self._total, loss], starts)
        self._count = np.add.reduceat(count, starts)
        self.epoch = np.r_[self.epoch, epoch][ends]
