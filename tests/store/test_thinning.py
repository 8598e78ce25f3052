"""Long curves → what a screen can show."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.store.thinning import thin


def noisy(length: int, seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [np.arange(length) / 7, rng.lognormal(0, 1, length), rng.lognormal(1, 2, length)]


@given(length=st.integers(0, 50), seed=st.integers(0, 99))
def test_a_short_curve_stays_as_it_is(length, seed):
    columns = noisy(length, seed)
    assert all(np.array_equal(a, b) for a, b in zip(columns, thin(columns, 50), strict=True))


@given(length=st.integers(60, 3_000), seed=st.integers(0, 99))
def test_peaks_valleys_and_both_ends_are_kept(length, seed):
    columns = noisy(length, seed)
    x, *curves = thin(columns, 50)
    assert (x[0], x[-1]) == (columns[0][0], columns[0][-1])
    for whole, kept in zip(columns[1:], curves, strict=True):
        assert kept.min() == whole.min()
        assert kept.max() == whole.max()


@given(at=st.integers(0, 2_999), seed=st.integers(0, 9), up=st.booleans())
def test_a_single_spike_is_never_lost(at, seed, up):
    rng = np.random.default_rng(seed)
    curve = 2 + rng.uniform(0, 0.01, 3_000)
    curve[at] = 9.0 if up else 0.1
    _, kept, _ = thin([np.arange(3_000.0), curve, np.ones(3_000)], 40)
    assert curve[at] in kept


@given(length=st.integers(60, 3_000), seed=st.integers(0, 99))
def test_thinned_rows_are_rows_of_the_curve_in_its_order(length, seed):
    columns = noisy(length, seed)
    thinned = thin(columns, 50)
    rows = {tuple(row) for row in np.stack(columns, 1)}
    kept = [tuple(row) for row in np.stack(thinned, 1)]
    assert set(kept) <= rows
    assert kept == sorted(set(kept))


@pytest.mark.parametrize("length", [1_000, 100_000])
@pytest.mark.parametrize("most", [40, 500])
def test_a_longer_curve_leaves_no_more_points(length, most):
    assert len(thin(noisy(length, 3), most)[0]) <= most + 10


def test_what_is_missing_or_infinite_does_not_hide_the_rest():
    length = 2_000
    columns = [np.arange(float(length)), np.full(length, 2.0), np.full(length, np.nan)]
    columns[1][700], columns[2][900], columns[1][1_500] = 50.0, 4.0, np.inf
    _, curve, patchy = thin(columns, 60)
    assert 50.0 in curve
    assert np.inf in curve
    assert 4.0 in patchy
    assert np.isnan(patchy).any()
