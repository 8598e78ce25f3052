"""The one way from the settings on the page to a run."""

from __future__ import annotations

import streamlit as st

from pages.shared.controls import Bound
from pages.shared.state import open_run, runs_here
from playground.config import RunConfig
from playground.errors import PlaygroundError


def start(setup: Bound[RunConfig], **changes: str) -> None:
    """Start a run and open it; why there is none stands in the session's `run_problem`.

    Args:
        setup: What the page's controls stand at; a value typed just before the press may be told after it.
        changes: Settings that are moved first.
    """
    try:
        setup.take_all()
        if changes:
            setup.set(**changes)
        open_run(runs_here().start(setup.settings).id)
    except PlaygroundError as error:
        st.session_state.run_problem = error
