"""The panel of a sentence with blanks: a click hides a token, another brings it back."""

from __future__ import annotations

import streamlit as st

from pages.shared.controls import Bound
from pages.shared.i18n import _
from pages.shared.panels import Panel
from playground.lesson_settings import SentenceLook
from playground.records import Candidate, Cloze, RunRecord

_PANEL = Panel("cloze", style="text")
_AROUND = 12
"""Tokens shown on each side of a blank."""


def draw(look: Bound[SentenceLook], run: RunRecord, cloze: Cloze, other: Cloze | None) -> None:
    """Draw the sentence and the fills of every blank.

    Args:
        look: The settings that hold the sentence.
        run: The run whose tokens they are, for how they are joined.
        cloze: From both sides.
        other: From the left alone.
    """
    between = run.config.corpus.between
    tokens = [token if token is not None else "_" for token in cloze.tokens]
    hidden = _hidden(tokens)
    blanks = []
    for n, at in enumerate(cloze.blanks if cloze.fills else ()):
        sides = [{"name": _("from both sides"), "fills": _bars(cloze.fills[n])}]
        if other is not None:
            sides.append({"name": _("from the left alone"), "fills": _bars(other.fills[n])})
        before = between.join([*tokens[max(0, at - _AROUND) : at], ""])
        after = between.join(["", *tokens[at + 1 : at + 1 + _AROUND]])
        blanks.append({"around": (before, after), "sides": sides, "was": hidden.get(at)})
    _PANEL.draw(
        "cloze_panel",
        {
            "tokens": [
                (token, known, at in hidden)
                for at, (token, known) in enumerate(zip(cloze.tokens, cloze.known, strict=True))
            ],
            "blanks": blanks,
            "labels": {
                "panel": _("The sentence with its blanks"),
                "hint": _("Click a token to hide it, click again to bring it back."),
                "typed": _("Typed as a blank: nobody knows what stood here"),
                "hide": _("Hide this token"),
                "fill": _("Bring this token back"),
                "blank": _("Blank"),
                "was": _("Hidden: “{token}”"),
            },
        },
        on_pick_change=lambda: _toggle(look, cloze, between),
    )


def _toggle(look: Bound[SentenceLook], cloze: Cloze, between: str) -> None:
    """Hide a token, or bring one back that a click has hidden."""
    picked = st.session_state.cloze_panel.pick
    if not picked:
        return
    at = int(picked["at"])
    tokens = [token if token is not None else "_" for token in cloze.tokens]
    hidden = _hidden(tokens)
    token = cloze.tokens[at]
    if token is not None:
        hidden |= {at: token}
        tokens[at] = "_"
    elif at in hidden:
        tokens[at] = hidden[at]
        del hidden[at]
    st.session_state.cloze_hidden = (tokens, hidden)
    look.set(text=between.join(tokens))


def _hidden(tokens: list[str]) -> dict[int, str]:
    """What clicks have hidden of this very sentence, by position; of another one it means nothing."""
    known, hidden = st.session_state.get("cloze_hidden", ([], {}))
    return dict(hidden) if known == tokens else {}


def _bars(fills: tuple[Candidate, ...]) -> list[tuple[str, float, float]]:
    return [(fill.token, round(fill.probability, 5), round(fill.probability, 5)) for fill in fills]
