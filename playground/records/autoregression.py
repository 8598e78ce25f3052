"""What a predictor said about a noisy sine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from playground.arrays import Array

_REST = 100
"""Values at the series' end by which its ending is judged."""


@dataclass(frozen=True)
class Forecast:
    """A series of T values, trained on at its beginning and predicted everywhere.

    Errors are root mean squares over the held-out values, the same ones for every k.
    """

    series: Array
    """(T,)."""
    clean: Array
    """(T,): the series without its noise."""
    held_out: int
    """Index of the first value that no training example has as its target."""
    ahead: Array
    """(K, T): row k - 1 predicts each value without the k - 1 before it; NaN at the beginning."""
    alone: Array
    """(T,): from `held_out` on, with nothing seen at all since then; NaN before."""
    losses: Array
    """Mean squared error of each pass over the examples."""
    seconds: float = field(compare=False)
    """That training took."""

    def error(self, k: int) -> float:
        """Of predictions k steps ahead, k from 1."""
        return self._rms(self.ahead[k - 1, self.held_out :])

    def last_error(self, k: int) -> float:
        """Of saying the value seen k steps before."""
        return self._rms(self.series[self.held_out - k : -k])

    @property
    def mean_error(self) -> float:
        """Of always saying the mean of the beginning."""
        return self._rms(self.series[: self.held_out].mean())

    @property
    def noise_error(self) -> float:
        """Of knowing the sine: nobody can do better but by luck."""
        return self._rms(self.clean[self.held_out :])

    @property
    def alone_error(self) -> float:
        """Of `alone`."""
        return self._rms(self.alone[self.held_out :])

    @property
    def rest(self) -> float:
        """Where `alone` ends: the mean of its last values."""
        return float(self.alone[-_REST:].mean())

    @property
    def ending(self) -> Literal["constant", "away", "moving"]:
        """What `alone` comes to.

        `constant`: its last 100 values vary (standard deviation) by less than a hundredth of the sine's;
        `away`: it has left ten times the sine's height behind; `moving`: neither.
        """
        last = self.alone[-_REST:]
        if np.abs(last).max() > 10:
            return "away"
        return "constant" if last.std() < self.clean.std() / 100 else "moving"

    def _rms(self, said: Array | float) -> float:
        return float(np.sqrt(np.mean((self.series[self.held_out :] - said) ** 2)))
