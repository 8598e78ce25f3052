"""The law of thinning, in numbers alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.store.buckets import (
    COUNT,
    FIRST,
    FIRST_EPOCH,
    FIRST_SEQ,
    GREATEST,
    GREATEST_AT,
    LAST,
    LEAST,
    LEAST_AT,
    MEAN,
    POINTS,
    SEQ,
    Layout,
    merge,
    of_points,
    width_for,
)

LAYOUT = Layout(values=2, totals=1, newest=1)
losses = st.floats(0, 1e300)
norms = st.one_of(st.floats(0, 1e38), st.just(np.inf), st.just(np.nan))
points = st.lists(st.tuples(losses, norms), min_size=1, max_size=120)
widths = st.sampled_from([1, 2, 4, 8, 16])
ends = st.lists(st.integers(1, 120), max_size=3).map(sorted)


def table_of(told) -> np.ndarray:
    """A bucket for each point; two events a step."""
    loss, norm = np.array(told).reshape(-1, 2).T
    at = np.arange(1.0, len(loss) + 1)
    return of_points(2 * at, at, at / 7, [loss, norm], [at % 3], [at * 10])


def parts(table) -> list[range]:
    """Which points each bucket holds, counted from 0."""
    return [range(int(row[FIRST]) - 1, int(row[LAST])) for row in table]


@given(told=points, width=widths, ends=ends)
def test_minimum_maximum_and_mean_of_every_bucket_are_those_of_its_points(told, width, ends):
    values = np.array(told)
    for row, part in zip(merged := merge(table_of(told), LAYOUT, width, ends), parts(merged), strict=True):
        for i in range(2):
            value, mine = row[LAYOUT.value(i)], values[part, i]
            known = mine[~np.isnan(mine)]
            assert value[COUNT] == len(known)
            if len(known):
                assert (value[LEAST], value[GREATEST]) == (known.min(), known.max())
                assert value[LEAST_AT] == part[0] + 1 + np.flatnonzero(mine == known.min())[0]
                assert value[GREATEST_AT] == part[0] + 1 + np.flatnonzero(mine == known.max())[0]
                assert value[MEAN] == pytest.approx(np.mean(known), rel=1e-12)
                assert value[LEAST] <= value[MEAN] <= value[GREATEST]
        at = np.array(part) + 1
        assert row[POINTS] == len(part)
        assert row[LAYOUT.total].tolist() == [sum(at % 3)]
        assert (row[FIRST_SEQ], row[SEQ], row[-1]) == (2 * at[0], 2 * at[-1], 10 * at[-1])
        assert row[FIRST_EPOCH] == at[0] / 7


@given(told=points, width=widths, ends=ends)
def test_buckets_follow_each_other_without_a_gap_on_the_grid_and_none_reaches_over_an_end(told, width, ends):
    held = parts(merge(table_of(told), LAYOUT, width, ends))
    assert [n for part in held for n in part] == list(range(len(told)))
    assert all(part[0] // width == part[-1] // width for part in held)
    assert not any(part[0] + 1 <= end < part[-1] + 1 for part in held for end in ends)
    assert len(held) <= -(-len(told) // width) + len(ends)


@given(told=points, width=widths, ends=ends)
def test_merging_what_is_merged_changes_nothing(told, width, ends):
    once = merge(table_of(told), LAYOUT, width, ends)
    assert np.array_equal(merge(once, LAYOUT, width, ends), once)


@given(told=points, width=widths, ends=ends, cut=st.integers(0, 120))
def test_what_is_kept_follows_from_the_points_and_not_from_when_they_came(told, width, ends, cut):
    whole = table_of(told)
    late = merge(whole, LAYOUT, 2 * width, ends)
    early = merge(whole[:cut], LAYOUT, width, ends)
    grown = merge(np.concatenate([early, whole[cut:]]), LAYOUT, 2 * width, ends)
    np.testing.assert_allclose(grown, late, rtol=1e-12)


@given(steps=st.integers(1, 10**12), most=st.integers(1, 20_000))
def test_the_width_is_the_smallest_power_of_two_that_leaves_no_more_buckets_than_may_be(steps, most):
    width = width_for(steps, most)
    assert width & (width - 1) == 0
    assert steps <= most * width
    assert width == 1 or steps > most * width / 2
