"""A noisy sine, what was said of it one and many steps ahead, and how wrong that was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from playground.figures.theme import Translate, base_layout
from playground.format import number
from playground.records import Array, Forecast

_GREY = "#7d8899"
_LINES = (("#0072b2", "solid"), ("#e69f00", "dash"), ("#cc79a7", "dashdot"), ("#d55e00", "dot"))
"""Of 1, 4, 16 … steps ahead: colour and dash; Okabe & Ito's."""
_ALONE = ("#56b4e9", "longdash")


def forecast_figure(forecast: Forecast, steps: Sequence[int], _: Translate = str) -> go.Figure:
    """The series with its sine, and predictions over it.

    Args:
        forecast: The series and its predictions.
        steps: The k that are drawn, at most four.
    """
    figure = go.Figure(layout=base_layout(height=430))
    _line(figure, forecast.series, _("observed"), _GREY, None)
    _line(figure, forecast.clean, _("the sine alone"), _GREY, "solid")
    for k, (colour, dash) in zip(steps, _LINES, strict=False):
        _line(figure, forecast.ahead[k - 1], _("k = {k}").format(k=k), colour, dash)
    _line(figure, forecast.alone, _("on its own"), *_ALONE)
    top = 1.15 * float(np.abs(forecast.series).max())
    figure.update_xaxes(
        title=_("time t"),
        range=[0, len(forecast.series)],
        unifiedhovertitle={"text": _("time t") + ": %{x}"},
    )
    figure.update_yaxes(title="x", range=[-top, top], zeroline=False)
    figure.add_shape(
        type="line",
        x0=forecast.held_out + 0.5,
        x1=forecast.held_out + 0.5,
        yref="paper",
        y0=0,
        y1=1,
        line={"width": 1, "dash": "dot", "color": _GREY},
        label={
            "text": _("held out →"),
            "textposition": "end",
            "textangle": 0,
            "xanchor": "left",
            "yanchor": "top",
            "padding": 4,
        },
    )
    return figure.update_layout(legend={"font": {"size": 11}})


def error_figure(forecast: Forecast, steps: Sequence[int], _: Translate = str) -> go.Figure:
    """Error against how far ahead, beside predictors that learn nothing.

    Args:
        forecast: The series and its predictions.
        steps: The k that are marked.
    """
    figure = go.Figure(layout=base_layout(height=320))
    every = range(1, len(forecast.ahead) + 1)
    flat = np.ones(len(every))
    errors = np.array([forecast.error(k) for k in every])
    colour, _dash = _LINES[0]
    _line(figure, errors, _("the trained predictor"), colour, "solid")
    last = np.array([forecast.last_error(k) for k in every])
    _line(figure, last, _("the last value seen"), "#e69f00", "dash")
    _line(figure, forecast.mean_error * flat, _("the mean"), "#cc79a7", "dashdot")
    _line(figure, forecast.noise_error * flat, _("the noise alone"), _GREY, "dot")
    figure.add_scatter(
        x=list(steps),
        y=[errors[k - 1] for k in steps],
        mode="markers",
        showlegend=False,
        hoverinfo="skip",
        marker={"size": 9, "symbol": "circle-open", "color": colour, "line": {"width": 2}},
    )
    figure.update_xaxes(
        title=_("steps ahead k"),
        range=[0, len(every) + 1],
        unifiedhovertitle={"text": _("steps ahead k") + ": %{x}"},
    )
    figure.update_yaxes(title=_("error (RMSE), held out"), type="log", tickformat="~g", nticks=5)
    return figure.update_layout(legend={"font": {"size": 11}})


def _line(figure: go.Figure, y: Array, name: str, colour: str, dash: str | None) -> None:
    """A curve over 1, 2, 3 …; without a dash it is points."""
    look: dict[str, Any] = (
        {"mode": "markers", "marker": {"size": 3, "color": colour, "opacity": 0.6}}
        if dash is None
        else {
            "mode": "lines",
            "line": {"color": colour, "dash": dash, "width": 1.2 if colour == _GREY else 2},
        }
    )
    told = [number(value) for value in y]
    figure.add_scatter(x0=1, dx=1, y=y, name=name, customdata=told, hovertemplate="%{customdata}", **look)
