"""States on a plane."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from playground.config import ModelConfig
from playground.inference.feature_map import Kind, feature_map, kind_of
from playground.models.gates import trace_gates
from tests.models.test_gates import H, V, seeded_weights, some_ids

drawn = given(steps=st.integers(3, 20), both=st.booleans(), layers=st.integers(1, 2), seed=st.integers(0, 99))
"""Fewer tokens than units and more."""


def some_trace(*, steps=12, both=False, layers=1, seed=0, ids=None, **more: object):
    config = ModelConfig(cell="gru", num_layers=layers, bidirectional=both, hidden_size=H)
    return trace_gates(seeded_weights(config, seed), config, ids or some_ids(steps, seed), **more)


def states_of(trace, layer: int = -1):
    states = np.concatenate([direction.hidden for direction in trace.layers[layer]], axis=1)
    return states - states.mean(axis=0)


@drawn
def test_the_points_are_the_states_along_the_eigenvectors_of_their_covariance(steps, both, layers, seed):
    trace = some_trace(steps=steps, both=both, layers=layers, seed=seed)
    centred = states_of(trace)
    sizes, axes = np.linalg.eigh(centred.T @ centred)
    sizes, axes = sizes[::-1], axes[:, ::-1]
    told = feature_map(trace)
    assert told.points.shape == (steps, 2)
    assert_allclose(told.explained, sizes[:2] / sizes.sum(), atol=1e-9)
    if sizes[0] - sizes[1] > 1e-2 and sizes[1] - sizes[2] > 1e-2:  # else an axis may turn within its plane
        assert_allclose(np.abs(told.points), np.abs(centred @ axes[:, :2]), atol=1e-6)


@drawn
def test_what_is_explained_lies_between_0_and_1_and_comes_in_order(steps, both, layers, seed):
    told = feature_map(some_trace(steps=steps, both=both, layers=layers, seed=seed))
    first, second = told.explained
    assert 0 <= second <= first <= 1
    assert first + second <= 1 + 1e-12
    spread = (told.points**2).sum(axis=0)
    assert_allclose(spread[0] * second, spread[1] * first, atol=1e-9)
    assert_allclose(told.points.mean(axis=0), 0, atol=1e-9)
    assert told.points[:, 0] @ told.points[:, 1] == pytest.approx(0, abs=1e-9)


@drawn
def test_each_axis_points_where_its_largest_loading_is_positive(steps, both, layers, seed):
    trace = some_trace(steps=steps, both=both, layers=layers, seed=seed)
    centred, told = states_of(trace), feature_map(trace)
    for along in range(2):
        loadings = centred.T @ told.points[:, along]  # the axis, times a positive number
        assert loadings[np.abs(loadings).argmax()] > 0


@pytest.mark.parametrize("layer", [0, 1])
def test_the_layer_can_be_chosen_and_the_top_one_is_the_usual(layer):
    trace = some_trace(layers=2, both=True)
    assert_array_equal(feature_map(trace).points, feature_map(trace, 1).points)
    spread = (states_of(trace, layer) ** 2).sum()
    told = feature_map(trace, layer)
    assert (told.points**2).sum() == pytest.approx(spread * sum(told.explained))


def test_states_that_never_change_explain_nothing():
    config = ModelConfig(cell="rnn", hidden_size=H)
    weights = {name: np.zeros_like(w) for name, w in seeded_weights(config, 0).items()}
    told = feature_map(trace_gates(weights, config, [1, 1, 1, 1]))
    assert told.explained == (0.0, 0.0)
    assert_array_equal(told.points, np.zeros((4, 2)))


@given(st.lists(st.integers(0, V - 1), min_size=3, max_size=12), st.integers(0, 9))
def test_the_same_text_has_the_same_map(ids, seed):
    first, again = (feature_map(some_trace(ids=ids, seed=seed)) for _ in range(2))
    assert_array_equal(first.points, again.points)


@pytest.mark.parametrize(
    ("tokens", "kind"),
    [
        ("aeiouAEIOUáÉüåÔ", "vowel"),
        ("bcdyzBÑçřYŻ", "consonant"),
        ("雨日ßøжαあ가ع", "letter"),
        ("0123456789٣३", "digit"),
        (" \t\n\u3000\u00a0", "space"),
        (".,;!?'-–_、。（《…²½€🌧", "mark"),
        (["the", "Don't", "3rd", "x²", "下雨", "o'"], "word"),
        (["12", "2026", "٣٣"], "digit"),
        (["...", "--", "3.14", "12%", ""], "mark"),
        (["  ", "\r\n"], "space"),
    ],
)
def test_a_tokens_kind_is_told_by_its_characters(tokens, kind):
    assert {kind_of(token) for token in tokens} == {kind}
    assert kind in get_args(Kind)


def test_a_token_that_the_network_does_not_know_is_unknown_whatever_it_is():
    trace = some_trace(ids=[1, 2, 0, 0], tokens=["a", " ", "a", "?"], known=[True, True, False, False])
    assert feature_map(trace).kinds == ("vowel", "space", "unknown", "unknown")


@given(st.text(max_size=4))
def test_every_token_is_of_a_known_kind_and_none_is_unknown_by_itself(token):
    assert kind_of(token) in set(get_args(Kind)) - {"unknown"}
