"""The loss of a one-unit network over its two parameters, and paths of gradient descent on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playground.arrays import Array


@dataclass(frozen=True)
class Cliff:
    """A loss over a weight and a bias; the grid follows the cliff, so every weight has biases of its own."""

    w: Array
    """(nW,), from the lowest up."""
    b: Array
    """(nW, nB), in each row from the lowest up; all rows begin and end alike."""
    loss: Array
    """(nW, nB)."""

    @property
    def ends(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """The lowest and the highest w, then b."""
        return (float(self.w[0]), float(self.w[-1])), (float(self.b[0, 0]), float(self.b[0, -1]))

    def holds(self, path: Descent) -> Array:
        """Which points of a path lie within the grid's ends, (N + 1,)."""
        (w_low, w_high), (b_low, b_high) = self.ends
        within: Array = (path.w >= w_low) & (path.w <= w_high) & (path.b >= b_low) & (path.b <= b_high)
        return within

    def left_at(self, path: Descent) -> int | None:
        """The step after which a path stands outside for the first time; None when it never does."""
        outside = np.flatnonzero(~self.holds(path))
        return int(outside[0]) - 1 if len(outside) else None


@dataclass(frozen=True)
class Descent:
    """A path of gradient descent; each array is (N + 1,), where it starts first."""

    w: Array
    b: Array
    loss: Array
    norm: Array
    """L2 norm of the gradient, before clipping."""
    clipped: Array
    """Whether the gradient is pulled back there; the last one would be."""
    is_whole: bool
    """False: one more step would leave the finite numbers, so the path ends before it."""

    @property
    def steps(self) -> int:
        """Taken."""
        return len(self.w) - 1

    @property
    def lengths(self) -> Array:
        """How far each step moves the parameters, (N,)."""
        lengths: Array = np.hypot(np.diff(self.w), np.diff(self.b))
        return lengths

    @property
    def steepest(self) -> int:
        """Where the gradient is longest."""
        return int(self.norm.argmax())

    @property
    def worst(self) -> int:
        """Where the loss is highest."""
        return int(self.loss.argmax())

    @property
    def times_clipped(self) -> int:
        """Steps that were pulled back."""
        return int(self.clipped[:-1].sum())

    @property
    def climbs(self) -> bool:
        """The loss has stood above the one at the start."""
        return bool(self.loss[self.worst] > self.loss[0])
