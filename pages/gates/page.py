"""See what every gate does over a sentence, at any moment of training."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from pages.gates import controls, downloads, inspect, moments, panel, views, words
from pages.gates.choice import chosen, fitted, read_link, write_link
from pages.shared import page_urls, run_picker
from pages.shared.i18n import _, explain
from pages.shared.state import gate_service, run_manager
from pages.shared.unknown_tokens import read_as
from playground.errors import PlaygroundError


def look(run_id: str, pace: float | None) -> None:
    """Everything below the run.

    Args:
        run_id: Whose weights.
        pace: Seconds between the reruns that the page has set; None for none.
    """
    try:
        run = run_manager().store.get(run_id)
        moments.advance(run)
        if moments.pace(run) != pace:
            st.rerun()  # Play or Follow was switched: the page has to set another pace
        text = controls.sentence(gate_service().usual_sentence(run))
        choice = fitted(chosen(), run)
        checkpoint = moments.moment(run, choice)
        controls.where(run, choice)
        now = views.look_at(run, checkpoint, text)
        second = views.look_at(*controls.other(run, choice), text) if choice.view == "compare" else None
    except PlaygroundError as error:
        moments.stop()
        st.error(explain(error))
        return
    choice = replace(choice, step=min(choice.step, len(now.trace.tokens) - 1))
    read_as(text, now.trace.tokens, run.config.corpus)
    words.unknown(now)
    words.gate(now, choice)
    if choice.view == "memory":
        words.memory(now, choice)
    charts = views.compare(now, second, choice) if second else views.single(now, choice)
    panel.draw(charts, now, choice)
    if choice.view in ("heatmap", "all"):
        st.subheader(_("Step by step"))
        inspect.controls(now, choice)
        inspect.formulas(now, choice)
    downloads.buttons(now, charts, choice)
    write_link(chosen())
    page_urls.keep()


st.header(_("The gate lens"))
st.caption(
    _("What every gate of a network does at every token of a sentence, at any moment of its training.")
)
read_link()
run = run_picker.the_run()
words.notice(run)
pace = moments.pace(run)
st.session_state.ticking = pace is not None
st.fragment(look, run_every=pace)(run.id, pace)
