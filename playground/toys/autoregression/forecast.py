"""A noisy sine → a trained predictor → what it says one and many steps ahead."""

from __future__ import annotations

import time

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from playground.lesson_settings import MOST_AHEAD, ForecastConfig
from playground.records import Array, Forecast
from playground.toys.autoregression.networks import NETWORKS, Network, Weights
from playground.toys.autoregression.training import fit

LENGTH, TRAINED_ON = 1_000, 600
"""Values of the series, and examples that are trained on."""
EPOCHS, BATCH_SIZE, LR = 5, 16, 0.01


def forecast(config: ForecastConfig) -> Forecast:
    """Make the series, train on its beginning, and predict.

    The same seed gives the same noise at every strength, whatever predicts it, so that predictors and
    settings compare on the same series.

    Args:
        config: The predictor and how many values it sees; `ahead` only says what is looked at.

    Source: d2l 8.1.
    """
    clean = np.sin(0.01 * np.arange(1, LENGTH + 1))
    draws = np.random.default_rng([config.seed, 0])
    series = clean + config.noise * draws.standard_normal(LENGTH)
    tau = config.tau
    windows, targets = sliding_window_view(series, tau)[:-1], series[tau:]
    network, rng = NETWORKS[config.predictor], np.random.default_rng([config.seed, 1])
    weights = network.start(tau, rng)
    began = time.perf_counter()
    losses = fit(
        network,
        weights,
        windows[:TRAINED_ON],
        targets[:TRAINED_ON],
        rng,
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        lr=LR,
    )
    seconds = time.perf_counter() - began
    held_out = TRAINED_ON + tau
    return Forecast(
        series=series,
        clean=clean,
        held_out=held_out,
        ahead=_ahead(network, weights, series, tau),
        alone=_alone(network, weights, series, tau, held_out),
        losses=losses,
        seconds=seconds,
    )


def _ahead(network: Network, weights: Weights, series: Array, tau: int) -> Array:
    """(K, T): what is said of x_t with nothing seen after x_{t−k}; NaN where that has no τ values before it.

    All windows go on side by side: each drops its oldest value and takes its own prediction in.
    """
    windows = sliding_window_view(series, tau)
    ahead = np.full((MOST_AHEAD, len(series)), np.nan)
    for k in range(1, MOST_AHEAD + 1):
        predicted, _ = network.forward(weights, windows)
        windows = np.concatenate([windows[:, 1:], predicted[:, None]], axis=1)
        first = tau - 1 + k
        ahead[k - 1, first:] = predicted[: len(series) - first]
    return ahead


def _alone(network: Network, weights: Weights, series: Array, tau: int, begin: int) -> Array:
    """(T,): from `begin` on it reads only what it has said itself; NaN before."""
    alone = np.full(len(series), np.nan)
    window = series[begin - tau : begin]
    for t in range(begin, len(series)):
        predicted, _ = network.forward(weights, window[None])
        window = np.append(window[1:], predicted)
        alone[t] = predicted[0]
    return alone
