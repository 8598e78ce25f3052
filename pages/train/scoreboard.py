"""The honest scoreboard: what counting alone reaches, beside a network's own curves."""

from __future__ import annotations

from typing import Annotated, Any

import streamlit as st

from pages.shared import text_measure
from pages.shared.controls import Bound
from pages.shared.i18n import _, explain
from pages.shared.state import ngram_service
from playground.controls import Control
from playground.errors import PlaygroundError, gettext_noop
from playground.format import fixed, number
from playground.lesson_settings import OnOff
from playground.records import RunRecord
from playground.settings import Settings


class ScoreboardLook(Settings):
    """Whether n-grams stand in the chart."""

    scoreboard: Annotated[
        OnOff,
        Control(
            gettext_noop("Scoreboard: n-grams"),
            gettext_noop(
                "What counting reaches: n-grams with Witten–Bell smoothing, counted on the run's training "
                "text, as lines in the chart."
            ),
        ),
    ] = "off"
    """`on` or `off`."""


def switch() -> Bound[ScoreboardLook]:
    """Draw the switch."""
    look = Bound(ScoreboardLook)
    look.toggle("scoreboard")
    return look


def rungs(run: RunRecord, look: Bound[ScoreboardLook]) -> dict[str, Any] | None:
    """What stands in the live panel's chart; None where it is not wanted or says nothing, which is told."""
    if look.settings.scoreboard == "off":
        return None
    if not run.config.can_write:
        st.caption(
            _(
                "n-grams read from the left alone, so they are no measure for a network that reads "
                "from both sides."
            )
        )
        return None
    try:
        with st.spinner(_("Counting …"), show_time=True):
            ladder = ngram_service().ladder(run.config.corpus)
    except PlaygroundError as error:
        st.caption(explain(error))
        return None
    st.caption(
        _(
            "A train perplexity near 1 is memorisation: the 7-gram too knows its own text by heart "
            "({train}). What counts is text that was held out."
        ).format(train=number(ladder.train[-1]))
        if ladder.heldout
        else _(
            "Nothing is held out in this run, so the lines are perplexities of the training text "
            "itself: memorisation, the network's as well as theirs."
        )
    )
    text_measure.of_ladder(run.config.corpus, ladder)
    shown = ladder if ladder.best is None else ladder.up_to(ladder.best)  # longer memories guess no better
    return {
        "held_out": ladder.heldout is not None,
        "rungs": [
            {
                "n": n,
                "perplexity": value,
                "text": fixed(value, 2),
                "label": _("{n}-gram: {perplexity}").format(n=n, perplexity=fixed(value, 2)),
            }
            for n, value in zip(shown.orders, shown.heldout or shown.train, strict=True)
        ],
        "beats": _("On held-out text the network beats the {n}-gram ({label}), as the last epoch stands."),
        "best": _("On held-out text the network beats every n-gram here."),
        "loses": _("On held-out text every n-gram here still beats the network."),
    }
