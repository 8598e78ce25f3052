"""What the gates of one layer did over a sentence: strips, one heatmap, or all of them.

Columns are tokens, rows hidden units. Every figure has the same margins, so that figures
below each other share their columns; the rows of a figure share one x axis.

Figures are put together as plain data and checked once: adding traces and axes one by one to a
`go.Figure` takes five times as long, and a lens redraws at every click.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import plotly.graph_objects as go

from playground.cells import Quantity
from playground.figures.row_names import row_names
from playground.figures.scales import Scale, name_of, scale_of
from playground.figures.sentence import MARGIN, letters, positions
from playground.figures.theme import Translate
from playground.format import number
from playground.records import Array, GateStrip, GateTrace

_TEXT_ROW = 22
_STRIP_ROW = 46
_SMALL_MAP = 104


def overview_figure(
    trace: GateTrace, strips: Mapping[str, GateStrip], step: int | None = None, _: Translate = str
) -> go.Figure:
    """The sentence with one strip a gate under it: the mean over all units, from 0 to 1.

    Args:
        trace: The sentence and the cell that read it.
        strips: By quantity; of states the mean absolute value. One that goes beyond 1, as relu's h may, is
            drawn up to its largest.
        step: Column to mark.
    """
    quantities = trace.spec.quantities
    stack = _Stack(trace, [_STRIP_ROW] * len(strips), gap=14)  # a scale's 0 above the next one's 1
    for row, (name, strip) in enumerate(strips.items(), 2):
        label = name if quantities[name].is_gate else f"|{name}|"
        top = max(1.0, float(strip.mean.max()))  # relu's h has no limit
        stack.add(
            row,
            {
                "type": "bar",
                "y": strip.mean,
                "customdata": strip.spread,
                "meta": 0,
                "marker": {"line": {"width": 0}},
                "hovertemplate": f"%{{x}}<br>{label} = %{{y:.3f}} ± %{{customdata:.3f}}<extra></extra>",
            },
            {
                "range": [0, top],
                "tickvals": [0, top / 2, top],
                "ticktext": ["0", label, number(top, 2)],
                "tickfont": {"size": 10},
                "ticks": "outside",
                "ticklen": 3,
            },
        )
    return stack.figure(
        step, alt=_("Strips: mean of each gate over all units, at every token of the sentence.")
    )


def heatmap_figure(
    trace: GateTrace,
    quantity: str,
    values: Array,
    order: Array,
    *,
    step: int | None = None,
    unit: int | None = None,
    names: Mapping[int, str] = MappingProxyType({}),
    compared: Sequence[Array] = (),
    title: str = "",
    _: Translate = str,
) -> go.Figure:
    """Units × tokens for one gate.

    Args:
        trace: The sentence and the cell that read it.
        quantity: Its name: `f`, `h`, `tanh c` …
        values: What every unit has at every token, (T, H).
        order: Units from the top down, (H,).
        step: Column to mark.
        unit: Row to mark.
        names: What units follow, by their number: these rows are called by it, and a line leads to each.
        compared: Values of other figures that share the colour range.
        title: Above the figure; a person's text is escaped by whoever gives it.
    """
    drawn = trace.spec.quantities[quantity]
    height = int(np.clip(14 * values.shape[1], 180, 400))
    stack = _Stack(trace, [height], gap=4, title=title)
    stack.add(
        2,
        _map(drawn, values, order, compared, _=_) | {"colorbar": stack.colour_bar(2, nticks=5)},
        {
            "type": "category",
            "tickvals": _some(order),
            "showticklabels": not names,
            "title": {"text": "" if names else _("unit"), "standoff": 4},
        },
        marked=_row_of(order, unit),
    )
    at = {unit: row for row, unit in enumerate(order[::-1].tolist())}
    stack.name_rows(2, {at[unit]: f"{unit} {name}" for unit, name in names.items() if unit in at})
    return stack.figure(
        step, alt=_("Heatmap: {name} of every unit at every token.").format(name=name_of(drawn, _))
    )


def multiples_figure(
    trace: GateTrace,
    quantities: Mapping[str, Array],
    order: Array,
    *,
    step: int | None = None,
    unit: int | None = None,
    _: Translate = str,
) -> go.Figure:
    """All gates and states of a layer as small heatmaps on one x axis.

    Args:
        trace: The sentence and the cell that read it.
        quantities: Name → values (T, H).
        order: Units from the top down, (H,), the same in every map.
        step: Column to mark.
        unit: Row to mark.
    """
    stack = _Stack(trace, [_SMALL_MAP] * len(quantities), gap=8)
    explained: set[Scale] = set()
    for row, (name, values) in enumerate(quantities.items(), 2):
        quantity = trace.spec.quantities[name]
        scale = scale_of(quantity, values)
        stack.add(
            row,
            _map(quantity, values, order, digits=_digits(values), _=_)
            | {"colorbar": stack.colour_bar(row, nticks=3), "showscale": scale not in explained},
            {"type": "category", "tickvals": [str(order[len(order) // 2])], "ticktext": [name]},
            marked=_row_of(order, unit),
        )
        explained.add(scale)  # a scale is explained once, beside the first map that has it
    return stack.figure(step, alt=_("Small heatmaps: every gate and state of the layer, units by tokens."))


class _Stack:
    """The sentence's tokens on top, then rows of so many pixels on the same columns."""

    def __init__(self, trace: GateTrace, heights: Sequence[int], *, gap: int, title: str = "") -> None:
        sizes = [_TEXT_ROW, *heights]
        self._inside = sum(sizes) + gap * len(heights)
        tops = self._inside - np.cumsum([0, *(size + gap for size in sizes[:-1])])
        self._domains = [
            [(top - size) / self._inside, top / self._inside] for top, size in zip(tops, sizes, strict=True)
        ]
        self._heights = sizes
        self._columns = positions(trace)
        above = 20 if title else 0
        self._traces: list[dict[str, Any]] = []
        self._shapes: list[dict[str, Any]] = []
        self._layout: dict[str, Any] = {
            "template": None,
            "height": self._inside + MARGIN["t"] + MARGIN["b"] + above,
            "margin": MARGIN | {"t": MARGIN["t"] + above},
            "font": {"size": 12},
            "hovermode": "closest",
            "showlegend": False,
            "bargap": 0,
            "title": {"text": title, "x": 0, "xanchor": "left", "font": {"size": 13}},
            "xaxis": {
                "type": "category",
                "showticklabels": False,
                "showgrid": False,
                "zeroline": False,
                "ticks": "",
                "range": [-0.5, len(self._columns) - 0.5],
                "anchor": f"y{len(sizes)}",
            },
        }
        words = {
            "type": "scatter",
            "y": [0] * len(self._columns),
            "text": letters(trace),
            "mode": "text",
            "hoverinfo": "none",
            "cliponaxis": False,
            "textfont": {"family": "monospace", "size": 11},
        }
        self.add(1, words, {"visible": False, "range": [-1, 1], "fixedrange": True})

    def add(
        self, row: int, trace: dict[str, Any], axis: dict[str, Any], *, marked: int | None = None
    ) -> None:
        """Put a trace into a row, and a frame around one of its own rows."""
        name = "" if row == 1 else str(row)
        self._traces.append({"x": self._columns, "yaxis": f"y{name}", **trace})
        self._layout[f"yaxis{name}"] = {
            "domain": self._domains[row - 1],
            "showgrid": False,
            "zeroline": False,
            "ticks": "",
            **axis,
        }
        if marked is not None:
            self._shapes.append(
                {
                    "type": "rect",
                    "xref": "x domain",
                    "x0": 0,
                    "x1": 1,
                    "yref": f"y{name}",
                    "y0": marked - 0.5,
                    "y1": marked + 0.5,
                    "line": {"width": 1.5},
                }
            )

    def name_rows(self, row: int, names: Mapping[int, str]) -> None:
        """Write names beside some of a row's own rows, which count from below."""
        rows = len(self._traces[row - 1]["y"])
        self._layout["annotations"] = row_names(
            names, rows=rows, height=self._heights[row - 1], axis=f"y{row}"
        )

    def colour_bar(self, row: int, *, nticks: int) -> dict[str, Any]:
        """Beside its row, as high as it."""
        return {
            "thickness": 10,
            "len": self._heights[row - 1],
            "lenmode": "pixels",
            "x": 1,
            "xpad": 8,
            "nticks": nticks,
            "y": sum(self._domains[row - 1]) / 2,
            "yanchor": "middle",
            "outlinewidth": 0,
            "tickfont": {"size": 10},
        }

    def figure(self, step: int | None, *, alt: str) -> go.Figure:
        """Everything, with the chosen column framed; the page's theme gives the colours."""
        return go.Figure(
            {
                "data": self._traces,
                "layout": self._layout | {"shapes": [*mark_step(step), *self._shapes], "meta": alt},
            }
        )


