"""Figures about text: what a prediction costs with and without the answer in sight, and tokens on a plane."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from playground.figures.sentence import safe, short
from playground.figures.theme import Translate
from playground.format import percent
from playground.records import FeatureMap, Leak

_KINDS = {
    "vowel": ("circle", "#0072b2"),
    "consonant": ("square", "#e69f00"),
    "letter": ("diamond", "#cc79a7"),
    "word": ("pentagon", "#56b4e9"),
    "digit": ("triangle-up", "#d55e00"),
    "space": ("x", "#009e73"),
    "mark": ("cross", "#9a8c00"),
    "unknown": ("star", "#888888"),
}
"""Kind → symbol and colour, always the same; the colours are Okabe & Ito's and two more."""
_AS_IT_IS, _SCRAMBLED = "#0072b2", "#e69f00"


def leak_figure(leak: Leak, _: Translate = str) -> go.Figure:
    """Bits of every prediction over the sentence: as it is, and with what follows replaced."""
    letters = [safe(short(token)) for token in leak.tokens[1:]]
    places = list(range(len(letters)))
    series = (
        (_("the text as it is"), leak.bits, _AS_IT_IS, ""),
        (_("what follows is scrambled"), leak.scrambled, _SCRAMBLED, "/"),
    )
    bars: list[dict[str, Any]] = [
        {
            "type": "bar",
            "x": places,
            "y": bits,
            "name": name,
            "customdata": letters,
            "marker": {
                "color": colour,
                "pattern": {"shape": pattern, "size": 6, "fillmode": "overlay", "fgopacity": 0.5},
            },
            "hovertemplate": "“%{customdata}” "
            + _("{n} bits").format(n="%{y:.2f}")
            + f"<extra>{name}</extra>",
        }
        for name, bits, colour, pattern in series
    ]
    layout: dict[str, Any] = {
        "height": 300,
        "margin": {"l": 60, "r": 12, "t": 40, "b": 44},
        "barmode": "group",
        "bargap": 0.15,
        "bargroupgap": 0,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "xaxis": {
            "tickmode": "array",
            "tickvals": places,
            "ticktext": letters,
            "tickangle": 0,
            "title": {"text": _("token to be predicted")},
        },
        "yaxis": {"title": {"text": _("surprise in bits")}, "rangemode": "tozero"},
    }
    return go.Figure({"data": bars, "layout": layout})


def feature_figure(features: FeatureMap, tokens: tuple[str, ...], _: Translate = str) -> go.Figure:
    """Every token of a sentence at the place of its state, by kind."""
    names = {
        "vowel": _("vowel"),
        "consonant": _("consonant"),
        "letter": _("letter"),
        "word": _("word"),
        "digit": _("digit"),
        "space": _("space"),
        "mark": _("punctuation"),
        "unknown": "&lt;unk&gt;",
    }
    traces: list[dict[str, Any]] = []
    for kind, (symbol, colour) in _KINDS.items():
        here = [i for i, token_kind in enumerate(features.kinds) if token_kind == kind]
        if here:
            traces.append(
                {
                    "type": "scatter",
                    "mode": "markers+text",
                    "name": names[kind],
                    "x": features.points[here, 0],
                    "y": features.points[here, 1],
                    "text": [safe(short(tokens[i])) for i in here],
                    "textposition": "top center",
                    "customdata": [i + 1 for i in here],
                    "marker": {"size": 8, "symbol": symbol, "color": colour},
                    "hovertemplate": "%{customdata} “%{text}”<br>%{x:.3f}, %{y:.3f}<extra>"
                    + names[kind]
                    + "</extra>",
                }
            )
    axis = _("component {n} ({share} of the variance)")
    layout: dict[str, Any] = {
        "height": 520,
        "margin": {"l": 60, "r": 12, "t": 40, "b": 50},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "xaxis": {"title": {"text": axis.format(n=1, share=percent(features.explained[0], 0))}},
        "yaxis": {"title": {"text": axis.format(n=2, share=percent(features.explained[1], 0))}},
    }
    return go.Figure({"data": traces, "layout": layout})
