"""Single units: their lines over a sentence, how saturated they are, how long they remember."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go

from playground.cells import Quantity
from playground.figures.gates import mark_step
from playground.figures.scales import name_of
from playground.figures.sentence import MARGIN, positions
from playground.figures.theme import Translate
from playground.records import Array, GateTrace, LayerTrace, Saturation

_DASHES = ("solid", "dash", "dot", "dashdot")
_EDGES = (1, 2, 5, 10, 20, 50, 100)
"""Of the histogram's classes, in tokens; the last class has no end."""


def unit_figure(
    trace: GateTrace, layer: LayerTrace, unit: int, step: int | None = None, _: Translate = str
) -> go.Figure:
    """One unit's gates (upper half) and states (lower half) over the sentence.

    Args:
        trace: The sentence.
        layer: The layer and direction that the unit belongs to.
        unit: Zero-based.
        step: Column to mark.
    """
    columns, named = positions(trace), _("unit {n}").format(n=unit)
    quantities = layer.spec.quantities
    traces: list[dict[str, Any]] = []
    for place, (name, values) in enumerate(layer.shown.items()):
        traces.append(
            {
                "type": "scatter",
                "x": columns,
                "y": values[:, unit],
                "name": name_of(quantities[name], _),
                "mode": "lines",
                "meta": place,
                "line": {"dash": _DASHES[(place + place // 4) % 4], "width": 2},
                "yaxis": "y2" if quantities[name].is_gate else "y",
                "hovertemplate": f"{name} = %{{y:.4f}}<extra></extra>",
            }
        )
    gated = layer.spec.is_gated
    layout: dict[str, Any] = {
        "template": None,
        "height": 340 if gated else 220,
        "margin": MARGIN | {"t": 44},
        "font": {"size": 12},
        "hovermode": "x unified",
        "legend": {
            "orientation": "h",
            "x": 0,
            "y": 1.02,
            "yanchor": "bottom",
            "xanchor": "left",
            "title": {"text": f"<b>{named}</b>", "side": "left"},
        },
        "meta": _("Line chart: gates and states of unit {unit} over the sentence.").format(unit=unit),
        "shapes": mark_step(step),
        "xaxis": {
            "type": "category",
            "showticklabels": False,
            "showgrid": False,
            "zeroline": False,
            "range": [-0.5, len(columns) - 0.5],
            "anchor": "y",
            "unifiedhovertitle": {"text": f"%{{x}} · {named}"},
        },
        "yaxis": {"domain": [0, 0.5 if gated else 1], "title": {"text": _("state")}, "nticks": 5},
    }
    if gated:
        layout["yaxis2"] = {
            "domain": [0.56, 1],
            "range": [-0.02, 1.02],
            "title": {"text": _("gate")},
            "nticks": 3,
        }
    return go.Figure({"data": traces, "layout": layout})


def saturation_figure(
    gate: Quantity, saturation: Saturation, unit: int | None = None, _: Translate = str
) -> go.Figure:
    """Every unit of one gate: how often nearly shut (x) and nearly open (y).

    Args:
        gate: The gate that is drawn.
        saturation: How often each of its units is nearly shut and nearly open.
        unit: Unit to mark.

    Source: Karpathy, Johnson & Fei-Fei 2015, figure 3.
    """
    label = name_of(gate, _)
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "x": saturation.left,
            "y": saturation.right,
            "mode": "markers",
            "meta": 0,
            "marker": {"size": 6, "opacity": 0.55},
            "customdata": np.arange(len(saturation.left)),
            "hovertemplate": _("unit {n}").format(n="%{customdata}")
            + "<br>%{x:.0%} < 0.1<br>%{y:.0%} > 0.9<extra></extra>",
        }
    ]
    if unit is not None:
        traces.append(
            {
                "type": "scatter",
                "x": [saturation.left[unit]],
                "y": [saturation.right[unit]],
                "mode": "markers",
                "meta": 1,
                "hoverinfo": "skip",
                "marker": {"size": 13, "symbol": "circle-open", "line": {"width": 2.5}},
            }
        )
    alt = _("Scatter: how often each unit of the {name} is nearly shut and nearly open.").format(name=label)
    part = {"range": [-0.04, 1.04], "nticks": 5, "tickformat": ".0%"}
    layout = _small(label, alt) | {
        "xaxis": part | {"title": {"text": _("part of the steps below 0.1")}},
        "yaxis": part | {"title": {"text": _("part above 0.9")}},
        "shapes": [{"type": "line", "x0": 0, "y0": 1, "x1": 1, "y1": 0, "line": {"width": 1, "dash": "dot"}}],
    }
    return go.Figure({"data": traces, "layout": layout})


def memory_figure(lengths: Array, _: Translate = str) -> go.Figure:
    """How many units remember for how many tokens.

    Args:
        lengths: Memory length of every unit in tokens, (H,); infinite for a gate that never closes.
    """
    counts = [int(((lengths >= a) & (lengths < b)).sum()) for a, b in pairwise(_EDGES)]
    counts.append(int((lengths >= _EDGES[-1]).sum()))
    names = [f"{a}–{b}" for a, b in pairwise(_EDGES)] + [f"≥ {_EDGES[-1]}"]
    bars = {
        "type": "bar",
        "x": names,
        "y": counts,
        "meta": 0,
        "marker": {"line": {"width": 0}},
        "hovertemplate": _("{n} units remember for {length} tokens").format(n="%{y}", length="%{x}")
        + "<extra></extra>",
    }
    layout = _small(_("How long units remember"), _("Histogram: memory length of the units, in tokens.")) | {
        "bargap": 0.1,
        "xaxis": {"title": {"text": _("memory length in tokens")}, "type": "category", "tickangle": 0},
        "yaxis": {"title": {"text": _("units")}, "rangemode": "tozero"},
    }
    return go.Figure({"data": [bars], "layout": layout})


def _small(title: str, alt: str) -> dict[str, Any]:
    """Layout of a figure that stands in a grid."""
    return {
        "template": None,
        "height": 290,
        "margin": {"l": 60, "r": 12, "t": 34, "b": 44},
        "font": {"size": 12},
        "showlegend": False,
        "title": {"text": title, "font": {"size": 13}, "x": 0.02},
        "meta": alt,
    }
