"""What every gate does over a sentence, at any moment of training."""

from __future__ import annotations

import streamlit as st

from pages.gates import controls, downloads, inspect, moments, panel, views, words
from pages.gates.choice import Choice, fitted
from pages.shared import address
from pages.shared.controls import Bound
from pages.shared.i18n import _, explain
from pages.shared.state import runs_here
from pages.shared.unknown_tokens import read_as
from playground.errors import PlaygroundError, StoreBusy


def draw(run_id: str, pace: float | None) -> None:
    """Everything below the run.

    Args:
        run_id: The run that is looked at.
        pace: Seconds between the reruns that the page has set; None for none.
    """
    look = Bound(Choice, "lens")
    try:
        run = runs_here().get(run_id)
        moments.advance(look, run)
        if moments.pace(look, run) != pace:
            st.rerun()  # Play or Follow was switched: the page has to set another pace
        text = controls.sentence(look, run)
        choice = fitted(look.settings, run)
        checkpoint = moments.moment(look, run)
        controls.where(look, run, choice)
        first = views.look_at(run, checkpoint, text)
        second = views.look_at(*controls.other(look, run), text) if choice.view == "compare" else None
    except StoreBusy:  # the whole page waits
        raise
    except PlaygroundError as error:
        moments.stop()
        st.error(explain(error))
        address.settle()
        return
    choice = choice.model_copy(update={"step": min(choice.step, len(first.trace.tokens) - 1)})
    read_as(text, first.trace.tokens, run.config.corpus)
    words.unknown(first)
    if choice.view == "memory":
        words.memory(first, choice)
    else:
        words.gate(first, choice)
    charts = views.compare(first, second, choice) if second else views.single(first, choice)
    panel.draw(charts, first, choice, look.set)
    if choice.view in ("heatmap", "all"):
        st.subheader(_("Step by step"))
        inspect.controls(look, first, choice)
        inspect.formulas(first, choice)
    downloads.buttons(first, charts, choice)
    address.settle()
