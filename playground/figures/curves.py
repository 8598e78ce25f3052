"""Perplexity and gradient norm over training. The live panel fills in the points as they come.

Each trace's `meta` is its place in the page theme's palette, or `text`; layout's `meta` is the text
alternative.
"""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from playground.figures.theme import Translate, base_layout

_VALUE = "%{customdata}"
"""What a hand on a curve is told: its value as people read it, which the panel adds with the point."""
_TWIN: dict[str, Any] = {
    "mode": "lines",
    "meta": 3,
    "line": {"width": 2, "dash": "dot"},
}


def perplexity_figure(_: Translate = str, *, twin: str | None = None) -> go.Figure:
    """Perplexity on a log axis over epochs: each step, epoch means, held-out text.

    Args:
        twin: The name of a second run on the same axes; None has none.
    """
    figure = go.Figure(layout=base_layout(height=300))
    value = _("perplexity") + " " + _VALUE
    figure.add_scatter(
        x=[],
        y=[],
        name=_("train, each step"),
        mode="lines",
        opacity=0.8,  # 3 : 1 on both themes, as WCAG asks of what has to be seen
        meta=0,
        line={"width": 1},
        hovertemplate=value,
    )
    figure.add_scatter(
        x=[],
        y=[],
        name=_("train, epoch mean"),
        mode="lines",
        meta=0,
        line={"width": 2.5},
        hovertemplate=value,
    )
    figure.add_scatter(
        x=[],
        y=[],
        name=_("held-out text"),
        mode="lines+markers",
        meta=1,
        line={"width": 2, "dash": "dash"},
        marker={"size": 4, "symbol": "diamond"},
        hovertemplate=value,
    )
    if twin is not None:
        figure.add_scatter(x=[], y=[], name=twin, hovertemplate=value, **_TWIN)
    figure.update_xaxes(title=_("epoch"), unifiedhovertitle_text=_("epoch {x}").format(x="%{x:.2f}"))
    figure.update_yaxes(title=_("perplexity"), type="log", tickformat="~g", nticks=4)
    figure.add_shape(
        type="line",
        xref="paper",
        x0=0,
        x1=1,
        y0=1,
        y1=1,
        line={"width": 1, "dash": "dot"},
        label={"text": _("perfect: 1"), "textposition": "start", "yanchor": "top"},
    )
    figure.update_layout(
        meta=_("Line chart: train and held-out perplexity over epochs, on a logarithmic axis.")
    )
    return figure


def norm_figure(_: Translate = str, *, twin: str | None = None) -> go.Figure:
    """The gradient's norm before clipping, and the threshold θ that it is pulled back to, over epochs.

    Args:
        twin: The name of a second run on the same axes; None has none.
    """
    figure = go.Figure(layout=base_layout(height=230))
    value = _("norm") + " " + _VALUE
    figure.add_scatter(
        x=[],
        y=[],
        name=_("gradient norm before clipping"),
        mode="lines",
        meta=2,
        line={"width": 1},
        hovertemplate=value,
        showlegend=True,
    )
    figure.add_scatter(
        x=[],
        y=[],
        name=_("threshold θ"),
        mode="lines",
        meta="text",
        line={"width": 1.5, "dash": "dash"},
        hovertemplate=value,
    )
    if twin is not None:
        figure.add_scatter(x=[], y=[], name=twin, hovertemplate=value, **_TWIN)
    figure.update_xaxes(title=_("epoch"), unifiedhovertitle_text=_("epoch {x}").format(x="%{x:.2f}"))
    figure.update_yaxes(title=_("gradient norm"), type="log", tickformat="~g", nticks=3)
    figure.update_layout(
        meta=_("Line chart: norm of the gradient before clipping at each step, with the clipping threshold.")
    )
    return figure