def mark_step(step: int | None) -> list[dict[str, Any]]:
    """A frame around a column; none for None."""
    if step is None:
        return []
    return [
        {
            "type": "rect",
            "xref": "x",
            "x0": step - 0.5,
            "x1": step + 0.5,
            "yref": "paper",
            "y0": 0,
            "y1": 1,
            "line": {"width": 1.5},
        }
    ]


def _map(
    quantity: Quantity,
    values: Array,
    order: Array,
    compared: Sequence[Array] = (),
    *,
    digits: int = 4,
    _: Translate = str,
) -> dict[str, Any]:
    """A heatmap's data; the first unit of the order on top."""
    rows = order[::-1]
    scale = scale_of(quantity, values, *compared)
    return {
        "type": "heatmap",
        "y": [str(unit) for unit in rows],
        "z": np.ascontiguousarray(values.T[rows], np.float32),
        "zmin": scale.low,
        "zmax": scale.high,
        "colorscale": scale.colours,
        "hovertemplate": "%{x}<br>"
        + _("unit {n}").format(n="%{y}")
        + f"<br>{quantity.name} = %{{z:.{digits}f}}<extra></extra>",
    }


def _some(order: Array, about: int = 8) -> list[str]:
    """The names of some rows, at round distances from the top."""
    apart = next(n for n in (1, 2, 4, 5, *(10 * 2**i for i in range(20))) if len(order) <= about * n)
    return [str(unit) for unit in order[::apart]]


def _row_of(order: Array, unit: int | None) -> int | None:
    return None if unit is None else len(order) - 1 - int(np.flatnonzero(order == unit)[0])


def _digits(values: Array) -> int:
    """Decimals that survive 8 bits between the smallest and the largest value."""
    step = float(np.ptp(values)) / 255
    return 4 if step == 0 else int(np.clip(np.floor(-np.log10(step)), 0, 4))
