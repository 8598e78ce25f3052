"""What outlives a rerun: the server's one run manager, and which run a page shows."""

from __future__ import annotations

import streamlit as st

from playground.errors import RunNotFound
from playground.records import RunRecord
from playground.runs.launch import launch
from playground.runs.lens import GateLens
from playground.runs.manager import RunManager


@st.cache_resource(show_spinner=False)
def run_manager() -> RunManager:
    """The server's one manager; made by the lifespan, found by every page and route."""
    return launch()


@st.cache_resource(show_spinner=False)
def gate_lens() -> GateLens:
    """The server's one lens: what one person has traced, the next one finds."""
    return GateLens(run_manager().store)


def put(key: str, value: object, *shown: str) -> None:
    """Set a widget before it is drawn.

    A value that stands already is not sent, so that a drag under way goes on; but a widget whose
    labels have changed forgets its value, so then it is sent again.

    Args:
        key: The widget's.
        value: What it stands at.
        shown: The labels it is drawn with.
    """
    labels: dict[str, tuple[str, ...]] = st.session_state.setdefault("labels", {})
    if key not in st.session_state or st.session_state[key] != value or labels.get(key) != shown:
        st.session_state[key] = value
    labels[key] = shown


def open_run(id: str) -> None:
    """Show a run on this page; the link then shows it too."""
    st.query_params["run"] = id


def close_run() -> None:
    """Show no run."""
    st.query_params.pop("run", None)


def opened_run() -> RunRecord | None:
    """The run that the link names.

    Raises:
        RunNotFound: The link names a run that is not here.
    """
    id = st.query_params.get("run")
    return run_manager().store.get(id) if id else None


def opened_or_none() -> RunRecord | None:
    """As `opened_run`, for those who have nothing to say about a missing one."""
    try:
        return opened_run()
    except RunNotFound:
        return None
