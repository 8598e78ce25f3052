"""Figures of the basics: forecasts, graphs, blocks."""

from __future__ import annotations

import dataclasses
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.config import ModelConfig
from playground.figures.autoregression import error_figure, forecast_figure
from playground.figures.graphs import model_figure, unrolled_figure
from playground.figures.partition import minibatch_figure, text_figure
from playground.lesson_settings import ForecastConfig
from playground.models.graphs import history, latent, markov, unrolled
from playground.models.shapes import weight_shapes
from playground.text.partition import TOY, partition
from playground.toys.autoregression.forecast import forecast
from tests.text.test_partition import configs


@cache
def some_forecast():
    return forecast(ForecastConfig(tau=3))


def test_every_k_is_drawn_over_the_series_where_it_belongs():
    result, steps = some_forecast(), [1, 4, 64]
    figure = forecast_figure(result, steps)
    names = [trace.name for trace in figure.data]
    assert names == ["observed", "the sine alone", "k = 1", "k = 4", "k = 64", "on its own"]
    for trace, values in zip(
        figure.data,
        [result.series, result.clean, *(result.ahead[k - 1] for k in steps), result.alone],
        strict=True,
    ):
        assert (trace.x0, trace.dx) == (1, 1)
        np.testing.assert_array_equal(trace.y, values)
    assert figure.layout.shapes[0].x0 == result.held_out + 0.5


def test_curves_differ_by_more_than_colour():
    result = some_forecast()
    for figure in (forecast_figure(result, [1, 4, 16, 64]), error_figure(result, [1])):
        curves = [t for t in figure.data if t.mode == "lines" and t.name != "the sine alone"]
        assert len({curve.line.dash for curve in curves}) == len(curves)


def test_errors_stand_beside_those_of_predictors_that_learn_nothing():
    result = some_forecast()
    curves = {trace.name: trace for trace in error_figure(result, [16]).data}
    assert curves["the trained predictor"].y[15] == pytest.approx(result.error(16))
    assert curves["the last value seen"].y[63] == pytest.approx(result.last_error(64))
    assert set(curves["the mean"].y) == {result.mean_error}
    assert set(curves["the noise alone"].y) == {result.noise_error}


def test_a_predictor_that_runs_away_leaves_the_picture_and_not_the_series():
    result = dataclasses.replace(some_forecast(), alone=np.full(1000, 1e18))
    low, high = forecast_figure(result, [1]).layout.yaxis.range
    assert np.abs(result.series).max() < high == -low < 3


def arrows(figure) -> int:
    return sum(sum(size > 0 for size in t.marker.size) for t in figure.data if t.marker.symbol == "arrow")


def letters(figure) -> list[str]:
    return [text for t in figure.data if t.mode == "markers+text" for text in t.text]


@pytest.mark.parametrize("model", [markov, history, latent])
def test_a_model_is_drawn_with_all_its_nodes_and_arrows(model):
    graph = model(4)
    figure = model_figure(graph)
    assert arrows(figure) == len(graph.edges)
    assert len(letters(figure)) == len(graph.nodes)
    assert "x<sub>4</sub>" in letters(figure)


WAYS = [{}, {"bidirectional": True}, {"bidirectional": True, "objective": "masked"}]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("num_layers", [1, 4])
@pytest.mark.parametrize("input", ["one-hot", "embedding"])
def test_a_network_is_drawn_with_a_row_for_every_layer_and_direction(input, num_layers, way):
    config = ModelConfig(num_layers=num_layers, input=input, hidden_size=300, **way)
    graph, weights = unrolled(config, 3), weight_shapes(config, 28)
    figure = unrolled_figure(graph, weights)
    assert arrows(figure) == len(graph.edges)
    assert len(letters(figure)) == len(graph.nodes)
    rows = list(figure.layout.yaxis.ticktext)
    ways = (" →", " ←") if way else ("",)
    assert {f"layer {n + 1}{arrow} · 300" for n in range(num_layers) for arrow in ways} <= set(rows)
    assert {"token", "scores · 28"} <= set(rows)
    assert ("embedding · 64" in rows) == (input == "embedding")
    assert len(rows) == len(set(rows)) == len(set(figure.layout.yaxis.tickvals))
    told = next(trace for trace in figure.data if trace.marker.opacity == 0)
    assert any(words.startswith("rnn.weight_hh_l0<br>1,200 × 300") for words in told.text)


@pytest.mark.parametrize("way", WAYS)
def test_no_two_nodes_of_a_network_stand_on_each_other(way):
    config = ModelConfig(num_layers=3, **way)
    figure = unrolled_figure(unrolled(config, 3), weight_shapes(config, 28))
    spots = [(x, y) for t in figure.data if t.mode == "markers+text" for x, y in zip(t.x, t.y, strict=True)]
    gaps = [max(abs(a - c), abs(b - d)) for i, (a, b) in enumerate(spots) for c, d in spots[:i]]
    assert min(gaps) > 0.3


@given(configs(), st.integers(0, 3))
@settings(max_examples=12)
def test_blocks_tell_every_token_of_the_text_once(config, at):
    cut = partition(TOY, config)
    figure = text_figure(cut, min(at, len(cut.starts) - 1))
    shown = {}
    for trace in figure.data:
        for x, y, text in zip(trace.x, trace.y, trace.text, strict=True):
            shown[x, y] = int(text)
    assert sorted(shown.values()) == list(range(TOY))
    order = sorted(shown, key=lambda spot: (-spot[1], spot[0]))
    assert [shown[spot] for spot in order] == list(range(TOY))  # read like a page
    marks = [note.text.removeprefix("<b>").removesuffix("</b>") for note in figure.layout.annotations]
    assert sorted(marks) == sorted(
        f"{m + 1}·{row + 1}" for m in range(len(cut.starts)) for row in range(config.batch_size)
    )


@given(configs(), st.integers(0, 3))
@settings(max_examples=12)
def test_targets_stand_below_the_inputs_that_they_follow(config, at):
    cut = partition(TOY, config)
    at = min(at, len(cut.starts) - 1)
    inputs, targets = minibatch_figure(cut, at).data
    above = {(x, y): int(n) for x, y, n in zip(inputs.x, inputs.y, inputs.text, strict=True)}
    for x, y, target in zip(targets.x, targets.y, targets.text, strict=True):
        assert int(target) == above[x, y + 1] + 1
    assert len(above) == (2 if at else 1) * config.batch_size * config.num_steps


@given(configs(), st.integers(0, 3))
@settings(max_examples=12)
def test_an_arrow_is_drawn_for_every_state_that_is_carried_and_a_zero_for_every_other(config, at):
    cut = partition(TOY, config)
    at = min(at, len(cut.starts) - 1)
    notes = minibatch_figure(cut, at).layout.annotations
    carried = sum(bool(note.showarrow) for note in notes)
    zeros = sum(note.text == "<b>0</b>" for note in notes)
    rows = config.batch_size
    assert (carried, zeros) == ((rows, 0) if cut.goes_on(at) else (0, rows))
