"""Runs that were deleted at this browser, for as long as it can be undone."""

from __future__ import annotations

import time

import streamlit as st

from pages.shared import problems
from pages.shared.i18n import _, join, plain, quoted, sentences
from pages.shared.patience import patiently
from pages.shared.state import open_run, runs_here
from playground.runs.deletions import UNDO_SECONDS

_LOOK_SECONDS = 5.0
_SHOWN = 3


def delete(id: str) -> None:
    """Delete a run; errors as `PersonalRuns.delete`."""
    here = runs_here()
    name = here.name_of(id)
    if here.delete(id):
        gone = st.session_state.setdefault("deleted", {})
        gone[id] = (name, time.monotonic() + UNDO_SECONDS)
        st.session_state.was_deleted = True


def undo() -> None:
    """Draw what was deleted within the last minute, and the way back."""
    # the list may be out of view
    if st.session_state.pop("was_deleted", False) and st.session_state.get("deleted"):
        told = _told([name for name, _until in st.session_state.deleted.values()])
        st.toast(
            plain(sentences(told, _("“Undo” stands below the chart for a minute."))), icon=":material/delete:"
        )
    if st.session_state.get("deleted"):
        st.fragment(patiently(_undo), run_every=_LOOK_SECONDS)()


def _undo() -> None:
    if st.session_state.pop("list_acted", False):
        st.rerun()  # the whole page: a run is on show again
    now = time.monotonic()
    gone = {id: kept for id, kept in st.session_state.get("deleted", {}).items() if kept[1] > now}
    st.session_state.deleted = gone
    if not gone:
        return
    told = _told([name for name, _until in gone.values()])
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(plain(told), width="content")
        st.button(_("Undo"), key="undo_delete", icon=":material/undo:", on_click=_bring_back)


def _told(names: list[str]) -> str:
    told = _("Deleted: {names}.") if len(names) <= _SHOWN else _("Deleted: {names} and {n} more.")
    return told.format(names=join(map(quoted, names[:_SHOWN])), n=len(names) - _SHOWN)


def _bring_back() -> None:
    gone = st.session_state.pop("deleted", {})
    for id in gone:
        problems.attempt(_undo_one, id, len(gone) == 1)
    st.session_state.list_acted = True


def _undo_one(id: str, opens: bool) -> None:
    runs_here().undo_delete(id)
    if opens:
        open_run(id)
