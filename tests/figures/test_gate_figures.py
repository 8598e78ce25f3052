"""The lens' figures: ranges that do not move, columns that stay apart, text that stays text."""

from __future__ import annotations

import base64
import json

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.cells import CELLS
from playground.cells.lstm import CELL as LSTM
from playground.config import ModelConfig
from playground.figures.equations import step_numbers
from playground.figures.gates import heatmap_figure, multiples_figure, overview_figure
from playground.figures.scales import Scale, name_of, scale_of
from playground.figures.sentence import colours, least_width, letters, positions
from playground.figures.standalone import page_of
from playground.figures.theme import quantised
from playground.figures.units import memory_figure, saturation_figure, unit_figure
from playground.models import gate_statistics as statistics
from playground.models.gates import trace_gates
from playground.models.language_model import LanguageModel
from tests.helpers import ROOT

LIMIT = 300_000
"""Bytes that one heatmap may send to a browser."""


def traced(cell="lstm", tokens="noon", *, hidden_size=5, known=None):
    config = ModelConfig(cell=cell, hidden_size=max(hidden_size, 8))
    weights = {name: value.numpy() for name, value in LanguageModel(config, 9).state_dict().items()}
    return trace_gates(weights, config, [ord(t) % 9 for t in tokens], tokens=list(tokens), known=known)


def decoded(z) -> np.ndarray:
    """What the browser makes of it."""
    kind = "<u2" if z["bits"] == 16 else "u1"
    return (z["low"] + z["step"] * np.frombuffer(base64.b64decode(z["steps"]), kind)).reshape(
        -1, z["columns"]
    )


@pytest.mark.parametrize("gate", ["i", "f", "o"])
def test_gates_are_drawn_from_0_to_1_whatever_they_are(gate):
    values = np.full((3, 4), 0.5, np.float32)
    assert scale_of(LSTM.quantities[gate], values) == Scale(0, 1, "Cividis")


@given(st.floats(0.125, 50, width=32))
def test_a_scale_of_states_is_symmetric_around_0(largest):
    values = np.array([[0.0, -largest]], np.float32)
    for quantity in (LSTM.quantities["h"], LSTM.quantities["c"], CELLS["rnn"].quantities["a"]):
        scale = scale_of(quantity, values)
        assert scale.low == -scale.high
        assert scale.high >= largest


def test_compared_figures_share_their_range():
    small, large = np.full((2, 3), 0.5, np.float32), np.full((2, 3), 4.0, np.float32)
    memory = LSTM.quantities["c"]
    assert scale_of(memory, small, large) == scale_of(memory, large, small)


def test_equal_tokens_keep_their_own_columns():
    trace = traced(tokens="noon")
    assert positions(trace) == ["1 n", "2 o", "3 o", "4 n"]
    layer = trace.layers[0][0]
    figure = heatmap_figure(trace, "f", layer.gates["f"], np.arange(8))
    assert figure.data[1].z.shape == (8, 4)
    assert len(set(figure.data[1].x)) == 4


def test_the_first_unit_of_the_order_stands_on_top():
    trace = traced()
    values = trace.layers[0][0].gates["f"]
    order = statistics.unit_order(values, "mean")
    figure = heatmap_figure(trace, "f", values, order)
    assert figure.data[1].y[-1] == str(order[0])
    np.testing.assert_array_equal(figure.data[1].z[-1], values[:, order[0]])


def test_unknown_tokens_and_markup_are_marked_and_escaped():
    trace = traced(tokens="a<b", known=[True, False, True])
    assert positions(trace)[1] == "2 &lt; → &lt;unk&gt;"
    assert letters(trace)[1] == "<s>&lt;</s>"
    assert "<script" not in page_of([], title="<script>")


def test_a_downloaded_page_is_in_the_languages_of_its_reader():
    figure = go.Figure(layout={"title": "困惑度"})
    html = page_of([figure], title="门", language="zh-CN", words={"Zoom in": "放大"})
    assert html.startswith('<!doctype html><html lang="zh-CN">')
    told = json.loads(f'"{html.rsplit(chr(34) + "Zoom in" + chr(34) + ":", 1)[1].split(chr(34))[1]}"')
    assert told == "放大"
    assert page_of([], title="").startswith('<!doctype html><html lang="en">')


def test_one_heatmap_of_200_tokens_and_256_units_is_a_small_message():
    trace = traced(tokens="word " * 40, hidden_size=256)
    layer = trace.layers[0][0]
    for name in ("f", "c", "h"):
        sent = quantised(heatmap_figure(trace, name, layer.shown[name], np.arange(256)))
        assert len(json.dumps(sent)) <= LIMIT


