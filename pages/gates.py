"""See what every gate does over a sentence, at any moment of training."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from pages.ui import visits
from pages.ui.i18n import _, explain
from pages.ui.lens import controls, downloads, inspect, panel, views, words
from pages.ui.lens.choice import chosen, fitted, read_link, write_link
from pages.ui.state import gate_lens, run_manager
from playground.errors import PlaygroundError


def look(run_id: str, pace: float | None) -> None:
    """Everything below the run; reruns by itself while training is played or followed."""
    store = run_manager().store
    run = store.get(run_id)
    if controls.pace(run) != pace:
        st.rerun()  # Play or Follow was switched: the page has to set another pace
    controls.advance(run)
    text = controls.sentence(gate_lens().usual_sentence(run))
    choice = fitted(chosen(), run)
    checkpoint = controls.moment(run, store.checkpoints(run.id), choice)
    controls.where(run, choice)
    try:
        now = views.look_at(run, checkpoint, text)
        if choice.view == "compare":
            second = views.look_at(*controls.other(offered, run, choice), text)
    except PlaygroundError as error:
        st.error(explain(error))
        return
    choice = replace(choice, step=min(choice.step, len(now.trace.tokens) - 1))
    words.unknown(now)
    words.gate(now, choice)
    if choice.view == "compare":
        charts = views.compare(now, second, choice)
    else:
        charts = [views.overview(now, choice), *views.VIEW[choice.view](now, choice)]
    panel.draw(charts, now, choice)
    if choice.view in ("heatmap", "all"):
        st.subheader(_("Step by step"))
        inspect.controls(now, choice)
        inspect.formulas(now, choice)
    downloads.buttons(now, charts)
    write_link(chosen())
    visits.keep()


st.header(_("The gate lens"))
st.caption(
    _("What every gate of a network does at every token of a sentence, at any moment of its training.")
)
offered = [
    run for run in run_manager().store.all() if run.machine and run_manager().store.checkpoints(run.id)
]
if not offered:
    st.info(
        _("No run has weights yet. Start one on the Train page; it can be looked at from its first second.")
    )
    st.page_link("train.py", label=_("Train a network"), icon=":material/show_chart:")
    st.stop()
read_link()
run = controls.pick_run(offered)
if run.config.model.cell == "rnn":
    words.plain_rnn()
pace = controls.pace(run)
st.fragment(look, run_every=pace)(run.id, pace)
