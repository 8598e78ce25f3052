"""A challenge as pages show it: what it allows, its link, and its board, which a browser keeps up to date by itself."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import streamlit as st

from pages.shared.i18n import _, plain, sentences, status_label
from pages.shared.panels import Panel
from pages.shared.people import words
from pages.shared.state import ngram_service
from pages.shared.texts import titles
from playground.errors import PlaygroundError, gettext_noop
from playground.format import exact, fixed
from playground.records import Challenge, Exclusion, RunStatus

WORD = "challenge"
"""In an address, before a challenge's id."""
_PANEL = Panel("challenge")
REASONS = {
    Exclusion.HELD_OUT: gettext_noop(
        "does not count: it holds out {part} of the text, and the challenge {fixed}."
    ),
    Exclusion.DATA: gettext_noop("does not count: its text, or its tokens, are not the challenge's."),
    Exclusion.TRAP: gettext_noop(
        "does not count: it reads from both sides (a trap), so it has seen the token that it predicts."
    ),
    Exclusion.BLANKS: gettext_noop("does not count: it fills in blanks, which is another task."),
    Exclusion.PARAMETERS: gettext_noop(
        "does not count: it has {parameters} parameters, and {most} are allowed."
    ),
    Exclusion.LATE: gettext_noop(
        "does not count: nothing was measured within its first {minutes} min of training. Shorter epochs measure sooner."
    ),
    Exclusion.UNMEASURED: gettext_noop("does not count: it ended before anything was measured."),
    Exclusion.ENDED: gettext_noop(
        "does not count: the challenge ended before anything of it was measured in time."
    ),
}
"""Why a run does not count; told after its owner and its network."""


def limits_of(challenge: Challenge) -> str:
    """What counts, in one line."""
    minutes, most = challenge.most_minutes, challenge.most_parameters
    figures = {"n": "" if most is None else exact(most), "minutes": exact(minutes)}
    counts = (
        _("Best held-out perplexity within {minutes} min of training.")
        if minutes is not None
        else _("Best held-out perplexity.")
    )
    allowed = _("At most {n} parameters.") if most is not None else _("Networks of any size.")
    return sentences(allowed, counts).format(**figures)


def text_of(challenge: Challenge) -> str:
    """What a challenge's text is called."""
    return titles().get(challenge.corpus.corpus, challenge.corpus.corpus)


def title_line(challenge: Challenge) -> str:
    """Its title, and its text where that is called otherwise; markdown."""
    text = text_of(challenge)
    named = f":material/trophy: **{plain(challenge.title)}**"
    return named if text == challenge.title else f"{named} · {plain(text)}"


def board(challenge: Challenge, open_run: Callable[[str], object], *, is_large: bool = False) -> None:
    """Draw who is ahead, beside the n-grams.

    Args:
        challenge: Whose board.
        open_run: Told the id of a run that is pressed, in a callback.
        is_large: To be read from afar.
    """
    key = f"board_{challenge.id}"
    _PANEL.draw(
        key,
        {
            "path": f"/api/challenges/{challenge.id}/board",
            "labels": _labels(),
            "rungs": _rungs(challenge),
            "is_large": is_large,
        },
        on_open_change=lambda: open_run(st.session_state[key].open),
    )


def _rungs(challenge: Challenge) -> list[dict[str, Any]]:
    """What counting alone reaches on the same held-out text; nothing where it cannot be counted."""
    with suppress(PlaygroundError), st.spinner(_("Counting …"), show_time=True):
        ladder = ngram_service().ladder(challenge.corpus)
        shown = ladder if ladder.best is None else ladder.up_to(ladder.best)
        return [
            {
                "n": n,
                "perplexity": value,
                "text": fixed(value, 2),
                "label": _("{n}-gram").format(n=n),
            }
            for n, value in zip(shown.orders, shown.heldout or (), strict=False)
        ]
    return []


def _labels() -> dict[str, Any]:
    return {
        "board": _("The challenge's board"),
        "columns": {
            "rank": _("Rank"),
            "person": _("Person"),
            "perplexity": _("Perplexity"),
            "network": _("Network"),
            "parameters": _("Parameters"),
            "time": _("Training time"),
        },
        "you": _("{name} (you)"),
        "people": asdict(words()),
        "counted": _("counted, not trained"),
        "parameters": _("{n} parameters"),
        "open": _("Open"),
        "more": _("{n} more of {who}"),
        "statuses": {status.value: status_label(status) for status in RunStatus},
        "seconds": _("{s} s"),
        "minutes": _("{m} min {s} s"),
        "nothing": _("Nobody has started a run in this challenge yet. They appear here by themselves."),
        "nothing_any_more": _("No run of this challenge was measured in time."),
        "excluded": _("Runs that do not count: {n}"),
        "reasons": {why.value: _(sentence) for why, sentence in REASONS.items()},
    }
