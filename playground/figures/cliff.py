"""The cliff: a loss surface with paths of gradient descent, and what the paths measure at every step.

A trace's `meta` is its place in the page theme's palette; layout's `meta` is the text alternative.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from playground.figures.theme import Translate
from playground.format import exact
from playground.records import Array, Cliff, Descent

_PIN = 0.12
"""Height of the pin on which a path's large marker stands: lower, the surface would swallow half of it."""
_ARC, _FLIGHT = 24, 0.2
"""Pieces of a flight out of the figure, and how high it is drawn."""
_HIGHEST = 0.5
"""The loss axis' end, above every loss: (σ(h) − 0.7)² stays below 0.49."""
_STYLES: tuple[dict[str, Any], ...] = (
    {"meta": 1, "rank": 1, "dash": "dash", "symbol": "diamond", "lift": 0.01},
    {"meta": 0, "rank": 2, "dash": "solid", "symbol": "circle", "lift": 0.005},
)
"""Without clipping, with it: apart by colour, dash and symbol. A line that lay in the surface would be half
swallowed, so both are lifted; the dashed one lies above the solid one, where both are the same."""


def path_names(threshold: float | None, _: Translate = str) -> tuple[str, str]:
    """What both paths are called, everywhere."""
    return _("without clipping"), _("with clipping, θ = {theta}").format(theta=exact(threshold or 0))


def cliff_figure(
    cliff: Cliff,
    plain: Descent,
    clipped: Descent | None = None,
    threshold: float | None = None,
    _: Translate = str,
) -> go.Figure:
    """The surface, each path as a line with markers, and where each stands now as a pin.

    A point outside the surface is drawn at its edge, where the straight way there leaves it, and is hollow.

    Args:
        cliff: The surface.
        plain: The path without clipping.
        clipped: The path with clipping; None draws the other alone.
        threshold: The θ of the path with clipping.
    """
    # a trace of type surface is three times as slow: Plotly refines it to 128 × 128 cells at every step
    surface = {
        "type": "mesh3d",
        "x": np.repeat(cliff.w, cliff.b.shape[1]).astype("f4"),
        "y": cliff.b.ravel().astype("f4"),
        "z": cliff.loss.ravel().astype("f4"),
        **_triangles(*cliff.b.shape),
        "intensity": cliff.loss.ravel().astype("f4"),
        "colorscale": "Greys",
        "cmin": 0,
        "cmax": _HIGHEST,
        "showscale": False,
        "hovertemplate": "w %{x:.3f}<br>b %{y:.3f}<br>" + _("loss") + " %{z:.4f}<extra></extra>",
        "lighting": {
            "ambient": 0.75,
            "diffuse": 0.6,
            "specular": 0.05,
            "roughness": 0.9,
            "facenormalsepsilon": 0,
            "vertexnormalsepsilon": 0,
        },
    }
    traces: list[dict[str, Any]] = [surface]
    for path, name, style in _drawn(plain, clipped, threshold, _):
        traces += _path(cliff, path, name, style, _)
    (w_low, w_high), (b_low, b_high) = cliff.ends
    layout: dict[str, Any] = {
        "template": None,
        "height": 460,
        "margin": {"l": 0, "r": 0, "t": 30, "b": 0},
        "font": {"size": 12},
        "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "xanchor": "left"},
        "uirevision": "cliff",  # the camera stays where a person has put it
        "meta": _(
            "3-D surface: the loss of a one-unit network over its weight and bias, with a cliff, and "
            "the paths of gradient descent with and without clipping."
        ),
        "scene": {
            "xaxis": {"title": {"text": _("weight w")}, "range": [w_low, w_high], "nticks": 6},
            "yaxis": {"title": {"text": _("bias b")}, "range": [b_low, b_high], "nticks": 5},
            "zaxis": {"title": {"text": _("loss")}, "range": [0, _HIGHEST + _PIN], "tickvals": [0, 0.2, 0.4]},
            "aspectmode": "manual",
            "aspectratio": {"x": 1.3, "y": 1.3, "z": 0.85},
            "camera": {"eye": {"x": 0.78, "y": 1.8, "z": 0.97}, "center": {"x": 0, "y": 0, "z": -0.24}},
            "dragmode": "turntable",
        },
    }
    return go.Figure({"data": traces, "layout": layout})


