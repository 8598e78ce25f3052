"""The panel of a sentence with blanks: a click hides a token, another brings it back."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.shared.controls import Bound
from pages.shared.i18n import _
from pages.shared.panels import Panel
from playground.lesson_settings import SentenceLook
from playground.records import Candidate, Cloze, RunRecord
from playground.text.cloze import cut_cloze, write_cloze

_PANEL = Panel("cloze", style="text")
_AROUND = 12
"""Tokens shown on each side of a blank."""


def hidden_tokens(text: str, whole: str, run: RunRecord) -> dict[int, str]:
    """What stood at the blanks of a text, by position, as far as that is known.

    Args:
        text: The text with its blanks.
        whole: The usual sentence: where all else is the same, its tokens are the answers.
        run: The run in whose tokens both are read.
    """
    tokens, answers = cut_cloze(text, run.config.corpus), cut_cloze(whole, run.config.corpus)
    by_click = _clicked(tuple(tokens))
    if len(tokens) != len(answers) or any(
        token not in (None, answer) for token, answer in zip(tokens, answers, strict=True)
    ):
        return by_click
    answered = {
        at: answer
        for at, (token, answer) in enumerate(zip(tokens, answers, strict=True))
        if token is None and answer is not None
    }
    return answered | by_click


def draw(
    look: Bound[SentenceLook],
    run: RunRecord,
    cloze: Cloze,
    other: Cloze | None,
    hidden: Mapping[int, str],
) -> None:
    """Draw the sentence and the fills of every blank.

    Args:
        look: The settings that hold the sentence.
        run: The run whose tokens they are, for how they are joined.
        cloze: From both sides.
        other: From the left alone.
        hidden: What stood at the blanks, where that is known: it is marked among the fills.
    """
    between = run.config.corpus.between
    tokens = [token if token is not None else "_" for token in cloze.tokens]
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
                "was": _("What stood here: “{token}”"),
                "right": _("right"),
                "wrong": _("wrong"),
            },
        },
        on_pick_change=lambda: _toggle(look, cloze, hidden, between),
    )


def _toggle(look: Bound[SentenceLook], cloze: Cloze, known: Mapping[int, str], between: str) -> None:
    """Hide a token, or bring one back that is known."""
    picked = st.session_state.cloze_panel.pick
    if not picked:
        return
    at = int(picked["at"])
    tokens = list(cloze.tokens)
    hidden = dict(known)
    token = tokens[at]
    if token is not None:
        hidden |= {at: token}
        tokens[at] = None
    elif at in hidden:
        tokens[at] = hidden[at]
        del hidden[at]
    st.session_state.cloze_hidden = (tuple(tokens), hidden)
    look.set(text=write_cloze([piece for token in tokens for piece in (between, token)][1:]))


def _clicked(tokens: tuple[str | None, ...]) -> dict[int, str]:
    """What clicks have hidden of this very sentence, by position; of another one it means nothing."""
    known, hidden = st.session_state.get("cloze_hidden", ((), {}))
    return dict(hidden) if known == tokens else {}


def _bars(fills: tuple[Candidate, ...]) -> list[tuple[str, float, float]]:
    return [(fill.token, round(fill.probability, 5), round(fill.probability, 5)) for fill in fills]
