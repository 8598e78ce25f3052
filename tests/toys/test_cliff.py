"""The cliff: the loss surface of a one-unit network, and paths of gradient descent on it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from playground.errors import ConfigError
from playground.lesson_settings import B_ENDS, W_ENDS, DescentConfig
from playground.settings import validate
from playground.toys.cliff import FIRST_STATE, TARGET, TIME_STEPS, both_paths, descend, loss_surface, slope

few = settings(max_examples=30)
GENTLE = (3.0, -1.0)
"""Left of every wall."""


def sigmoid(x: float) -> float:
    return 1 / (1 + np.exp(-x))


def losses_of(path):
    return slope(path.w, path.b)[0]


def test_the_loss_is_that_of_the_unrolled_network():
    h = FIRST_STATE
    for _ in range(TIME_STEPS):
        h = 4.1 * sigmoid(h) - 1.7
    assert slope(4.1, -1.7)[0] == pytest.approx((sigmoid(h) - TARGET) ** 2, rel=1e-12)


@few
@given(st.floats(*W_ENDS), st.floats(*B_ENDS))
def test_the_gradient_equals_finite_differences(w, b):
    _, by_w, by_b = slope(w, b)
    if np.hypot(by_w, by_b) > 1:  # on the wall no difference is small enough
        return
    step = 1e-6
    assert_allclose(by_w, (slope(w + step, b)[0] - slope(w - step, b)[0]) / (2 * step), rtol=1e-4, atol=1e-7)
    assert_allclose(by_b, (slope(w, b + step)[0] - slope(w, b - step)[0]) / (2 * step), rtol=1e-4, atol=1e-7)


def test_on_the_wall_too_with_smaller_differences():
    wall = FIRST_STATE - 4.5 * sigmoid(FIRST_STATE)
    _, by_w, by_b = slope(4.5, wall)
    assert np.hypot(by_w, by_b) > 1
    step = 1e-8
    assert_allclose(by_w, (slope(4.5 + step, wall)[0] - slope(4.5 - step, wall)[0]) / (2 * step), rtol=1e-4)
    assert_allclose(by_b, (slope(4.5, wall + step)[0] - slope(4.5, wall - step)[0]) / (2 * step), rtol=1e-4)


def test_the_surface_holds_the_losses_of_its_own_grid_from_edge_to_edge():
    surface = loss_surface(13, 21)
    for i, w in enumerate(surface.w):
        assert_allclose(surface.loss[i], slope(np.full(21, w), surface.b[i])[0], rtol=1e-12)
    assert surface.ends == (W_ENDS, B_ENDS)
    assert (np.diff(surface.b, axis=1) > 0).all()
    assert (surface.loss >= 0).all()
    assert (surface.loss < 0.5).all()


def test_the_wall_stands_between_neighbours_of_the_middle_column():
    surface = loss_surface(13, 41)
    steep = surface.w > 4.6
    jump = surface.loss[steep, 19] - surface.loss[steep, 21]
    assert (jump > 0.15).all()
    assert (np.diff(surface.b[steep][:, [19, 21]]) < 0.02).all()
    assert (np.abs(np.diff(surface.loss[steep][:, 21:])) < 0.05).all()  # and only there
    assert (np.abs(np.diff(surface.loss[steep][:, :20])) < 0.05).all()


@few
@given(st.floats(*W_ENDS), st.floats(*B_ENDS), st.floats(0.05, 2), st.floats(0.05, 2))
def test_a_clipped_step_is_no_longer_than_lr_times_theta_and_keeps_its_direction(w, b, lr, theta):
    path = descend((w, b), lr=lr, threshold=theta, steps=8)
    assert_allclose(path.lengths, lr * np.minimum(path.norm[:-1], theta), rtol=1e-6, atol=1e-12)
    assert_array_equal(path.clipped, path.norm > theta)
    _, by_w, by_b = slope(path.w[:-1], path.b[:-1])
    assert_allclose(np.diff(path.w) * by_b, np.diff(path.b) * by_w, rtol=1e-6, atol=1e-9)


@few
@given(st.floats(*W_ENDS), st.floats(*B_ENDS), st.sampled_from([None, 0.1, 1.0]))
def test_a_path_begins_at_its_start_and_has_the_surfaces_losses(w, b, theta):
    path = descend((w, b), lr=0.3, threshold=theta, steps=6)
    assert (path.w[0], path.b[0], path.steps, path.is_whole) == (w, b, 6, True)
    assert_allclose(path.loss, losses_of(path), rtol=1e-12)


def test_on_a_gentle_place_both_paths_are_the_same_and_only_fall():
    plain, clipped = both_paths(DescentConfig(w=GENTLE[0], b=GENTLE[1]))
    assert_array_equal(plain.w, clipped.w)
    assert_array_equal(plain.b, clipped.b)
    assert clipped.times_clipped == 0
    assert not plain.climbs
    assert (np.diff(plain.loss) <= 0).all()
    assert loss_surface(5, 5).left_at(plain) is None


def test_both_paths_are_the_same_until_the_first_gradient_that_is_too_long():
    plain, clipped = both_paths(DescentConfig())
    first = int(clipped.clipped.argmax())
    assert_array_equal(plain.w[: first + 1], clipped.w[: first + 1])
    assert plain.w[first + 1] != clipped.w[first + 1]


def test_as_set_up_the_cliff_throws_the_one_path_away_and_the_other_goes_on_down():
    surface, (plain, clipped) = loss_surface(), both_paths(DescentConfig())
    left = surface.left_at(plain)
    assert plain.norm[left] > 1000
    assert plain.lengths[left] > 100
    assert not surface.holds(plain)[left + 1 :].any()
    assert plain.loss[-1] > plain.loss[0]
    assert surface.left_at(clipped) is None
    assert clipped.norm.max() > 1000
    assert clipped.loss[-1] < clipped.loss[0] / 5
    assert 0 < clipped.times_clipped < 20


@pytest.mark.parametrize("nudge", [1e-13, -1e-13])
def test_the_set_up_does_not_hang_on_a_last_digit(nudge):
    """Another machine rounds otherwise; close to the cliff that grows."""
    plain = descend((5.5 + nudge, -2.6), lr=0.5, threshold=None, steps=13)
    clipped = descend((5.5 + nudge, -2.6), lr=0.5, threshold=1.0, steps=100)
    assert plain.w[-1] > 1000
    assert clipped.loss[-1] < 0.01


def test_with_clipping_off_there_is_one_path():
    plain, clipped = both_paths(DescentConfig(theta=None, steps=3))
    assert plain.steps == 3
    assert clipped is None


def test_a_path_ends_before_the_numbers_do():
    wall = FIRST_STATE - 4.5 * sigmoid(FIRST_STATE)
    path = descend((4.5, wall), lr=1e308, threshold=None, steps=5)
    assert (path.steps, path.is_whole) == (0, False)
    assert np.isfinite(path.norm).all()


def test_a_path_that_was_thrown_far_stays_finite():
    path = descend((5.5, -2.6), lr=1e6, threshold=None, steps=20)
    assert path.is_whole
    assert np.isfinite([path.w, path.b, path.loss, path.norm]).all()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("theta", "0", "theta is '0'; give a number above 0, up to 1,000,000, or off."),
        ("theta", "-1", "theta is '-1'; give a number above 0"),
        ("theta", "nan", "theta is 'nan'; give a number above 0"),
        ("theta", "abc", "theta is 'abc'; give a number above 0"),
        ("theta", "1e308", "theta is '1e308'; give a number above 0, up to 1,000,000, or off."),
        ("rate", "0", "rate is '0'; give a number above 0, up to 100."),
        ("rate", "inf", "rate is 'inf'; give a number above 0, up to 100."),
        ("w", "7.1", "w is '7.1'; give a number from 2 to 7."),
        ("b", "0.1", "b is '0.1'; give a number from -4 to 0."),
        ("steps", "501", "steps is '501'; give a whole number from 1 to 500."),
        ("steps", "2.5", "steps is '2.5'; give a whole number from 1 to 500."),
    ],
)
def test_a_wrong_setting_is_told_in_one_sentence(name, value, sentence):
    with pytest.raises(ConfigError) as told:
        validate(DescentConfig, {name: value})
    assert str(told.value).startswith(sentence)


def test_off_is_none_and_the_edge_of_the_window_is_inside():
    assert validate(DescentConfig, {"theta": "off"}).theta is None
    for w in W_ENDS:
        for b in B_ENDS:
            path = descend((w, b), lr=0.1, threshold=None, steps=0)
            assert loss_surface(5, 5).holds(path).all()
