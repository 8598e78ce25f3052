"""Curves of reach, a sentence's map, brackets remembered."""

from __future__ import annotations

import numpy as np
import pytest

from playground.figures.reach import connectivity_figure, reach_figure, recall_figure
from playground.records import ReachCurve


def curve(norms, name="LSTM", truncation=None) -> ReachCurve:
    return ReachCurve(name, "h", np.array(norms, float), truncation)


def test_curves_start_at_one_when_relative_and_a_zero_leaves_a_gap():
    figure = reach_figure([curve([4, 2, 0, 1])], relative=True)
    (line,) = figure.data
    assert line.name == "LSTM · h"
    np.testing.assert_array_equal(line.y, [1, 0.5, np.nan, 0.25])
    assert figure.layout.yaxis.type == "log"
    (absolute,) = reach_figure([curve([4, 2, 0, 1])], relative=False).data
    assert absolute.y[0] == 4


@pytest.mark.parametrize(("top", "decades"), [(1, 1), (9, 1), (50, 4), (1e4, 4), (1e5, 7)])
def test_the_axis_keeps_its_range_until_a_curve_leaves_it_upwards(top, decades):
    figure = reach_figure([curve([1, 0.1]), curve([1, top])], relative=True)
    assert figure.layout.yaxis.range == (-6, decades)


def test_every_curve_has_a_colour_a_dash_and_a_marker_of_its_own():
    lines = reach_figure([curve([1, 0.5], name) for name in "abcdef"], relative=True).data
    for looks in (
        [line.line.color for line in lines],
        [line.line.dash for line in lines],
        [line.marker.symbol for line in lines],
    ):
        assert len(set(looks)) == 6


def test_truncation_is_drawn_once_where_it_falls_and_only_within_the_chart():
    curves = [curve(np.ones(51), truncation=n) for n in (35, 35, 60, None)]
    (line,) = reach_figure(curves, relative=True).layout.shapes
    assert (line.x0, line.x1, line.name) == (35, 35, "truncated after 35 time steps")
    assert line.showlegend  # its name lies on no curve
    assert line.label.text is None


def test_a_name_with_markup_is_escaped():
    figure = reach_figure([curve([1, 0.5], "<b>x</b>")], relative=True)
    assert figure.data[0].name.startswith("&lt;b&gt;")
    assert recall_figure(["<i>"], [[(0.5, 2)]], (1, 3), 0.25).data[0].name == "&lt;i&gt;"


def test_the_hover_says_in_words_how_far_a_letter_reaches():
    norms = np.tril(np.full((4, 4), 0.012))
    (cells,) = connectivity_figure(tuple("th<e"), norms).data
    assert cells.text[3][0] == "“t” at 1 still moves the prediction at 4, 3 characters later: 0.012"
    assert cells.text[3][2] == "“&lt;” at 3 moves the prediction at 4, the next one: 0.012"
    assert cells.text[1][1] == "“h” at 2 moves the prediction right there: 0.012"
    assert set(cells.text[0][1:]) == {""}  # nothing above the diagonal
    np.testing.assert_array_equal(np.isnan(cells.z), norms == 0)
    assert cells.z[3][0] == pytest.approx(np.log10(0.012))


def test_with_two_directions_both_triangles_are_told_and_words_are_called_words():
    norms = np.full((4, 4), 0.5) - 0.5 * np.eye(4)
    figure = connectivity_figure(tuple("abcd"), norms, by_word=True, fills=True, both_ways=True)
    (cells,) = figure.data
    assert cells.text[0][2] == "“c” at 3 already moves the prediction at 1, 2 words earlier: 0.5"
    assert cells.text[3][1] == "“b” at 2 still moves the prediction at 4, 2 words later: 0.5"
    assert cells.text[1][2] == "“c” at 3 already moves the prediction at 2, the one before: 0.5"
    assert {cells.text[i][i] for i in range(4)} == {""}  # the diagonal is empty
    assert figure.layout.yaxis.title.text == "prediction of this token"


def test_colours_of_two_maps_compare():
    small, large = (connectivity_figure(("a", "b"), np.full((2, 2), value)) for value in (1e-9, 1e3))
    assert small.layout.coloraxis.cmin == large.layout.coloraxis.cmin == -4
    assert small.layout.coloraxis.cmax == large.layout.coloraxis.cmax == 2


def test_what_is_too_small_for_a_number_has_the_smallest_colour_and_no_hole():
    (cells,) = connectivity_figure(tuple("tide"), np.zeros((4, 4))).data
    np.testing.assert_array_equal(np.isnan(cells.z), np.triu(np.ones((4, 4), bool), 1))
    assert cells.z[3][0] < -4
    assert cells.text[3][0] == "“t” at 1 still moves the prediction at 4, 3 characters later: 0"
    (cells,) = connectivity_figure(tuple("tide"), np.zeros((4, 4)), both_ways=True).data
    assert not np.isnan(cells.z).any()


@pytest.mark.parametrize("size", [3, 17, 40, 41, 120])
@pytest.mark.parametrize("token", ["潮", "a", "remarkably"])
def test_labels_of_a_map_do_not_run_into_each_other_on_a_phone(size, token):
    layout = connectivity_figure((token,) * size, np.ones((size, size))).layout
    inside = layout.height - layout.margin.t - layout.margin.b
    assert len(layout.xaxis.tickvals) * 14 <= max(286, 14)
    assert len(layout.yaxis.tickvals) * 14 <= inside
    assert layout.xaxis.tickangle == (-90 if token == "remarkably" else 0)


def test_remembered_brackets_stand_by_distance_beside_guessing():
    figure = recall_figure(["RNN", "LSTM"], [[(0.25, 8), (0.2, 5)], [(1.0, 8), (0.8, 5)]], (2, 10, 21), 0.25)
    assert [line.x for line in figure.data] == [("2–9", "10–20")] * 3
    assert figure.data[1].y == (1.0, 0.8)
    assert (figure.data[2].name, figure.data[2].y) == ("guessing", (0.25, 0.25))  # in the legend, on no curve
    assert not figure.layout.shapes
