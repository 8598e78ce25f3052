"""What a first look at the page shows: what this is, and what perplexity means, as a picture."""

from __future__ import annotations

from html import escape

import streamlit as st

from pages.shared.i18n import _, language

_TORN = {"en": (64, 4), "zh": (500, 32)}
"""Tokens between which a network is torn before and after it has learnt: rounded, what the quick preset of a language
comes from and to on held-out text (docs/benchmarks.md)."""
_MOST_LARGE = 100
"""Squares that fit a phone at their full size."""


def welcome() -> None:
    """Draw it; nothing of it was typed by a person."""
    st.markdown(
        _(
            "A recurrent network reads a text letter by letter and guesses what comes next. Train one here, "
            "watch it learn, look inside its gates, and let it write."
        )
    )
    unsure, sure = _TORN[language()]
    before = _("At first it is torn between {n} letters: perplexity {n}").format(n=unsure)
    after = _("Trained, between {n}: perplexity {n}").format(n=sure)
    first, second = _picture(unsure, unsure, before), _picture(sure, unsure, after)
    st.html(f'<div class="torn">{first}<span aria-hidden="true">→</span>{second}</div>')


def _picture(lit: int, of: int, words: str) -> str:
    """All letters as squares, so many of them lit, with what they mean below."""
    rows, side = (4, "0.45rem") if of <= _MOST_LARGE else (10, "0.25rem")
    squares = "".join(
        f'<span style="width:{side};height:{side};border-radius:1px;background:currentColor;'
        f'opacity:{0.85 if i < lit else 0.15}"></span>'
        for i in range(of)
    )
    grid = f"display:grid;grid-template-columns:repeat({of // rows},{side});gap:2px"
    return (
        f'<figure style="margin:0"><div style="{grid}" aria-hidden="true">{squares}</div>'
        f'<figcaption style="font-size:.875rem">{escape(words)}</figcaption></figure>'
    )
