"""A sentence as the x axis of a figure, and as coloured words."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from math import sqrt

from plotly.colors import sample_colorscale

from playground.figures.scales import Scale
from playground.records import Array, GateTrace

_VISIBLE = {" ": "␣", "\n": "⏎", "\t": "⇥", "\u3000": "□"}
MARGIN = {"l": 74, "r": 70, "t": 30, "b": 12}
"""Pixels around every figure that has the sentence as its x axis, so that columns stand below each other."""
_LONGEST_WORD = 12


def visible(token: str) -> str:
    """A token that can be seen: white space gets a sign."""
    return _VISIBLE.get(token, token)


def short(token: str) -> str:
    """As `visible`, cut to a length that fits above a column."""
    return visible(_cut(token))


def safe(text: str) -> str:
    """Escape what Plotly would take for markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def positions(trace: GateTrace) -> list[str]:
    """One name a column, `12 e`: equal tokens keep their own columns."""
    return [
        f"{i} {safe(short(token))}" + ("" if known else " → &lt;unk&gt;")
        for i, (token, known) in enumerate(zip(trace.tokens, trace.known, strict=True), 1)
    ]


def letters(trace: GateTrace) -> list[str]:
    """What is written above the columns; an unknown token is struck through."""
    return [
        safe(short(token)) if known else f"<s>{safe(short(token))}</s>"
        for token, known in zip(trace.tokens, trace.known, strict=True)
    ]


def least_width(tokens: Sequence[str]) -> int:
    """Pixels below which the tokens above the columns would run into each other."""
    return MARGIN["l"] + MARGIN["r"] + len(tokens) * max(_width(_cut(token)) for token in tokens)


def colours(values: Array, scale: Scale) -> list[tuple[str, str]]:
    """Background and text colour of each value; the text is black or white, whichever can be read better.

    Args:
        values: What each token is coloured by, (T,).
        scale: The range that the background's colours span.

    Source: WCAG 2.2, relative luminance and contrast ratio; black or white has at least 4.58 on any colour.
    """
    span = (scale.high - scale.low) or 1.0
    parts = [min(max((float(v) - scale.low) / span, 0.0), 1.0) for v in values]
    backgrounds: Sequence[tuple[float, float, float]] = sample_colorscale(
        scale.colours, parts, colortype="tuple"
    )
    return [(_css(colour), "#000" if _luminance(colour) > _MIDDLE else "#fff") for colour in backgrounds]


def _cut(token: str) -> str:
    return token if len(token) <= _LONGEST_WORD else token[: _LONGEST_WORD - 1] + "…"


def _width(token: str) -> int:
    wide = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in token)
    return 3 + (6 if wide == 1 else 6 * wide)


def _css(colour: tuple[float, float, float]) -> str:
    return "rgb({})".format(", ".join(str(round(255 * part)) for part in colour))


def _luminance(colour: tuple[float, float, float]) -> float:
    """Of sRGB, from 0 to 1."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


_MIDDLE = sqrt(1.05 * 0.05) - 0.05
"""The luminance on which black and white stand out equally."""
