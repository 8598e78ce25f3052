"""The cliff: a recurrent network so small that its whole loss surface can be drawn.

One unit without input, h_t = w·σ(h_{t−1}) + b, fifty steps from h_0 = 0.5, and the loss (σ(h_50) − 0.7)².
From w = 4.3 on, h_0 lies on one side or the other of a point that pushes all states away from itself, where
b = 0.5 − w·σ(0.5): on that line the loss jumps, and the gradient has no upper limit worth the name.

Source: Pascanu, Mikolov & Bengio 2013, "On the difficulty of training recurrent neural networks", equation 8
and figure 6. Unit, h_0, number of steps, target and loss are the paper's. Ours are the window, the grid,
where paths start, learning rate, θ and number of steps: the paper sketches its two paths, here they are
computed.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from playground.lesson_settings import B_ENDS, W_ENDS, DescentConfig
from playground.records import Array, Cliff, Descent

TIME_STEPS: Final = 50
FIRST_STATE: Final = 0.5
TARGET: Final = 0.7


def slope(w: Array, b: Array) -> tuple[Array, Array, Array]:
    """The loss and its gradient, by backpropagation through all time steps.

    Args:
        w: The weights, of any shape.
        b: The biases, of the same shape.

    Returns:
        Loss, ∂loss/∂w and ∂loss/∂b, of that shape; not finite where a number overflows.
    """
    w, b = np.asarray(w, np.float64), np.asarray(b, np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        outputs = [_sigmoid(np.full_like(w, FIRST_STATE))]
        for _ in range(TIME_STEPS):
            outputs.append(_sigmoid(w * outputs[-1] + b))
        *before, last = outputs
        by_state = 2 * (last - TARGET) * last * (1 - last)
        by_w, by_b = np.zeros_like(w), np.zeros_like(w)
        for output in reversed(before):
            by_w += by_state * output
            by_b += by_state
            by_state = by_state * w * output * (1 - output)
    return (last - TARGET) ** 2, by_w, by_b


def loss_surface(weights: int = 41, biases: int = 61) -> Cliff:
    """The loss all over the window, on a grid that follows the cliff.

    On a plain grid the wall, far thinner than a cell, comes out as a saw. So the middle bias of every row
    lies on the wall and the others crowd towards it, as the square of their distance in cells.

    Args:
        weights: Rows.
        biases: Columns, an odd number.
    """
    w = np.linspace(*W_ENDS, weights)
    wall = (FIRST_STATE - w * _sigmoid(np.array(FIRST_STATE)))[:, None]
    away = np.linspace(-1, 1, biases)
    b = wall + np.where(away < 0, wall - B_ENDS[0], B_ENDS[1] - wall) * away * np.abs(away)
    b[:, [0, -1]] = B_ENDS  # where a path may start, to the last bit
    return Cliff(w, b, slope(np.broadcast_to(w[:, None], b.shape), b)[0])


def descend(start: tuple[float, float], *, lr: float, threshold: float | None, steps: int) -> Descent:
    """Gradient descent, with the gradient pulled back to θ wherever it is longer.

    Args:
        start: The w and b that the path begins with.
        lr: Step size.
        threshold: θ; None never pulls back.
        steps: The steps that are taken; fewer where the next point would not be finite.

    Source: Pascanu, Mikolov & Bengio 2013, algorithm 1.
    """
    at = np.array(start, np.float64)
    rows: list[tuple[float, ...]] = []
    for _ in range(steps + 1):
        loss, *partial = slope(at[0], at[1])
        gradient = np.array(partial)
        norm = float(np.hypot(*gradient))
        if not np.isfinite([*at, loss, norm]).all():
            break
        too_long = threshold is not None and norm > threshold
        rows.append((*at.tolist(), float(loss), norm, too_long))
        with np.errstate(over="ignore"):
            at = at - lr * (gradient * (threshold / norm) if threshold is not None and too_long else gradient)
    w, b, losses, norms, clipped = np.array(rows).T
    return Descent(w, b, losses, norms, clipped.astype(bool), is_whole=len(rows) == steps + 1)


def both_paths(config: DescentConfig) -> tuple[Descent, Descent | None]:
    """Without clipping, and with it unless it is off."""

    def path(threshold: float | None) -> Descent:
        return descend((config.w, config.b), lr=config.rate, threshold=threshold, steps=config.steps)

    theta = config.theta
    return path(None), None if theta is None else path(theta)


def _sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))
