"""The honest scoreboard: what counting alone reaches, beside a network's own curves."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.shared import query
from pages.shared.i18n import _, explain
from pages.shared.state import ngram_service, put
from playground.errors import PlaygroundError
from playground.records import RunRecord


def scoreboard(run: RunRecord) -> dict[str, Any] | None:
    """Draw the switch; give the rungs for the live panel, or None where they are not wanted or say nothing."""
    wanted = query.given("scoreboard") == "on"
    put("scoreboard", wanted)
    st.toggle(
        _("Scoreboard: n-grams"),
        key="scoreboard",
        on_change=lambda: query.keep("scoreboard", "on" if st.session_state.scoreboard else None, None),
        help=_(
            "What counting reaches: n-grams with Witten–Bell smoothing, counted on the run's training "
            "text, as lines in the chart."
        ),
    )
    if not wanted:
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
        ladder = ngram_service().ladder(run.config.corpus)
    except PlaygroundError as error:
        st.caption(explain(error))
        return None
    st.caption(
        _(
            "A train perplexity near 1 is memorisation: the 7-gram too knows its own text by heart "
            "({train}). What counts is text that was held out."
        ).format(train=f"{ladder.train[-1]:.3g}")
        if ladder.heldout
        else _(
            "Nothing is held out in this run, so the lines are perplexities of the training text "
            "itself: memorisation, the network's as well as theirs."
        )
    )
    shown = ladder if ladder.best is None else ladder.up_to(ladder.best)  # longer memories guess no better
    return {
        "held_out": ladder.heldout is not None,
        "rungs": [
            {
                "n": n,
                "perplexity": value,
                "label": _("{n}-gram: {perplexity}").format(n=n, perplexity=f"{value:.2f}"),
            }
            for n, value in zip(shown.orders, shown.heldout or shown.train, strict=True)
        ],
        "beats": _("On held-out text the network beats the {n}-gram ({label}), as the last epoch stands."),
        "best": _("On held-out text the network beats every n-gram here."),
        "loses": _("On held-out text every n-gram here still beats the network."),
    }