def descent_figure(
    plain: Descent, clipped: Descent | None = None, threshold: float | None = None, _: Translate = str
) -> go.Figure:
    """Loss and gradient norm at every step, with θ as a line; the first shape marks the step on show.

    Args:
        plain: The path without clipping.
        clipped: The path with clipping; None draws the other alone.
        threshold: The θ of the path with clipping.
    """
    traces: list[dict[str, Any]] = []
    for path, name, style in _drawn(plain, clipped, threshold, _):
        for values, axis in ((path.loss, "y"), (np.where(path.norm > 0, path.norm, np.nan), "y2")):
            traces.append(
                {
                    "type": "scatter",
                    "x": list(range(path.steps + 1)),
                    "y": _plain(values),
                    "mode": "lines+markers",
                    "yaxis": axis,
                    "name": name,
                    "legendgroup": name,
                    "legendrank": style["rank"],
                    "showlegend": axis == "y",
                    "meta": style["meta"],
                    "line": {"dash": style["dash"], "width": 2},
                    "marker": {"symbol": style["symbol"], "size": 4},
                    "hovertemplate": (_("loss") if axis == "y" else _("gradient norm")) + " %{y:.4g}",
                }
            )
    last = max(path.steps for path in (plain, clipped) if path is not None)
    shapes: list[dict[str, Any]] = [
        {
            "type": "line",
            "yref": "paper",
            "x0": last,
            "x1": last,
            "y0": 0,
            "y1": 1,
            "line": {"width": 1, "dash": "dot"},
        }
    ]
    if threshold is not None:
        shapes.append(
            {
                "type": "line",
                "xref": "paper",
                "yref": "y2",
                "x0": 0,
                "x1": 1,
                "y0": threshold,
                "y1": threshold,
                "line": {"width": 1.5, "dash": "dash"},
                "name": f"θ = {exact(threshold)}",
                "showlegend": True,  # a label inside the chart would lie on a curve
            }
        )
    layout: dict[str, Any] = {
        "template": None,
        "height": 400,
        "margin": {"l": 60, "r": 12, "t": 34, "b": 44},
        "font": {"size": 12},
        "hovermode": "x unified",
        "shapes": shapes,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "xanchor": "left"},
        "meta": _(
            "Line charts: loss and gradient norm at each step of both paths, with the clipping threshold."
        ),
        "xaxis": {
            "title": {"text": _("update step")},
            "anchor": "y2",
            "range": [0, last * 1.01],
            "unifiedhovertitle": {"text": _("update step") + " %{x}"},
        },
        "yaxis": {"title": {"text": _("loss")}, "domain": [0.56, 1], "range": [0, _HIGHEST], "nticks": 4},
        "yaxis2": {
            "title": {"text": _("gradient norm")},
            "domain": [0, 0.46],
            "type": "log",
            "tickformat": "~g",
            "nticks": 4,
        },
    }
    return go.Figure({"data": traces, "layout": layout})


def _triangles(rows: int, columns: int) -> dict[str, Array]:
    """The corners of two triangles in every cell of a grid that is written row by row."""
    grid = np.arange(rows * columns, dtype="u2").reshape(rows, columns)
    corner, right, below, across = (
        part.ravel() for part in (grid[:-1, :-1], grid[:-1, 1:], grid[1:, :-1], grid[1:, 1:])
    )
    return {
        "i": np.concatenate([corner, right]),
        "j": np.concatenate([right, across]),
        "k": np.concatenate([below, below]),
    }


