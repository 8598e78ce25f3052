"""What clipping is for: the same run with it and without."""

from __future__ import annotations

import streamlit as st

from pages.shared import verdict
from pages.shared.i18n import LANGUAGES, _, language, plain, status_label
from pages.shared.lesson import lesson_run, own_one, start_button, stop_button
from pages.shared.live_chart import live_chart
from pages.shared.state import runs_here
from pages.shared.twin import called, find_twin, is_plain, twin_config
from playground.access import Action
from playground.config import with_clipping
from playground.format import exact, number, perplexity_text
from playground.presets import preset_in
from playground.records import RunRecord

_EXPLODES = {language: preset_in("explodes", language) for language in LANGUAGES}
_CLIPPED = {language: with_clipping(config, 1.0) for language, config in _EXPLODES.items()}
"""By the language of the story that they read."""


def lesson() -> None:
    """A run that explodes, and its twin that does not."""
    st.markdown(
        _(
            "The gradient says which way is down, and how steep it is. Where a recurrent network's "
            "loss is steep, it is "
            "very steep: the same matrix is multiplied in at every step of the way back. Such gradients "
            "are called **exploding**. **Clipping** keeps the way and "
            "shortens the step: a gradient longer than θ is pulled back to length θ."
        )
    )
    st.latex(r"\mathbf{g} \leftarrow \min\left(1, \frac{\theta}{\lVert \mathbf{g} \rVert}\right) \mathbf{g}")
    run = lesson_run(lambda run: run.config in _CLIPPED.values() and is_plain(run), "clipping_run")
    if run is None:
        st.caption(
            _(
                "A plain RNN of 256 units on a short story, learning rate 1, twice with the same "
                "seed: with θ = 1, and without clipping. About 20 seconds."
            )
        )
        start_button(_("Train both"), "clipping_train", _CLIPPED[language()], _EXPLODES[language()])
        return
    twin = find_twin(run)
    own_one(run, "clipping_own", _CLIPPED[language()], _EXPLODES[language()])
    pair = [(run, _("Stop the run"))] + ([(twin, _("Stop the twin"))] if twin is not None else [])
    for record, label in pair:
        if record.status.is_active and runs_here().may(Action.STOP, record):
            stop_button(record, "clipping_stop", label)
            break
    live_chart(run, (twin, called(twin)) if twin else None)
    if twin is None:
        if runs_here().may(Action.TWIN, run):
            start_button(_("Train its twin"), "clipping_twin", twin_config(run), opens=False, of=run)
        return
    for record, column in zip((run, twin), st.columns(2), strict=True):
        with column:
            _how_it_went(record)
    st.caption(_("Move θ while a run trains: on the Train page, or on the line above."))


def _how_it_went(run: RunRecord) -> None:
    limit = run.config.train.max_grad_norm
    st.subheader(
        _("Without clipping") if limit is None else _("Clipped at θ = {limit}").format(limit=exact(limit))
    )
    st.metric(_("train perplexity"), perplexity_text(run.train_loss), border=True)
    if run.status.is_active:
        st.caption(plain(status_label(run.status.value)))
    told = verdict.verdict(run)
    if not told and not run.status.is_active:
        longest = runs_here().clipping.longest(run)
        if longest is not None:
            st.success(
                _("It learns quietly. Its longest gradient had the norm {norm} before clipping.").format(
                    norm=number(longest)
                ),
                icon=":material/check:",
            )
