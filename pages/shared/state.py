"""What outlives a rerun: the server's one run manager, and which run a page shows."""

from __future__ import annotations

import streamlit as st

from pages.shared import address
from playground.errors import RunNotFound
from playground.records import RunRecord
from playground.runs.launch import launch
from playground.runs.manager import RunManager
from playground.services.brackets import BracketService
from playground.services.checkpoints import CheckpointCache
from playground.services.gates import GateService
from playground.services.ngrams import NgramService
from playground.services.reach import ReachService
from playground.services.text import TextService


@st.cache_resource(show_spinner=False)
def run_manager() -> RunManager:
    """The server's one manager; made by the lifespan, found by every page and route."""
    return launch()


@st.cache_resource(show_spinner=False)
def gate_service() -> GateService:
    """The server's one lens: what one person has traced, the next one finds."""
    return GateService(checkpoint_cache())


@st.cache_resource(show_spinner=False)
def checkpoint_cache() -> CheckpointCache:
    """The weights that were read last, for whoever looks at them."""
    return CheckpointCache(run_manager().store)


@st.cache_resource(show_spinner=False)
def text_service() -> TextService:
    """The server's one text_service."""
    return TextService(checkpoint_cache())


@st.cache_resource(show_spinner=False)
def ngram_service() -> NgramService:
    """The server's one counter of n-grams."""
    return NgramService(run_manager().store.library)


@st.cache_resource(show_spinner=False)
def reach_service() -> ReachService:
    """The server's one meter of how far losses reach back."""
    return ReachService(checkpoint_cache())


@st.cache_resource(show_spinner=False)
def bracket_service() -> BracketService:
    """The server's one test of what a run remembers of brackets."""
    return BracketService(checkpoint_cache())


def moved_on(run: RunRecord) -> bool:
    """It has another status than when the page was drawn, or has been deleted."""
    try:
        return run_manager().store.get(run.id).status is not run.status
    except RunNotFound:
        return True


def open_run(id: str) -> None:
    """Show a run on this page; the link then shows it too."""
    address.write({"run": id})


def close_run() -> None:
    """Show no run."""
    address.write({"run": None})


def opened_run() -> RunRecord | None:
    """The run that the link names.

    Raises:
        RunNotFound: The link names a run that is not here.
    """
    id = address.word("run")
    return run_manager().store.get(id) if id else None


def opened_or_none() -> RunRecord | None:
    """As `opened_run`, for those who have nothing to say about a missing one."""
    try:
        return opened_run()
    except RunNotFound:
        return None
