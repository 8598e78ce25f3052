"""Figures about counting: how far each memory gets, what follows a history, how common n-grams are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from playground.figures.sentence import safe, short
from playground.figures.theme import Translate, log_ticks
from playground.format import number
from playground.records import Followers, Ladder, RankFrequency

_BLUE, _ORANGE, _PURPLE, _GREY = "#0072b2", "#e69f00", "#cc79a7", "#888888"
"""Okabe & Ito's."""
_LEGEND = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}
_SERIES = ((_BLUE, "solid", "circle"), (_ORANGE, "dash", "diamond"), (_PURPLE, "dot", "square"))


def ladder_figure(ladder: Ladder, _: Translate = str) -> go.Figure:
    """Train and held-out perplexity of every n on a logarithmic axis; the best held-out one is marked."""
    hover = "n = %{x}: %{y:.4g}<extra></extra>"
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "x": ladder.orders,
            "y": ladder.train,
            "name": _("train: the text that was counted"),
            "mode": "lines+markers",
            "line": {"color": _BLUE, "width": 2},
            "marker": {"size": 7},
            "hovertemplate": hover,
        }
    ]
    if ladder.heldout is not None and ladder.best is not None:
        traces += [
            {
                "type": "scatter",
                "x": ladder.orders,
                "y": ladder.heldout,
                "name": _("held-out text"),
                "mode": "lines+markers",
                "line": {"color": _ORANGE, "width": 2, "dash": "dash"},
                "marker": {"size": 8, "symbol": "diamond"},
                "hovertemplate": hover,
            },
            {
                "type": "scatter",
                "x": [ladder.best],
                "y": [ladder.heldout[ladder.best - 1]],
                "name": _("best on held-out text"),
                "mode": "markers",
                "marker": {"size": 18, "symbol": "circle-open", "color": _ORANGE, "line": {"width": 3}},
                "hovertemplate": hover,
            },
        ]
    layout: dict[str, Any] = {
        "height": 340,
        "margin": {"l": 60, "r": 16, "t": 60, "b": 44},
        "legend": _LEGEND,
        "xaxis": {
            "title": {"text": _("n: tokens, the guessed one included")},
            "tickmode": "array",
            "tickvals": ladder.orders,
        },
        "yaxis": {
            "title": {"text": _("perplexity")},
            "type": "log",
            "tickformat": "~g",
            "nticks": 5,
            "range": [
                -0.1,
                0.15 + math.log10(max(ladder.vocab_size, *ladder.train, *(ladder.heldout or ()))),
            ],
        },
        "shapes": [
            _level(1, _("perfect: 1"), "start"),
            _level(ladder.vocab_size, _("guessing: {n}").format(n=f"{ladder.vocab_size:,}"), "end"),
        ],
        "annotations": [
            {
                "x": n,
                "y": math.log10(value),
                "text": number(value),
                "showarrow": False,
                "yshift": 18,
                "font": {"color": _GREY},
            }
            for n, value in zip(ladder.orders, ladder.heldout or (), strict=False)
        ],
    }
    return go.Figure({"data": traces, "layout": layout})


def followers_figure(followers: Followers, _: Translate = str) -> go.Figure:
    """The likeliest tokens after a history as bars from 0 to 1, with how often each was counted."""
    tokens = [safe(short(follower.token)) for follower in followers.likeliest]
    places = list(range(len(tokens)))
    traces: list[dict[str, Any]] = []
    for name, colour, pattern, rows in (
        (_("it followed"), _BLUE, "", [i for i in places if followers.likeliest[i].count]),
        (
            _("it never did: from shorter memories alone"),
            _ORANGE,
            "/",
            [i for i in places if not followers.likeliest[i].count],
        ),
    ):
        shown = [followers.likeliest[i] for i in rows]
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "y": rows,
                "x": [follower.probability for follower in shown],
                "name": name,
                "customdata": [
                    (tokens[i], followers.likeliest[i].count, number(followers.likeliest[i].probability, 4))
                    for i in rows
                ],
                "marker": {
                    "color": colour,
                    "pattern": {"shape": pattern, "size": 6, "fillmode": "overlay", "fgopacity": 0.5},
                },
                "hovertemplate": "“%{customdata[0]}” %{customdata[1]:,}×, p = %{customdata[2]}<extra></extra>",
            }
        )
    traces.append(  # beside the bars, for many are too short to hold it
        {
            "type": "scatter",
            "x": [follower.probability for follower in followers.likeliest],
            "y": places,
            "mode": "text",
            "text": [
                f" {number(follower.probability, 2)} · {follower.count:,}×"
                for follower in followers.likeliest
            ],
            "textposition": "middle right",
            "showlegend": False,
            "hoverinfo": "skip",
            "cliponaxis": False,
        }
    )
    layout: dict[str, Any] = {
        "height": 60 + 70 + 26 * len(tokens),
        "margin": {"l": 60, "r": 16, "t": 60, "b": 44},
        "legend": _LEGEND,
        "barmode": "overlay",
        "bargap": 0.2,
        "xaxis": {
            "title": {"text": _("probability after smoothing")},
            "range": [0, 1.4],
            "tickvals": [0, 0.5, 1],
            "tickformat": "~g",
        },
        "yaxis": {
            "title": {"text": _("next token")},
            "tickmode": "array",
            "tickvals": places,
            "ticktext": tokens,
            "autorange": "reversed",
            "automargin": True,
        },
    }
    return go.Figure({"data": traces, "layout": layout})


def zipf_figure(rankings: Sequence[RankFrequency], names: Sequence[str], _: Translate = str) -> go.Figure:
    """Rank against count on two logarithmic axes, and a line that falls as one over the rank.

    Args:
        rankings: The ranks and counts of the 1-grams, 2-grams …
        names: The name of each.
        _: Translates into the reader's language.
    """
    traces: list[dict[str, Any]] = []
    for ranking, name, (colour, dash, symbol) in zip(rankings, names, _SERIES, strict=False):
        traces.append(
            {
                "type": "scatter",
                "x": ranking.ranks,
                "y": ranking.counts,
                "name": name,
                "mode": "lines+markers",
                "line": {"color": colour, "width": 2, "dash": dash},
                "marker": {"size": 5, "symbol": symbol},
                "hovertemplate": _("rank {rank}: {count} times").format(rank="%{x:,}", count="%{y:,}")
                + f"<extra>{name}</extra>",
            }
        )
    if rankings:
        first = int(rankings[0].counts[0])
        traces.append(
            {
                "type": "scatter",
                "x": [1, first],
                "y": [first, 1],
                "mode": "lines",
                "hoverinfo": "skip",
                "name": _("one over the rank"),
                "line": {"color": _GREY, "width": 1, "dash": "longdash"},
            }
        )
    layout: dict[str, Any] = {
        "height": 440,
        "margin": {"l": 60, "r": 16, "t": 60, "b": 44},
        "legend": _LEGEND,
        "xaxis": {"title": {"text": _("rank")}, **log_ticks(0, 7)},
        "yaxis": {"title": {"text": _("times in the text")}, **log_ticks(0, 7)},
    }
    return go.Figure({"data": traces, "layout": layout})


def _level(value: float, label: str, at: str) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": value,
        "y1": value,
        "line": {"width": 1, "dash": "dot", "color": _GREY},
        "label": {"text": label, "textposition": at, "yanchor": "top" if at == "end" else "bottom"},
    }
