"""A text cut into minibatches, as blocks: the whole text, and one minibatch beside the one before."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import plotly.graph_objects as go

from playground.figures.theme import Translate
from playground.records import Partition, Place

_FILLS = ("#9cc9ea", "#f7d488", "#e3b6d3", "#bfe3d0", "#d9c7f0", "#f2bfa5")
"""Row → fill, pale enough for dark letters on both themes."""
_INK, _LINE, _HERE = "#1c2430", "#7d8899", "#d55e00"
_WIDE = 18
"""Tokens a line: two digits are still told apart on a phone."""
_GAP = 1.6
"""Between two minibatches, in tokens."""
_PITCH = 1.5
"""From line to line, in heights of a block's line."""


def text_figure(cut: Partition, minibatch: int, _: Translate = str) -> go.Figure:
    """The text token by token, in lines, with a frame around the pieces of one minibatch.

    Above each piece stand its minibatch and row, `2·1`.

    Args:
        cut: How the text is cut.
        minibatch: The number of the minibatch that is framed, from 0.
    """
    lines = -(-cut.tokens // _WIDE)
    places = cut.places
    shapes: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    for token in range(cut.tokens):
        x, y = _spot(token)
        place = places.get(token)
        shapes.append(_block(x, y, None if place is None else _FILLS[place.row]))
    for m in range(len(cut.starts)):
        for row, tokens in enumerate(cut.inputs(m)):
            parts = _parts(tokens)
            longest = max(parts, key=len)
            x, y = _spot(longest[0])
            notes.append(
                _note(x + (len(longest) - 1) / 2, y + 0.62, f"{m + 1}·{row + 1}", bold=m == minibatch)
            )
            if m == minibatch:
                shapes += [_frame(_spot(part[0]), len(part)) for part in parts]
    layout = _layout(66 * lines + 16, (-0.7, _WIDE - 0.3), (0.45 - _PITCH * (lines - 1) - 1, 0.95))
    figure = go.Figure({"data": _tokens(cut, places, _), "layout": layout})
    return figure.update_layout(shapes=shapes, annotations=notes)


def minibatch_figure(cut: Partition, minibatch: int, _: Translate = str) -> go.Figure:
    """One minibatch, each row's inputs above its targets, beside the inputs of the minibatch before.

    An arrow from row to row is a state that is carried; a 0 in a box, one that begins anew.

    Args:
        cut: How the text is cut.
        minibatch: The number of the minibatch that is drawn, from 0.
    """
    steps = cut.num_steps
    left = -(steps + _GAP)
    shapes: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    filled: list[tuple[float, float, int]] = []  # x, y, token
    wanted: list[tuple[float, float, int]] = []
    ticks: list[tuple[float, str]] = []
    for row, (inputs, targets) in enumerate(zip(cut.inputs(minibatch), cut.targets(minibatch), strict=True)):
        y = -3.0 * row
        before = cut.inputs(minibatch - 1)[row] if minibatch else range(0)
        filled += [(float(step), y, token) for step, token in enumerate(inputs)]
        filled += [(left + step, y, token) for step, token in enumerate(before)]
        wanted += [(float(step), y - 1, token) for step, token in enumerate(targets)]
        shapes += [_block(x, y, _FILLS[row]) for x, where, _token in filled if where == y]
        shapes += [_block(step, y - 1, None) for step in range(steps)] + [_frame((0, y), steps)]
        notes += _carried(left + steps - 0.5, y) if cut.goes_on(minibatch) else [_zero(y)]
        ticks += [(y, _("row {n}: input").format(n=row + 1)), (y - 1, _("target"))]
    head = [(steps / 2 - 0.5, minibatch + 1)] + ([(left + steps / 2 - 0.5, minibatch)] if minibatch else [])
    notes += [_note(x, 1.0, _("minibatch {n}").format(n=n), bold=n > minibatch) for x, n in head]
    rows = len(cut.starts[minibatch])
    layout = _layout(84 * rows + 30, (left - 0.6, steps - 0.3), (-3 * rows + 1.3, 1.5))
    layout["margin"]["l"] = 84
    layout["yaxis"] |= {
        "showticklabels": True,
        "tickvals": [y for y, _words in ticks],
        "ticktext": [words for _y, words in ticks],
    }
    data = [_numbers(filled, _("input") + " %{text}", _INK), _numbers(wanted, _("target") + " %{text}", None)]
    return go.Figure({"data": data, "layout": layout}).update_layout(shapes=shapes, annotations=notes)


def _numbers(
    spots: list[tuple[float, float, int]], told: str, colour: str | None, words: list[str] | None = None
) -> dict[str, Any]:
    """Tokens at their spots; without a colour they have the theme's."""
    return {
        "type": "scatter",
        "mode": "text",
        "x": [x for x, _y, _n in spots],
        "y": [y for _x, y, _n in spots],
        "text": [str(token) for _x, _y, token in spots],
        "customdata": words,
        "textfont": {"size": 11} | ({"color": colour} if colour else {}),
        "hovertemplate": told + "<extra></extra>",
    }


def _tokens(cut: Partition, places: dict[int, Place], _: Translate) -> list[dict[str, Any]]:
    """All numbers of the text; hovering says where each is read."""
    told = _("token {token}: minibatch {minibatch}, row {row}, step {step}; to be predicted: {target}")
    words = [
        told.format(
            token=token, minibatch=at.minibatch + 1, row=at.row + 1, step=at.step + 1, target=token + 1
        )
        for token, at in places.items()
    ]
    left_out = [token for stretch in cut.left_out for token in stretch]
    nobody = [_("token {token}: nobody reads it in this epoch").format(token=token) for token in left_out]
    return [
        _numbers([(*_spot(token), token) for token in places], "%{customdata}", _INK, words),
        _numbers([(*_spot(token), token) for token in left_out], "%{customdata}", None, nobody),
    ]


def _spot(token: int) -> tuple[float, float]:
    """Column and line of a token."""
    return float(token % _WIDE), -_PITCH * (token // _WIDE)


def _parts(tokens: range) -> list[range]:
    """A piece, cut where the lines break."""
    cuts = [tokens.start, *(n for n in tokens if n % _WIDE == 0 and n > tokens.start), tokens.stop]
    return [range(a, b) for a, b in pairwise(cuts)]


def _block(x: float, y: float, fill: str | None) -> dict[str, Any]:
    """A token's square; without a fill its outline is dotted."""
    return {
        "type": "rect",
        "x0": x - 0.46,
        "x1": x + 0.46,
        "y0": y - 0.3,
        "y1": y + 0.3,
        "layer": "below",
        "fillcolor": fill or "rgba(0,0,0,0)",
        "line": {"color": _LINE, "width": 1, "dash": "solid" if fill else "dot"},
    }


def _frame(spot: tuple[float, float], length: int) -> dict[str, Any]:
    x, y = spot
    return {
        "type": "rect",
        "x0": x - 0.5,
        "x1": x + length - 0.5,
        "y0": y - 0.36,
        "y1": y + 0.36,
        "line": {"color": _HERE, "width": 2.5},
    }


def _note(x: float, y: float, text: str, *, bold: bool) -> dict[str, Any]:
    return {
        "x": x,
        "y": y,
        "text": f"<b>{text}</b>" if bold else text,
        "showarrow": False,
        "font": {"size": 11} | ({"color": _HERE} if bold else {}),
    }


def _carried(x: float, y: float) -> list[dict[str, Any]]:
    """A state that goes from the end of a row to the beginning of the next one."""
    arrow = {
        "x": -0.5,
        "y": y,
        "ax": x,
        "ay": y,
        "xref": "x",
        "yref": "y",
        "axref": "x",
        "ayref": "y",
        "text": "",
        "showarrow": True,
        "arrowhead": 2,
        "arrowsize": 1.2,
        "arrowwidth": 2,
        "arrowcolor": "#2f83c5",
    }
    return [arrow, _note((x - 0.5) / 2, y + 0.5, "<i>h</i>", bold=False)]


def _zero(y: float) -> dict[str, Any]:
    return {
        "x": -0.5 - _GAP / 2,
        "y": y,
        "text": "<b>0</b>",
        "showarrow": False,
        "font": {"color": _INK, "size": 11},
        "bgcolor": "#dfe3ea",
        "bordercolor": _LINE,
        "borderpad": 2,
    }


def _layout(height: int, columns: tuple[float, float], lines: tuple[float, float]) -> dict[str, Any]:
    axis = {
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "showticklabels": False,
        "ticks": "",
        "automargin": False,
        "tickfont": {"size": 11},
    }
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "hovermode": "closest",
        "dragmode": False,
        "showlegend": False,
        "xaxis": axis | {"range": list(columns)},
        "yaxis": axis | {"range": list(lines)},
    }
