"""Runs that a lost database has left: told on top of the page, and brought back at a press."""

from __future__ import annotations

import streamlit as st

from pages.shared.i18n import _, explain, headed, plain
from pages.shared.state import runs_here
from playground.errors import PlaygroundError
from playground.store.lost import FOLDER


def lost_runs() -> None:
    """Say how many there are, to whoever may bring them back; nothing where there are none."""
    _tell_what_was_done()
    here = runs_here()
    count = len(here.lost_runs())
    if not count:
        return
    st.warning(
        _(
            "Runs that the database does not know: {n}. Nothing of them was deleted; they lie in {folder}. Bring them "
            "back here, or, once the server is stopped, with: python -m playground doctor --repair"
        ).format(n=count, folder=plain(str(here.directory / FOLDER)))
    )
    st.button(_("Bring them back"), key="bring_back", icon=":material/restore:", on_click=_bring_back)


def _tell_what_was_done() -> None:
    """After a press: how many are here again, and what could not be done."""
    count = st.session_state.pop("brought_back", None)
    for problem in st.session_state.pop("not_brought_back", ()):
        st.error(problem)
    if count:
        st.success(_("Brought back: {n}. They stand in the list of runs.").format(n=count))


def _bring_back() -> None:
    here = runs_here()
    before = set(here.lost_runs())
    try:
        findings = here.bring_back_lost()
    except PlaygroundError as error:
        st.session_state.not_brought_back = [explain(error)]
        return
    st.session_state.brought_back = len(before - set(here.lost_runs()))
    st.session_state.not_brought_back = [
        headed(plain(finding.what), explain(finding.reason)) for finding in findings if not finding.is_mended
    ]
