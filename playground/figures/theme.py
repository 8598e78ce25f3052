"""What all figures share."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import numpy as np
import plotly
import plotly.graph_objects as go
from numpy.typing import NDArray

from playground.format import tick

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


def log_ticks(low: int, high: int) -> dict[str, Any]:
    """Ticks of a logarithmic axis, every power of ten from 10 to the `low` on, written as people read them."""
    values = [10.0**power for power in range(low, high + 1)]
    return {"type": "log", "tickmode": "array", "tickvals": values, "ticktext": [tick(v) for v in values]}


def spec(figure: go.Figure) -> dict[str, Any]:
    """A figure as plain data for a browser component, without Plotly's default template."""
    plain: dict[str, Any] = figure.to_plotly_json()
    plain["layout"].pop("template", None)
    return plain


_MOST_WIDE = 60_000
"""Cells of a heatmap that are sent in 16 bits."""


def quantised(figure: go.Figure) -> dict[str, Any]:
    """As `spec`, with every heatmap as whole steps between its smallest and its largest value.

    One heatmap takes 16 bits a cell: 137 KB for 200 tokens × 256 units where numbers as text take a
    megabyte, with an error below the fifth digit of the range. Several small ones, and one of more cells
    than that, take 8 bits: they are read by their colours, and would be a megabyte again. `z` becomes
    base64 of little-endian steps; `assets/js/lens/unpack.js` turns it back.
    """
    plain = spec(figure)
    maps = [
        (data, trace.z)
        for data, trace in zip(plain["data"], figure.data, strict=True)
        if trace.type == "heatmap"
    ]
    for data, z in maps:
        data["z"] = _steps(z, bits=16 if len(maps) == 1 and z.size <= _MOST_WIDE else 8)
    return plain


def _steps(z: NDArray[Any], *, bits: int) -> dict[str, Any]:
    low, high = float(z.min()), float(z.max())
    step = ((high - low) or 1.0) / (2**bits - 1)
    steps = np.round((z - low) / step).astype("<u2" if bits == 16 else "u1")
    return {
        "low": low,
        "step": step,
        "bits": bits,
        "columns": z.shape[1],
        "steps": base64.b64encode(steps.tobytes()).decode(),
    }
