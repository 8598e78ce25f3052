"""Train a network and watch it learn."""

import streamlit as st

from pages.shared import text_measure, token_level, twin, verdict
from pages.shared.i18n import _, explain
from pages.shared.live_chart import live_chart
from pages.shared.run_labels import describe
from pages.shared.state import close_run, opened_run
from pages.train import controls, runs
from pages.train.scoreboard import scoreboard
from playground.errors import RunNotFound

st.header(_("Train a recurrent network"))
try:
    run = opened_run()
except RunNotFound as error:
    st.warning(explain(error))
    close_run()
    run = None
setup = controls.bind(run, st.container())
controls.presets(setup)
controls.sidebar(setup)
token_level.notice(setup, setup.settings.corpus)
runs.buttons(setup)
if run is None:
    st.caption(
        _("Pick a network and a text, press Start, and watch the perplexity fall: from guessing towards 1.")
    )
if run is None or run.config != setup.settings:
    st.text((_("Start trains: ") if run else "") + describe(setup.settings))
if run is not None:
    runs.heading(run, setup)
    verdict.verdict(run)
    text_measure.of_run(run)
    runs.ways_on(run)
beside = twin.shown_twin(run) if run else None
live_chart(run, beside, scoreboard(run) if run else None)
if beside is not None:
    verdict.of_twin(*beside)
runs.table(run, setup)
