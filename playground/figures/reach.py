"""How far back gradients reach: curves on a log axis, a sentence's map, and brackets remembered."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go

from playground.figures.sentence import safe, short
from playground.figures.theme import Translate, base_layout, log_ticks
from playground.format import exact, number
from playground.records import Array, ReachCurve

_LINES = (
    ("#0072b2", "solid", "circle"),
    ("#e69f00", "dash", "square"),
    ("#cc79a7", "dot", "diamond"),
    ("#56b4e9", "dashdot", "triangle-up"),
    ("#9a8c00", "longdash", "x"),
    ("#888888", "longdashdot", "cross"),
)
"""Colour (Okabe & Ito's and two more), dash and marker of one curve after the other."""
MOST_CURVES = len(_LINES)
_LOW, _HIGH = -6, 1
"""Decades that a chart always shows, so that two compare by eye; it grows where a curve leaves them."""
_MAP_LOW, _MAP_HIGH = -4, 2
_CUT_DASHES = ("dot", "dash", "longdash", "dashdot")
_MARK = {"width": 1.5, "dash": "dot", "color": "#888888"}
"""A line across a chart; its grey is seen on light and on dark."""
_NOTHING = -400.0
"""The logarithm that stands for 0: below that of every number."""
_MAP_WIDTH, _MAP_MARGINS = 286, 104
"""Pixels that a sentence's map has across on a phone, and what of its height goes to the axes."""
_LABEL = 16
"""Pixels that a label of one wide character, or of a word on end, needs."""


def reach_figure(curves: Sequence[ReachCurve], *, relative: bool, _: Translate = str) -> go.Figure:
    """Norms of the gradient k tokens back, on a log axis; where training cut it off, a line.

    Args:
        curves: The curves that are drawn, at most `MOST_CURVES`.
        relative: Norms are drawn as parts of that at k = 0.
    """
    figure = go.Figure(layout=base_layout(height=400))
    top = float(_HIGH)
    for curve, (colour, dash, symbol) in zip(curves, _LINES, strict=False):
        shown = curve.shown(relative=relative)
        above = shown[shown > 0]  # a log axis has no place for 0
        top = max(top, np.log10(above.max()) if len(above) else top)
        apart = max(1, (len(shown) - 1) // 10)
        figure.add_scatter(
            x=np.arange(len(shown)),
            y=np.where(shown > 0, shown, np.nan),
            name=f"{safe(curve.name)} · {curve.path}",
            mode="lines+markers",
            line={"color": colour, "dash": dash, "width": 2},
            marker={"symbol": symbol, "size": [9 if k % apart == 0 else 0 for k in range(len(shown))]},
            customdata=[number(value) for value in shown],
            hovertemplate=(_("part of that at k = 0") if relative else _("gradient’s norm"))
            + " %{customdata}",
        )
    furthest = max(len(curve.norms) for curve in curves) - 1
    cuts = sorted({curve.truncation for curve in curves if curve.truncation and curve.truncation <= furthest})
    for i, cut in enumerate(cuts):
        figure.add_shape(
            type="line",
            x0=cut,
            x1=cut,
            yref="paper",
            y0=0,
            y1=1,
            line=_MARK | {"dash": _CUT_DASHES[i % len(_CUT_DASHES)]},
            name=_("truncated after {n} time steps").format(n=cut),
            showlegend=True,  # a name inside the chart would lie on a curve
        )
    ceiling = int(3 * np.ceil((top - _HIGH) / 3) + _HIGH)
    figure.update_xaxes(
        title=_("k, tokens back"),
        range=[-0.5, furthest + 0.5],
        unifiedhovertitle={"text": "k = %{x}"},
    )
    figure.update_yaxes(
        title=_("gradient’s norm, as a part of that at k = 0") if relative else _("gradient’s norm"),
        range=[_LOW, ceiling],
        **log_ticks(_LOW, ceiling),
    )
    return figure


def connectivity_figure(
    tokens: Sequence[str],
    norms: Array,
    *,
    by_word: bool = False,
    fills: bool = False,
    both_ways: bool = False,
    _: Translate = str,
) -> go.Figure:
    """How strongly each prediction of a sentence depends on each token: columns tokens, rows predictions.

    Args:
        tokens: The T tokens of the sentence.
        norms: The map, (T, T), row t, column s.
        by_word: Tokens are words, else characters.
        fills: The prediction at a place is of its own token, else of the next one.
        both_ways: The network reads from both ends, so what comes later may move a prediction too.
    """
    size = len(tokens)
    empty = np.zeros(norms.shape, bool) if both_ways else np.triu(np.ones(norms.shape, bool), 1)
    if fills:
        np.fill_diagonal(empty, True)
    names = [str(place) for place in range(1, size + 1)]
    logs = np.full(norms.shape, _NOTHING)  # what is too small for a number has the colour of the smallest
    logs[norms > 0] = np.log10(norms[norms > 0])
    logs[empty] = np.nan
    cells = {
        "type": "heatmap",
        "x": names,
        "y": names,
        "z": logs.astype(np.float32),
        "hoverongaps": False,
        "coloraxis": "coloraxis",
        "text": _hover_texts(tokens, norms, empty, by_word, _),
        "hovertemplate": "%{text}<extra></extra>",
    }
    upright = max(len(short(token)) for token in tokens) > 2  # words stand on end above their columns
    height = int(np.clip(90 + 14 * size, 260, 640))
    across = _labelled(size, _LABEL, _MAP_WIDTH)
    down = _labelled(size, _LABEL, height - _MAP_MARGINS)
    decades = list(range(_MAP_LOW, _MAP_HIGH + 1))
    layout: dict[str, Any] = {
        "height": height,
        "margin": {"l": 60, "r": 12, "t": 34, "b": 70},
        "font": {"size": 12},
        "xaxis": {
            "type": "category",
            "range": [-0.5, size - 0.5],
            "tickvals": [names[i] for i in across],
            "ticktext": [safe(short(tokens[i])) for i in across],
            "tickangle": -90 if upright else 0,
            "automargin": True,
            "showgrid": False,
            "side": "top",
            "title": {"text": _("moved by this token")},
        },
        "yaxis": {
            "type": "category",
            "range": [size - 0.5, -0.5],
            "tickvals": [names[i] for i in down],
            "ticktext": [safe(short(tokens[i])) for i in down],
            "automargin": True,
            "showgrid": False,
            "title": {"text": _("prediction of this token") if fills else _("prediction after this token")},
        },
        "coloraxis": {
            "cmin": _MAP_LOW,
            "cmax": _MAP_HIGH,
            "colorscale": "Cividis",
            "colorbar": {
                "orientation": "h",
                "thickness": 10,
                "x": 0.5,
                "y": 0,
                "yanchor": "top",
                "ypad": 12,
                "outlinewidth": 0,
                "tickvals": decades,
                "ticktext": [exact(10.0**n) for n in decades],
                "title": {"text": _("gradient’s norm"), "side": "bottom"},
            },
        },
    }
    return go.Figure({"data": [cells], "layout": layout})


def _labelled(size: int, pixels: int, room: int) -> list[int]:
    """The places that get a label, so that none runs into the next.

    Args:
        size: How many places there are.
        pixels: What a label needs.
        room: What the axis has.
    """
    return list(range(0, size, max(1, -(-size * pixels // room))))


def _hover_texts(
    tokens: Sequence[str], norms: Array, empty: Array, by_word: bool, _: Translate
) -> list[list[str]]:
    """A sentence for every pair of places; none where nothing can move anything."""
    right_there = _("“{token}” at {source} moves the prediction right there: {norm}")
    next_one = _("“{token}” at {source} moves the prediction at {to}, the next one: {norm}")
    one_before = _("“{token}” at {source} already moves the prediction at {to}, the one before: {norm}")
    if by_word:
        later = _("“{token}” at {source} still moves the prediction at {to}, {n} words later: {norm}")
        earlier = _("“{token}” at {source} already moves the prediction at {to}, {n} words earlier: {norm}")
    else:
        later = _("“{token}” at {source} still moves the prediction at {to}, {n} characters later: {norm}")
        earlier = _(
            "“{token}” at {source} already moves the prediction at {to}, {n} characters earlier: {norm}"
        )
    few = {0: right_there, 1: next_one, -1: one_before}
    shown = [safe(short(token)) for token in tokens]
    return [
        [
            few.get(to - source, later if to > source else earlier).format(
                token=token,
                source=source + 1,
                to=to + 1,
                n=abs(to - source),
                norm=number(norms[to, source], 2),
            )
            if not empty[to, source]
            else ""
            for source, token in enumerate(shown)
        ]
        for to in range(len(shown))
    ]


def recall_figure(
    names: Sequence[str],
    shares: Sequence[Sequence[tuple[float, int]]],
    edges: Sequence[int],
    guessing: float,
    _: Translate = str,
) -> go.Figure:
    """How often a closing bracket is right, by the distance of its opening one.

    Args:
        names: The names of the runs, at most `MOST_CURVES`.
        shares: For each run, share and count in every class of distances.
        edges: The edges of the classes.
        guessing: The share that needs no memory.
    """
    figure = go.Figure(layout=base_layout(height=300))
    classes = [f"{low}–{high - 1}" for low, high in pairwise(edges)]
    for name, by_distance, (colour, dash, symbol) in zip(names, shares, _LINES, strict=False):
        figure.add_scatter(
            x=classes,
            y=[share for share, _count in by_distance],
            customdata=[count for _share, count in by_distance],
            name=safe(name),
            mode="lines+markers",
            line={"color": colour, "dash": dash, "width": 2},
            marker={"symbol": symbol, "size": 9},
            hovertemplate=_("{share} right of {n}").format(share="%{y:.0%}", n="%{customdata}"),
        )
    figure.add_scatter(  # named in the legend: beside the line its name would lie on a network that guesses
        x=classes,
        y=[guessing] * len(classes),
        name=_("guessing"),
        mode="lines",
        line=_MARK,
        hovertemplate="%{y:.0%}",
    )
    figure.update_xaxes(
        title=_("letters between the two brackets"),
        type="category",
        unifiedhovertitle={"text": _("letters between the two brackets") + ": %{x}"},
    )
    figure.update_yaxes(title=_("right kind of bracket"), range=[-0.04, 1.08], tickformat=".0%")
    return figure
