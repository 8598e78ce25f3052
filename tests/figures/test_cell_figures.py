"""How a unit formed, and names beside the rows of a heatmap."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from playground.figures.cells import formation_figure
from playground.figures.gates import heatmap_figure
from playground.figures.row_names import row_names, spread
from playground.records import Finding, FormationPoint, UnitScore
from tests.figures.test_gate_figures import traced

POINTS = (FormationPoint(0.0, 0.2, 0.6, 0.61, 3, "f"), FormationPoint(2.0, 0.9, 0.9, 0.62, 5, "c"))


def finding(measure: str = "auc", score: float = 0.1) -> Finding:
    return Finding(
        "quotes", "inside quotes", False, measure, (UnitScore("c", 5, score, score),), 0.6, "followed", False
    )


def test_a_unit_on_the_other_side_follows_nothing_and_the_curve_begins_there():
    best, unit, chance = formation_figure(finding(), POINTS).data
    assert list(unit.y) == [0.5, 0.9]
    assert list(best.y) == [0.6, 0.9]
    assert list(best.customdata) == ["f 3", "c 5"]
    assert list(chance.y) == [0.61, 0.62]


@pytest.mark.parametrize(("measure", "low"), [("auc", 0.5), ("rho", 0.0)])
def test_the_range_is_fixed_from_nothing_to_everything(measure, low):
    figure = formation_figure(finding(measure), POINTS)
    assert figure.layout.yaxis.range[0] == low
    assert figure.layout.yaxis.range[1] >= 1
    assert figure.layout.meta


@pytest.mark.parametrize("places", [[0, 1, 2], [195, 196, 199], [50, 51, 120], [10, 190], []])
def test_names_are_apart_in_order_and_inside_where_they_fit(places):
    moved = spread(places, 200)
    assert moved == sorted(moved)
    assert all(b - a >= 13 for a, b in itertools.pairwise(moved))
    assert all(0 <= place <= 200 for place in moved)


def test_a_name_is_escaped_cut_and_leads_to_its_row():
    first, second = row_names({1: "7 <b>" + "x" * 40, 9: "雨" * 30}, rows=10, height=200, axis="y2")
    assert first["text"].startswith("7 &lt;b&gt;x")
    assert first["text"].endswith("…")
    assert len(second["text"]) == 11
    assert (first["y"], second["y"], first["yref"]) == (1, 9, "y2")


def test_named_units_stand_in_place_of_numbers():
    trace = traced("lstm")
    values = trace.layers[0][0].gates["f"]
    units = values.shape[1]
    figure = heatmap_figure(
        trace, "f", values, np.arange(units)[::-1], names={2: "inside quotes", 999: "gone"}
    )
    (name,) = figure.layout.annotations
    assert (name.text, figure.data[1].y[name.y]) == ("2 inside quotes", "2")
    assert figure.layout.yaxis2.showticklabels is False