@pytest.mark.parametrize("name", ["f", "c", "h"])
def test_what_the_browser_draws_is_what_was_computed(name):
    trace = traced(tokens="some words", hidden_size=11)
    shown = trace.layers[0][0].shown
    values = shown[name]
    z = quantised(heatmap_figure(trace, name, values, np.arange(11)))["data"][1]["z"]
    np.testing.assert_allclose(decoded(z), values.T[::-1], atol=float(np.ptp(values)) / 65_535)
    small = quantised(multiples_figure(trace, shown, np.arange(11)))["data"][1 + list(shown).index(name)]["z"]
    np.testing.assert_allclose(decoded(small), values.T[::-1], atol=float(np.ptp(values)) / 255)


def test_a_map_of_one_value_survives_the_way_to_the_browser():
    trace = traced(tokens="ab")
    z = quantised(heatmap_figure(trace, "f", np.full((2, 8), 0.25, np.float32), np.arange(8)))["data"][1]["z"]
    assert np.all(decoded(z) == 0.25)


@pytest.mark.parametrize("cell", CELLS)
def test_every_figure_of_every_cell_says_what_it_shows(cell):
    trace = traced(cell)
    layer = trace.layers[0][0]
    strips = {name: statistics.strip(np.abs(v)) for name, v in layer.shown.items()}
    figures = [
        overview_figure(trace, strips, 1),
        multiples_figure(trace, layer.shown, np.arange(8), step=1, unit=2),
        unit_figure(trace, layer, 2, 1),
        *(heatmap_figure(trace, name, v, np.arange(8)) for name, v in layer.shown.items()),
        *(
            saturation_figure(layer.spec.quantities[name], saturation, 3)
            for name, saturation in statistics.saturation(layer).items()
        ),
    ]
    lengths = statistics.memory_lengths(layer)
    figures += [] if lengths is None else [memory_figure(lengths)]
    assert all(figure.layout.meta for figure in figures)
    named = [name_of(quantity) for quantity in layer.spec.quantities.values()]
    assert [name for name in layer.shown if not any(label.startswith(f"{name} ") for label in named)] == []


def test_every_unit_is_counted_in_the_histogram():
    lengths = np.array([1.0, 1.5, 2.0, 7.0, 99.9, 100.0, np.inf])
    assert sum(memory_figure(lengths).data[0].y) == 7


def contrast(first: str, second: str) -> float:
    """WCAG 2.2's contrast ratio of two CSS colours, 1 … 21."""

    def luminance(colour: str) -> float:
        if colour.startswith("#"):
            parts = [int(digit * 2, 16) for digit in colour[1:]]
        else:
            parts = [int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
        linear = [p / 255 / 12.92 if p <= 10 else ((p / 255 + 0.055) / 1.055) ** 2.4 for p in parts]
        return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_wcags():
    assert contrast("#fff", "#000") == pytest.approx(21)
    assert contrast("#777", "#fff") == pytest.approx(4.48, abs=0.005)  # the grey that just fails


@pytest.mark.parametrize("scale", [Scale(-1, 1, "RdBu_r"), Scale(0, 1, "Cividis")], ids=lambda s: s.colours)
@given(values=st.lists(st.floats(-5, 5) | st.floats(-1, 1), min_size=1, max_size=20))
def test_a_coloured_token_can_be_read(scale, values):
    for back, front in colours(np.array(values), scale):
        (other,) = {"#000", "#fff"} - {front}
        assert contrast(front, back) >= 4.5
        assert contrast(front, back) >= contrast(other, back) - 0.05  # the background is rounded to 8 bits


def test_the_columns_are_wide_enough_for_their_tokens():
    assert least_width("潮水来") > least_width("abc")


@pytest.mark.parametrize("cell", CELLS)
def test_the_formulas_end_in_the_traced_state(cell):
    layer = traced(cell, "tidal").layers[0][0]
    for step in range(5):
        numbers = step_numbers(layer, step, 3)
        assert numbers.came_out == pytest.approx(float(layer.hidden[step, 3]))
        assert numbers.lines[-1].endswith(rf"\mathbf{{{numbers.came_out:.3f}}}".replace("-0.000", "0.000"))
        if layer.memory is not None:
            assert numbers.came_in + numbers.kept == pytest.approx(float(layer.memory[step, 3]), abs=1e-6)
        elif cell == "gru":
            assert numbers.came_in + numbers.kept == pytest.approx(numbers.came_out, abs=1e-6)
        else:
            assert np.tanh(numbers.came_in + numbers.kept) == pytest.approx(numbers.came_out, abs=1e-6)


def test_the_examples_that_the_browser_unpacks_are_what_is_packed():
    for example in json.loads((ROOT / "tests" / "js" / "packed_example.json").read_text("utf-8")):
        figure = go.Figure(go.Heatmap(z=np.array(example["rows"])))
        if example["packed"]["bits"] == 8:  # several are read by their colours
            figure.add_trace(go.Heatmap(z=np.array([[0.0, 1.0]])))
        assert quantised(figure)["data"][0]["z"] == example["packed"]
