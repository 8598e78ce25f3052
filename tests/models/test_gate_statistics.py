"""What is said about gates in few numbers."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from playground.cells import CELLS
from playground.config import Cell
from playground.models.gate_statistics import (
    UnitOrder,
    contrast,
    memory_lengths,
    saturation,
    strip,
    unit_order,
)
from playground.records import GateTrace, LayerTrace

T, H = 6, 5
some_values = arrays(
    np.float32,
    st.tuples(st.integers(1, 12), st.integers(1, 9)),
    elements=st.floats(-1, 1, width=32),
)
"""(T, H)"""


def layer(cell: Cell, **gates: np.ndarray) -> LayerTrace:
    """A trace in which only the gates matter; those not given stand at a half."""
    nothing = np.zeros((T, H), np.float32)
    values = {name: gates.get(name, nothing + np.float32(0.5)) for name in CELLS[cell].gate_names}
    memory = nothing if CELLS[cell].has_memory else None
    return LayerTrace(cell, values, nothing, memory, nothing, memory, values, values)


def sentence(tokens: str) -> GateTrace:
    return GateTrace(tuple(tokens), (True,) * len(tokens), ((layer("gru"),),))


@given(some_values)
def test_a_strip_has_a_mean_and_a_spread_for_every_step(values):
    told = strip(values)
    assert told.mean.shape == told.spread.shape == (len(values),)
    assert_allclose(told.mean, [sum(row) / len(row) for row in values.tolist()], rtol=0, atol=1e-6)
    assert_allclose(
        np.square(told.spread),
        [sum((x - sum(row) / len(row)) ** 2 for x in row) / len(row) for row in values.tolist()],
        rtol=0,
        atol=1e-6,
    )


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_saturation_is_told_of_the_gates_that_squash_into_0_to_1_and_of_no_others(cell):
    squashed = {"rnn": set(), "gru": {"r", "z"}, "lstm": {"i", "f", "o"}}
    assert set(saturation(layer(cell))) == squashed[cell]


def test_saturation_counts_the_steps_below_a_tenth_and_above_nine_tenths():
    f = np.full((T, H), 0.5, np.float64)
    f[:, 1] = 0.05
    f[:3, 2] = 0.95
    f[:, 3] = [0.0, 0.1, 0.9, 1.0, 0.1, 0.9]  # the bounds themselves do not count
    told = saturation(layer("lstm", f=f))["f"]
    assert_allclose(told.left, [0, 1, 0, 1 / 6, 0])
    assert_allclose(told.right, [0, 0, 1 / 2, 1 / 6, 0])


@given(some_values)
def test_saturated_parts_lie_between_0_and_1_and_never_overlap(values):
    gate = np.abs(values)
    told = saturation(LayerTrace("gru", {"z": gate}, gate, None, gate, None, {}, {}))["z"]
    assert (told.left >= 0).all()
    assert (told.right >= 0).all()
    assert (told.left + told.right <= 1).all()


@pytest.mark.parametrize(("cell", "keeper"), [("gru", "z"), ("lstm", "f")])
def test_a_memory_lasts_one_over_what_is_forgotten_at_each_step(cell, keeper):
    keeps = np.tile(np.array([0.0, 0.5, 0.9, 0.99, 1.0]), (T, 1))
    with np.errstate(all="raise"):
        lengths = memory_lengths(layer(cell, **{keeper: keeps}))
    assert_allclose(lengths, [1, 2, 10, 100, np.inf])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_gate_that_never_closes_has_an_endless_memory(dtype):
    lengths = memory_lengths(layer("lstm", f=np.ones((T, H), dtype)))
    assert_array_equal(lengths, np.full(H, np.inf))


@given(some_values)
def test_no_memory_is_shorter_than_one_token(values):
    gate = np.abs(values)
    lengths = memory_lengths(LayerTrace("gru", {"z": gate}, gate, None, gate, None, {}, {}))
    assert (lengths >= 1).all()


def test_a_plain_rnn_has_no_memory_length():
    assert memory_lengths(layer("rnn")) is None


@given(some_values, st.sampled_from(get_args(UnitOrder)))
def test_every_order_is_a_permutation_of_the_units(values, by):
    order = unit_order(values, by)
    assert order.shape == (values.shape[1],)
    assert sorted(order.tolist()) == list(range(values.shape[1]))


def test_units_stand_by_index_or_with_the_largest_mean_or_variance_first():
    values = np.array([[0.1, 0.9, 0.5], [0.1, 0.7, 0.0]])
    assert unit_order(values, "index").tolist() == [0, 1, 2]
    assert unit_order(values, "mean").tolist() == [1, 2, 0]
    assert unit_order(values, "variance").tolist() == [2, 1, 0]


def test_units_of_equal_mean_keep_their_order():
    assert unit_order(np.ones((T, H)), "mean").tolist() == list(range(H))
    assert unit_order(np.ones((T, H)), "variance").tolist() == list(range(H))


@pytest.mark.parametrize("units", [12, 320], ids=["best-order", "many-units"])
def test_similarity_puts_equal_units_side_by_side(units):
    rng = np.random.default_rng(1)
    patterns = rng.standard_normal((T, 4)).astype(np.float32)
    kind = rng.permutation(np.arange(units) % 4)  # which pattern each unit follows
    seen = kind[unit_order(patterns[:, kind], "similarity")]
    assert np.count_nonzero(np.diff(seen)) == 3


def test_similarity_puts_the_odd_one_at_an_end():
    base = np.sin(np.arange(T))
    values = np.stack([base, base + 0.1, 50 - base, base + 0.2, base - 0.1], axis=1)
    order = unit_order(values, "similarity").tolist()
    assert order.index(2) in {0, 4}


def test_contrast_is_the_mean_at_spaces_and_at_all_other_tokens():
    values = np.arange(12.0).reshape(6, 2)
    told = contrast(sentence("ab c d"), values)
    assert (told.spaces, told.others) == (values[[2, 4]].mean(), values[[0, 1, 3, 5]].mean())


@pytest.mark.parametrize("tokens", ["abc", "   ", "a", "\n"])
def test_a_sentence_with_only_one_kind_of_tokens_has_no_contrast(tokens):
    assert contrast(sentence(tokens), np.ones((len(tokens), H))) is None
