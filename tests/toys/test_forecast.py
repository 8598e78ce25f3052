"""d2l's k-step-ahead figure, and the laws behind it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view

from playground.lesson_settings import MOST_AHEAD, ForecastConfig
from playground.toys.autoregression.forecast import BATCH_SIZE, EPOCHS, LENGTH, LR, TRAINED_ON, forecast
from playground.toys.autoregression.networks import NETWORKS
from playground.toys.autoregression.training import fit

drawn = given(
    predictor=st.sampled_from(list(NETWORKS)), tau=st.sampled_from([1, 3, 4]), seed=st.integers(0, 50)
)


def make(**settings: object):
    return forecast(ForecastConfig(**settings))


def rms(values) -> float:
    return float(np.sqrt(np.mean(values**2)))


def test_d2ls_figure_one_step_is_good_and_many_collapse():
    """d2l 8.1's parameters; the figures in docs/benchmarks.md and on the page."""
    result = make()
    assert result.noise_error == pytest.approx(0.205, abs=0.002)
    assert result.error(1) < 1.2 * result.noise_error  # the mean of four noisy values alone costs 1.12
    assert result.error(1) < result.last_error(1)
    errors = [result.error(k) for k in (1, 4, 16, 64)]
    assert errors == pytest.approx([0.236, 0.243, 0.342, 0.706], abs=0.01)
    assert errors[2] > result.last_error(16)
    assert errors[3] > result.mean_error > result.last_error(64)
    assert result.ending == "constant"
    assert result.alone[-100:].std() < 1e-3 * result.clean.std()
    assert result.alone_error == pytest.approx(1.281, abs=0.02)


def test_with_other_seeds_it_is_no_different():
    several = [make(seed=seed) for seed in range(12)]
    assert all(result.error(1) < result.last_error(1) for result in several)
    assert np.median([result.error(1) / result.noise_error for result in several]) < 1.25
    assert np.median([result.error(64) / result.mean_error for result in several]) > 1
    assert sum(result.ending == "constant" for result in several) >= 8
    assert all((np.diff([result.error(k) for k in (1, 4, 16, 64)]) > 0).all() for result in several)


@pytest.mark.parametrize("predictor", NETWORKS)
def test_training_takes_less_than_two_seconds(predictor):
    assert make(predictor=predictor, tau=16).seconds < 2


def retrained(config: ForecastConfig, series):
    """The forecast's own weights, made once more: window → next value."""
    network, rng = NETWORKS[config.predictor], np.random.default_rng([config.seed, 1])
    weights = network.start(config.tau, rng)
    fit(
        network,
        weights,
        sliding_window_view(series, config.tau)[:TRAINED_ON],
        series[config.tau : config.tau + TRAINED_ON],
        rng,
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        lr=LR,
    )
    return lambda window: float(network.forward(weights, np.array(window)[None])[0][0])


@drawn
@settings(max_examples=8)
def test_many_steps_ahead_are_one_step_again_and_again(predictor, tau, seed):
    result = make(predictor=predictor, tau=tau, seed=seed)
    one_step = retrained(ForecastConfig(predictor=predictor, tau=tau, seed=seed), result.series)
    for t in np.random.default_rng(seed).integers(tau, LENGTH - MOST_AHEAD, size=3):
        window = result.series[t - tau : t].tolist()
        for k in range(1, MOST_AHEAD + 1):
            window = [*window[1:], one_step(window)]
            assert result.ahead[k - 1, t - 1 + k] == pytest.approx(window[-1], rel=1e-9, abs=1e-9)


@drawn
@settings(max_examples=8)
def test_on_its_own_it_begins_as_the_steps_ahead_from_the_last_value_it_was_shown(predictor, tau, seed):
    result = make(predictor=predictor, tau=tau, seed=seed)
    begin = result.held_out
    assert begin == TRAINED_ON + tau
    diagonal = [result.ahead[k - 1, begin - 1 + k] for k in range(1, MOST_AHEAD + 1)]
    np.testing.assert_allclose(result.alone[begin : begin + MOST_AHEAD], diagonal, rtol=1e-9, atol=1e-12)
    assert np.isnan(result.alone[:begin]).all()


def test_predictions_stand_where_enough_was_seen_and_nowhere_else():
    result = make(tau=3)
    for k in (1, 2, 64):
        assert np.isnan(result.ahead[k - 1, : 3 - 1 + k]).all()
        assert np.isfinite(result.ahead[k - 1, 3 - 1 + k :]).all()


def test_predictors_and_strengths_of_noise_compare_on_the_same_series():
    plain = make()
    for other in (make(predictor="rnn"), make(tau=9)):
        np.testing.assert_array_equal(other.series, plain.series)
    louder = make(noise=0.4)
    np.testing.assert_allclose(louder.series - louder.clean, 2 * (plain.series - plain.clean), atol=1e-12)
    assert not np.array_equal(make(seed=80).series, plain.series)
    assert (make(noise=0.0).series == plain.clean).all()


def test_the_same_settings_give_the_same_figures():
    first, again = (dataclasses.asdict(make(predictor="rnn")) for _ in range(2))
    for name in first.keys() - {"seconds"}:
        np.testing.assert_array_equal(first[name], again[name])


def test_errors_are_root_mean_squares_over_the_same_held_out_values():
    result = make()
    x, begin = result.series, result.held_out
    assert result.error(16) == pytest.approx(rms(result.ahead[15, begin:] - x[begin:]))
    assert result.last_error(16) == pytest.approx(rms(x[begin - 16 : LENGTH - 16] - x[begin:]))
    assert result.mean_error == pytest.approx(rms(x[:begin].mean() - x[begin:]))
    assert result.noise_error == pytest.approx(rms(result.clean[begin:] - x[begin:]))
    assert result.alone_error == pytest.approx(rms(result.alone[begin:] - x[begin:]))


@pytest.mark.parametrize(
    ("end", "ending"),
    [(np.full(100, 0.5), "constant"), (np.linspace(0, 11, 100), "away"), (np.sin(np.arange(100)), "moving")],
)
def test_how_it_ends_is_judged_by_its_last_hundred_values(end, ending):
    result = make()
    assert dataclasses.replace(result, alone=np.concatenate([result.alone[:-100], end])).ending == ending
    assert dataclasses.replace(result, alone=np.concatenate([end, result.alone[100:]])).ending == "constant"


def test_a_linear_predictor_may_run_away():
    result = make(predictor="linear", seed=4)
    assert result.ending == "away"
    assert np.isfinite(result.alone_error)
