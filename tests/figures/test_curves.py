"""The charts before any point has come."""

import math

import pytest

from playground.figures.curves import norm_figure, perplexity_figure
from playground.figures.theme import spec


@pytest.mark.parametrize("figure", [perplexity_figure, norm_figure])
def test_a_twin_adds_one_curve_behind_the_runs_own(figure):
    alone, together = figure(), figure(twin="the <b>twin</b>")
    assert [trace.name for trace in together.data[:-1]] == [trace.name for trace in alone.data]
    assert together.data[-1].name == "the <b>twin</b>"
    assert together.data[-1].line.dash not in {trace.line.dash for trace in alone.data}


@pytest.mark.parametrize("figure", [perplexity_figure(), norm_figure()])
def test_every_axis_is_labelled_and_every_chart_has_a_text_alternative(figure):
    assert figure.layout.xaxis.title.text
    assert figure.layout.yaxis.title.text
    assert len(figure.layout.meta) > 20
    assert figure.layout.yaxis.type == "log"


def test_curves_are_told_apart_without_colour():
    for figure in (perplexity_figure(twin="twin"), norm_figure(twin="twin")):
        looks = [(t.line.width, t.line.dash, t.mode) for t in figure.data]
        assert len(set(looks)) == len(looks)


def test_a_hover_names_both_axes_and_a_lines_name_lies_on_no_curve():
    for figure, name in ((perplexity_figure(twin="twin"), "perplexity"), (norm_figure(twin="twin"), "norm")):
        assert figure.layout.xaxis.unifiedhovertitle.text == "epoch %{x:.2f}"
        assert {trace.hovertemplate for trace in figure.data} == {f"{name} %{{customdata}}"}
    (perfect,) = perplexity_figure().layout.shapes
    assert (perfect.y0, perfect.label.yanchor) == (1, "top")  # below its line, where no curve comes


def test_words_come_from_the_catalogue():
    figure = perplexity_figure(lambda message: f"[{message}]")
    assert all(trace.name.startswith("[") for trace in figure.data)
    assert figure.layout.xaxis.title.text == "[epoch]"


def test_a_spec_is_plain_data_without_plotlys_default_theme():
    plain = spec(perplexity_figure())
    assert "template" not in plain["layout"]
    assert math.isclose(plain["layout"]["shapes"][0]["y0"], 1.0)
