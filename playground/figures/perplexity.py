"""A text's perplexity on a ruler, and worked out in formulas with its numbers."""

from __future__ import annotations

import math
from typing import Any

import plotly.graph_objects as go

from playground.figures.theme import Translate
from playground.format import exponential, number
from playground.records import SurpriseTrace

_LATEX = str.maketrans({"∞": r"\infty", ",": r"{,}", **dict(zip("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789", strict=True))})
_BLUE, _ORANGE = "#0072b2", "#e69f00"


def ruler_figure(
    vocab_size: int, as_it_is: float, changed: float | None = None, _: Translate = str
) -> go.Figure:
    """Perplexities between 1 (perfect), V (guessing) and ∞ (the worst), on a logarithmic axis.

    Args:
        vocab_size: V, the number of different tokens.
        as_it_is: The perplexity of the text.
        changed: The perplexity with one probability changed; None where nothing is.
        _: Translates into the reader's language.
    """
    rows = [(_("as it is"), as_it_is, _BLUE, "diamond")]
    if changed is not None:
        rows.append((_("changed"), changed, _ORANGE, "x"))
    finite = [value for _name, value, _colour, _symbol in rows if math.isfinite(value)]
    top = 0.6 + math.log10(max(float(vocab_size), *finite))
    traces: list[dict[str, Any]] = []
    for row, (name, value, colour, symbol) in enumerate(rows):
        where = math.log10(value) if math.isfinite(value) else top
        traces.append(
            {
                "type": "scatter",
                "x": [10**where],
                "y": [row],
                "mode": "markers+text",
                "name": name,
                "text": [" " + _("{name}: {value}").format(name=name, value=number(value, 4)) + " "],
                "textposition": "middle right" if where < top / 2 else "middle left",
                "marker": {"size": 15, "symbol": symbol, "color": colour},
                "cliponaxis": False,
                "hoverinfo": "skip",
            }
        )
    layout: dict[str, Any] = {
        "height": 170,
        "margin": {"l": 24, "r": 24, "t": 8, "b": 70},
        "showlegend": False,
        "xaxis": {
            "type": "log",
            "range": [-0.02, top + 0.02],
            "tickmode": "array",
            "tickvals": [1, vocab_size, 10**top],
            "ticktext": [
                "1<br>" + _("perfect"),
                _("V = {n}").format(n=f"{vocab_size:,}") + "<br>" + _("guessing"),
                "∞<br>" + _("the worst"),
            ],
            "title": {"text": _("perplexity")},
            "ticks": "outside",
            "ticklen": 8,
            "showline": True,
            "zeroline": False,
            "showgrid": True,
            "fixedrange": True,
        },
        "yaxis": {"visible": False, "range": [-0.6, 1.6], "fixedrange": True},
    }
    return go.Figure({"data": traces, "layout": layout})


def worked_out(trace: SurpriseTrace) -> tuple[str, ...]:
    """From the probabilities p_t to the perplexity in LaTeX, a formula a line, with the text's numbers."""
    t, bits, mean = trace.counted, _tex(number(trace.total_bits, 4)), _tex(number(trace.mean_bits, 4))
    product = exponential(-math.log(2) * trace.total_bits, 4)
    return (
        rf"\prod_t p_t = 2^{{-{bits}}} = {_tex(product)}",
        rf"H = \tfrac{{1}}{{T}} \sum_t -\log_2 p_t = \tfrac{{{bits}}}{{{t}}} = {mean}",
        rf"2^H = 2^{{{mean}}} = \mathbf{{{_tex(number(trace.perplexity, 4))}}}",
    )


def _tex(text: str) -> str:
    """A written number in a formula: its power of ten is raised by LaTeX."""
    factor, _times, power = text.translate(_LATEX).partition(" × 10")
    return rf"{factor} \times 10^{{{power}}}" if power else factor
