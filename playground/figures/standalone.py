"""Figures as one HTML file that needs neither this server nor the network."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import plotly.graph_objects as go


def page_of(figures: Sequence[go.Figure], *, title: str) -> str:
    """A whole page, Plotly's script inside (about 5 MB).

    Args:
        figures: From the top down.
        title: Escaped here.
    """
    parts = [
        figure.to_html(full_html=False, include_plotlyjs=i == 0, config={"displaylogo": False})
        for i, figure in enumerate(figures)
    ]
    safe = escape(title)
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>{safe}</title></head>'
        f'<body style="font-family: sans-serif; max-width: 1400px; margin: 1em auto">'
        f"<h1>{safe}</h1>{''.join(parts)}</body></html>"
    )
