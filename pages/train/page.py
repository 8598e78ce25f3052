"""Train a network and watch it learn."""

import streamlit as st

from pages.shared import text_measure, token_level, twin, verdict
from pages.shared.i18n import _, explain, headed
from pages.shared.live_chart import live_chart
from pages.shared.run_labels import describe
from pages.shared.state import close_run, opened_run
from pages.train import challenge, controls, runs, scoreboard
from pages.train.lost_runs import lost_runs
from pages.train.missing_text import missing_text
from pages.train.run_list import run_list
from pages.train.welcome import welcome
from playground.errors import RunNotFound

st.header(_("Train a recurrent network"))
lost_runs()
try:
    run = opened_run()
except RunNotFound as error:
    st.warning(explain(error))
    close_run()
    run = None
named = challenge.named()
setup = controls.bind(run, st.container())
joined = challenge.fix(setup, named)
if named is not None:
    challenge.heading(named, is_open=joined is not None)
elif run is None:
    welcome()
with st.container(key="presets"):
    controls.presets(setup)
    if joined is None:
        missing_text(setup)
controls.sidebar(setup, fixes_text=joined is not None)
if joined is None:
    token_level.notice(setup, setup.settings.corpus)
runs.buttons(setup, joined)
if joined is not None:
    challenge.told(joined, setup.settings)
if not setup.problems() and (run is None or run.config != setup.settings):
    st.text(headed(_("Start trains"), describe(setup.settings)) if run else describe(setup.settings))
    runs.needs(setup)
if run is not None:
    runs.heading(run, setup)
    verdict.verdict(run)
    with st.container(horizontal=True, vertical_alignment="center"):
        runs.ways_on(run)
        look = scoreboard.switch()
    text_measure.of_run(run)
beside = twin.shown_twin(run) if run else None
live_chart(run, beside, scoreboard.rungs(run, look) if run else None)
if beside is not None:
    verdict.of_twin(*beside)
if named is not None:
    challenge.board(named)
run_list(run, setup)
