"""Which of a run's weights are kept: first, last, best, and log-spaced ones as far as the run's budget reaches."""

from __future__ import annotations

import math
from collections.abc import Sequence

MEGABYTE = 10**6
DEFAULT_MEGABYTES = 300
"""Of a run whose settings are from before there was a budget."""


def how_many(budget: int, weights: int, training: int) -> int:
    """How many weights a budget holds; the newest have what training needs beside them, and are kept whatever it says.

    >>> how_many(300_000_000, 119_000_000, 0), how_many(300_000_000, 119_000_000, 238_000_000)
    (2, 1)

    Args:
        budget: Bytes of a run.
        weights: Bytes of one checkpoint's weights.
        training: Bytes of what training needs.
    """
    return max(1, (budget - training) // max(1, weights))


def kept_steps(steps: Sequence[int], best: int | None, most: int) -> set[int]:
    """The steps whose weights stay: the last, the first, the best, then those that leave the smallest gaps in log-steps.

    >>> sorted(kept_steps([0, 10, 20, 50, 100, 200, 500], 100, 5))
    [0, 10, 50, 100, 500]

    Args:
        steps: Of all checkpoints, oldest first, at least one.
        best: The step with the lowest loss.
        most: How many may stay, at least 1.
    """
    wanted = [steps[-1], steps[0], *([] if best is None else [best])]
    firm = set(list(dict.fromkeys(wanted))[:most])
    stay = list(steps)
    while len(stay) > most:
        place = min((i for i in range(len(stay)) if stay[i] not in firm), key=lambda i: _gap_without(stay, i))
        del stay[place]
    return set(stay)


def _gap_without(steps: Sequence[int], i: int) -> float:
    """Between a step's neighbours; what is at an end can always be done without."""
    if i in (0, len(steps) - 1):
        return 0.0
    return math.log((1 + steps[i + 1]) / (1 + steps[i - 1]))
