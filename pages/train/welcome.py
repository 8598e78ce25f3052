"""What a first look at the page shows: what this is, and what perplexity means, as a picture."""

from __future__ import annotations

from html import escape

import streamlit as st

from pages.shared.i18n import _

_UNSURE, _SURE = 64, 4
"""Letters between which the picture's network is torn, before and after it has learnt: an example."""
_ROWS = 4


def welcome() -> None:
    """Draw it; nothing of it was typed by a person."""
    st.markdown(
        _(
            "A recurrent network reads a text letter by letter and guesses what comes next. Train one here, "
            "watch it learn, look inside its gates, and let it write."
        )
    )
    before = _("At first it is torn between {n} letters: perplexity {n}").format(n=_UNSURE)
    after = _("Trained, between {n}: perplexity {n}").format(n=_SURE)
    pictures = (_picture(_UNSURE, before), '<span aria-hidden="true">→</span>', _picture(_SURE, after))
    style = "display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;align-items:center"
    st.html(f'<div style="{style}">{"".join(pictures)}</div>')


def _picture(lit: int, words: str) -> str:
    """All letters as squares, so many of them lit, with what they mean below."""
    squares = "".join(
        f'<span style="width:.45rem;height:.45rem;border-radius:1px;background:currentColor;'
        f'opacity:{0.85 if i < lit else 0.15}"></span>'
        for i in range(_UNSURE)
    )
    grid = f"display:grid;grid-template-columns:repeat({_UNSURE // _ROWS},.45rem);gap:2px"
    return (
        f'<figure style="margin:0"><div style="{grid}" aria-hidden="true">{squares}</div>'
        f'<figcaption style="font-size:.875rem">{escape(words)}</figcaption></figure>'
    )
