"""What all figures share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import plotly
import plotly.graph_objects as go

PLOTLY_PATH = f"/assets/plotly-{plotly.__version__}.min.js"
"""Where the server serves the installed package's own script; the version makes it cacheable for good."""
Translate = Callable[[str], str]
"""A catalogue's look-up; figures are drawn in the reader's language."""


def base_layout(*, height: int) -> go.Layout:
    """Margins and fonts; colours are the page theme's, so none are set here."""
    return go.Layout(
        height=height,
        margin={"l": 60, "r": 12, "t": 34, "b": 44},
        font={"size": 12},
        hovermode="x unified",
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "xanchor": "left"},
    )


def spec(figure: go.Figure) -> dict[str, Any]:
    """A figure as plain data for a browser component, without Plotly's default template."""
    plain: dict[str, Any] = figure.to_plotly_json()
    plain["layout"].pop("template", None)
    return plain
