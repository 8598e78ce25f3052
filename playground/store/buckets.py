"""The law of thinning: neighbouring points of a long curve become one bucket with minimum, maximum and mean.

Points are counted from 1. While there are at most `most` of them each is kept; from then on a bucket holds `width`
points of a fixed grid (1 … w, w + 1 … 2w, …), and w doubles whenever there would be more than `most` buckets. Merging
is exact, so what is kept follows from how many points there are and not from when they came.

Buckets are a table, (N, C), oldest first, in the order of the database's columns: see `Layout`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.float64]
Column = NDArray[np.float64]

FIRST_SEQ, SEQ, FIRST, LAST, FIRST_EPOCH, EPOCH, POINTS = range(7)
"""Cursors, numbers and epochs of a bucket's first and last point, and how many it holds."""
LEAST, LEAST_AT, GREATEST, GREATEST_AT, MEAN, COUNT = range(6)
"""Of each quantity: minimum and maximum, each with the first point that has it, mean, and how many points have it.

Where no point has it the minimum is inf, the maximum -inf and the mean 0.
"""


@dataclass(frozen=True)
class Layout:
    """What stands behind a bucket's seven own columns."""

    values: int
    """Quantities with their six columns each."""
    totals: int
    """Columns that are added up."""
    newest: int
    """Columns of which the last point's stays."""

    def value(self, i: int) -> slice:
        """The columns of the i-th quantity."""
        return slice(7 + 6 * i, 13 + 6 * i)

    @property
    def total(self) -> slice:
        """The columns that are added up."""
        return slice(7 + 6 * self.values, 7 + 6 * self.values + self.totals)


def width_for(points: int, most: int) -> int:
    """How many points a bucket holds in a curve of so many, so that there are at most `most` buckets.

    >>> [width_for(n, 8_192) for n in (1, 8_192, 8_193, 16_384, 16_385, 2_000_000)]
    [1, 1, 2, 2, 4, 256]
    """
    width = 1
    while points > most * width:
        width *= 2
    return width


def of_points(
    seq: Column,
    at: Column,
    epoch: Column,
    values: Sequence[Column],
    totals: Sequence[Column],
    newest: Sequence[Column],
) -> Table:
    """A bucket for each point. All columns (N,); NaN among `values` is none."""
    columns = [seq, seq, at, at, epoch, epoch, np.ones_like(seq)]
    for value in values:
        missing = np.isnan(value)
        least, most = np.where(missing, np.inf, value), np.where(missing, -np.inf, value)
        columns += [least, at, most, at, np.where(missing, 0.0, value), np.where(missing, 0.0, 1.0)]
    return np.stack([*columns, *totals, *newest], axis=1)


def merge(table: Table, layout: Layout, width: int, ends: Sequence[int] = ()) -> Table:
    """Put buckets on a wider grid.

    Args:
        table: The buckets.
        layout: What they hold.
        width: Points a bucket of the grid; a multiple of what these were put on before.
        ends: Points at which a bucket ends whatever the grid says, in order.
    """
    if not len(table):
        return table
    cell = (table[:, LAST] - 1) // width
    part = np.searchsorted(np.asarray(ends, dtype=np.float64), table[:, LAST])
    starts = np.flatnonzero(np.r_[True, (np.diff(cell) != 0) | (np.diff(part) != 0)])
    merged: Table = table[np.r_[starts[1:], len(table)] - 1]  # what the last has, where nothing else is said
    for column in (FIRST_SEQ, FIRST, FIRST_EPOCH):
        merged[:, column] = table[starts, column]
    merged[:, POINTS] = np.add.reduceat(table[:, POINTS], starts)
    merged[:, layout.total] = np.add.reduceat(table[:, layout.total], starts, axis=0)
    for i in range(layout.values):
        merged[:, layout.value(i)] = _merge_value(table[:, layout.value(i)], starts)
    return merged


def _merge_value(value: Table, starts: NDArray[np.intp]) -> Table:
    """The six columns of a quantity, one row for each group; groups begin at `starts`."""
    sizes = np.diff(np.r_[starts, len(value)])
    merged = value[starts]
    count = np.add.reduceat(value[:, COUNT], starts)
    has_one = (value[:, COUNT] > 0) | np.repeat(
        count == 0, sizes
    )  # else infinity could be a point's that has none
    for reduce, extreme, at in ((np.minimum, LEAST, LEAST_AT), (np.maximum, GREATEST, GREATEST_AT)):
        merged[:, extreme] = reduce.reduceat(value[:, extreme], starts)
        hits = np.flatnonzero(has_one & (value[:, extreme] == np.repeat(merged[:, extreme], sizes)))
        _, firsts = np.unique(np.repeat(np.arange(len(starts)), sizes)[hits], return_index=True)
        merged[:, at] = value[hits[firsts], at]
    # weights first: a sum of losses near the largest float would overflow
    weighted = value[:, MEAN] * (value[:, COUNT] / np.maximum(np.repeat(count, sizes), 1))
    mean = np.clip(np.add.reduceat(weighted, starts), merged[:, LEAST], merged[:, GREATEST])
    merged[:, MEAN] = np.where(sizes == 1, merged[:, MEAN], np.where(count > 0, mean, 0.0))
    merged[:, COUNT] = count
    return merged
