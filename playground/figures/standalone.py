"""Figures as one HTML file that needs neither this server nor the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import plotly.graph_objects as go

_COLOURS = ("#2f6db5", "#c8641b", "#6f4fa3", "#4d5b6b")
"""Of a page without a theme; a trace's `meta` is its place here."""


def page_of(
    figures: Sequence[go.Figure], *, title: str, language: str = "en", words: Mapping[str, str] | None = None
) -> str:
    """A whole page on white, Plotly's script inside (about 5 MB).

    Args:
        figures: The figures, from the top down.
        title: The title of the page; it is escaped here.
        language: Of the page, as HTML names it: a browser chooses glyphs and a voice by it.
        words: Plotly's own words → the page's.
    """
    own = {"dictionary": dict(words or {}), "format": {}}
    config = {"displaylogo": False, "locale": "page", "locales": {"page": own}}
    parts = [
        _coloured(figure).to_html(full_html=False, include_plotlyjs=i == 0, config=config)
        for i, figure in enumerate(figures)
    ]
    safe = escape(title)
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8"><title>{safe}</title></head>'
        f'<body style="font-family: sans-serif; max-width: 1400px; margin: 1em auto; padding: 0 1em">'
        f'<h1 style="font-size: 1.2em">{safe}</h1>{"".join(parts)}</body></html>'
    )


def _coloured(figure: go.Figure) -> go.Figure:
    copy = go.Figure(figure)
    copy.update_layout(template="plotly_white")
    for trace in copy.data:
        if isinstance(trace.meta, int):
            colour = _COLOURS[trace.meta % len(_COLOURS)]
            trace.marker.color = colour
            if trace.type == "scatter":
                trace.line.color = colour
    return copy
