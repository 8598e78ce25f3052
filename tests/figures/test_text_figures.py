"""Figures about text."""

import numpy as np
import pytest

from playground.figures.text import feature_figure, leak_figure
from playground.records import FeatureMap, Leak

LEAK = Leak(tuple("ab <c"), np.array([0.1, 0.2, 0.3, 0.4]), np.array([5.0, 6.0, 7.0, 8.0]), 0.75)


def test_both_series_of_a_leak_stand_over_the_tokens_that_are_predicted():
    figure = leak_figure(LEAK)
    assert [list(bars.y) for bars in figure.data] == [LEAK.bits.tolist(), LEAK.scrambled.tolist()]
    assert list(figure.layout.xaxis.ticktext) == ["b", "␣", "&lt;", "c"]
    assert figure.layout.yaxis.rangemode == "tozero"


def test_the_series_differ_by_more_than_colour():
    shapes = [bars.marker.pattern.shape for bars in leak_figure(LEAK).data]
    assert len(set(shapes)) == 2


def test_every_token_stands_at_its_place_once():
    kinds = ("vowel", "mark", "space", "vowel", "unknown", "word", "digit", "letter", "consonant")
    tokens = ("a", "<", " ", "e", "?", "tide", "7", "雨", "t")
    points = np.arange(18.0).reshape(9, 2)
    figure = feature_figure(FeatureMap(points, (0.5, 0.25), kinds), tokens)
    seen = {}
    for trace in figure.data:
        for i, x, y, text in zip(trace.customdata, trace.x, trace.y, trace.text, strict=True):
            seen[i - 1] = (x, y, text)
    assert [seen[i][:2] for i in range(9)] == [tuple(point) for point in points.tolist()]
    assert seen[1][2] == "&lt;"
    assert "(50% of the variance)" in figure.layout.xaxis.title.text


@pytest.mark.parametrize("attribute", ["symbol", "name"])
def test_kinds_are_told_apart_without_colour(attribute):
    kinds = ("vowel", "consonant", "space", "digit", "mark", "unknown")
    figure = feature_figure(FeatureMap(np.zeros((6, 2)), (1.0, 0.0), kinds), tuple("at 7.?"))
    styles = [trace.name if attribute == "name" else trace.marker.symbol for trace in figure.data]
    assert len(set(styles)) == 6