def _drawn(
    plain: Descent, clipped: Descent | None, threshold: float | None, _: Translate
) -> list[tuple[Descent, str, dict[str, Any]]]:
    """The paths with names and styles, the lowest first: where both are the same, the dashed one is above."""
    both = zip((plain, clipped), path_names(threshold, _), _STYLES, strict=True)
    return [(path, name, style) for path, name, style in both if path is not None][::-1]


def _path(
    cliff: Cliff, path: Descent, name: str, style: dict[str, Any], _: Translate
) -> list[dict[str, Any]]:
    """The line, and the pin at its last point."""
    within = cliff.holds(path)
    told = np.column_stack([path.w, path.b, path.loss, path.norm])
    places: list[Array] = []
    rows, symbols, sizes = [], [], []
    for step, (place, row, here) in enumerate(
        zip(_places(cliff, path, within), told.tolist(), within, strict=True)
    ):
        flight = _arc(places[-1], place) if step and within[step - 1] and not here else [place]
        places += flight
        rows += [[step, *map(_digits, row)]] * len(flight)
        symbols += [style["symbol"] + ("" if here else "-open")] * len(flight)
        sizes += [0] * (len(flight) - 1) + [3]
    x, y, z = np.array(places).T
    line = {
        "type": "scatter3d",
        "mode": "lines+markers",
        "name": name,
        "legendgroup": name,
        "legendrank": style["rank"],
        "meta": style["meta"],
        "x": _plain(x),
        "y": _plain(y),
        "z": _plain(z + style["lift"]),
        "customdata": rows,
        "line": {"width": 5, "dash": style["dash"]},
        "marker": {
            "size": sizes,
            "symbol": symbols,
            "opacity": 1,
            "line": {"width": 0},
        },  # of several sizes they would be pale, with a white rim
        "hovertemplate": _("update step")
        + " %{customdata[0]}<br>w %{customdata[1]:.4g}<br>b %{customdata[2]:.4g}<br>"
        + _("loss")
        + " %{customdata[3]:.4g}<br>"
        + _("gradient norm")
        + " %{customdata[4]:.4g}<extra>"
        + name
        + "</extra>",
    }
    foot = {axis: line[axis][-1] for axis in ("x", "y", "z", "customdata")}
    pin = line | {
        "showlegend": False,
        "line": {"width": 3},
        "marker": line["marker"] | {"size": [0, 11], "symbol": 2 * symbols[-1:]},
        **{axis: [value, value] for axis, value in foot.items()},
        "z": [foot["z"], foot["z"] + _PIN],
    }
    return [line, pin]


def _places(cliff: Cliff, path: Descent, within: Array) -> Array:
    """Where each point is drawn, (N + 1, 3): one outside on the straight way from the last one inside."""
    points = np.column_stack([path.w, path.b])
    low, high = np.array(cliff.ends).T
    inside = points[0]
    for step in range(len(points)):
        if within[step]:
            inside = points[step].copy()
            continue
        way = points[step] - inside
        with np.errstate(divide="ignore", invalid="ignore"):
            parts = np.where(way > 0, (high - inside) / way, np.where(way < 0, (low - inside) / way, np.inf))
        points[step] = np.clip(inside + parts.min() * way, low, high)  # against rounding only
    return np.column_stack([points, path.loss])


def _arc(begin: Array, end: Array) -> list[Array]:
    """A flight through the air, _ARC places: a straight line would pass below the surface."""
    parts = np.linspace(0, 1, _ARC + 1)[1:, None]
    height = min(_FLIGHT, _HIGHEST - max(begin[2], end[2]) - 0.01)
    return list(begin + parts * (end - begin) + np.array([0, 0, height]) * 4 * parts * (1 - parts))


def _plain(values: Array) -> list[float | None]:
    """For a browser that cuts them: not as base64."""
    return [_digits(value) if np.isfinite(value) else None for value in values.tolist()]


def _digits(value: float) -> float:
    return float(f"{value:.7g}")
