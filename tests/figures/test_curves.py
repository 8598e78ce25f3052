"""The charts before any point has come."""

import math

import pytest

from playground.figures.curves import norm_figure, perplexity_figure
from playground.figures.theme import spec


def test_the_norm_chart_draws_its_threshold_at_theta():
    (line,) = norm_figure(2.5).layout.shapes
    assert (line.y0, line.y1, line.label.text) == (2.5, 2.5, "θ = 2.5")


def test_without_clipping_no_threshold_is_drawn():
    assert norm_figure(None).layout.shapes == ()


@pytest.mark.parametrize("figure", [perplexity_figure(), norm_figure(1.0)])
def test_every_axis_is_labelled_and_every_chart_has_a_text_alternative(figure):
    assert figure.layout.xaxis.title.text
    assert figure.layout.yaxis.title.text
    assert len(figure.layout.meta) > 20
    assert figure.layout.yaxis.type == "log"


def test_curves_are_told_apart_without_colour():
    looks = [(t.line.width, t.line.dash, t.mode) for t in perplexity_figure().data]
    assert len(set(looks)) == len(looks)


def test_words_come_from_the_catalogue():
    figure = perplexity_figure(lambda message: f"[{message}]")
    assert all(trace.name.startswith("[") for trace in figure.data)
    assert figure.layout.xaxis.title.text == "[epoch]"


def test_a_spec_is_plain_data_without_plotlys_default_theme():
    plain = spec(norm_figure(1.0))
    assert "template" not in plain["layout"]
    assert math.isclose(plain["layout"]["shapes"][0]["y0"], 1.0)
