"""What outlives a rerun: the one server, and which run a page shows."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from pages.shared import address
from playground.errors import ConfigError, RunNotFound
from playground.identity import LOCAL_NAMES, PERSON_HEADER, Identity, account_of
from playground.records import Account, RunRecord
from playground.runs.personal import PersonalRuns
from playground.runs.server import Server, open_server
from playground.server_settings import ServerSettings
from playground.services.brackets import BracketService
from playground.services.cells import CellService
from playground.services.checkpoints import CheckpointCache
from playground.services.copies import CopyService
from playground.services.gates import GateService
from playground.services.ngrams import NgramService
from playground.services.reach import ReachService
from playground.services.surgery import SurgeryService
from playground.services.text import TextService


@st.cache_resource(show_spinner=False)
def server() -> Server:
    """The one server; made by the lifespan, found by every page and route."""
    told = identity()
    told.require_true_addresses()
    if told.oidc is not None:
        told.oidc.require_library()
    return open_server(is_class=told.is_class, asks_login=told.oidc is not None)


def identity() -> Identity:
    """How people are told apart, as the server was started.

    Raises:
        ConfigError: A variable says something else.
    """
    settings = ServerSettings.read()
    names = [st.get_option("server.address"), *(st.get_option("server.allowedHosts") or ())]
    auth = _auth() if settings.identity == "oidc" else None
    return Identity.of(settings, is_alone=all(name in LOCAL_NAMES for name in names), auth=auth)


def _auth() -> Mapping[str, object] | None:
    """What Streamlit was told of log-ins."""
    if st.get_option("server.trustedUserHeaders"):  # they would write over what a log-in says
        raise ConfigError(
            "PLAYGROUND_IDENTITY is oidc, so server.trustedUserHeaders cannot say who somebody is as well; leave it out."
        )
    try:
        return st.secrets.get("auth")
    except StreamlitSecretNotFoundError as error:
        if "No secrets found" in str(error):
            return None
        raise ConfigError(
            ".streamlit/secrets.toml cannot be read ({reason}).", reason=" ".join(str(error).split())[:300]
        ) from None


def runs_here() -> PersonalRuns:
    """The server's runs, as whoever sits at this browser may see and change them."""
    return server().runs_of(told_person())


def told_person() -> str | None:
    """Who sits at this browser, a hash, as the door told it when the page was opened."""
    return st.context.headers.get(PERSON_HEADER)


def told_account() -> Account | None:
    """Whoever has logged in at this browser, as Streamlit told it when the page was opened."""
    claims = st.user.to_dict()
    return account_of(claims) if claims.get("is_logged_in") is True else None


@st.cache_resource(show_spinner=False)
def gate_service() -> GateService:
    """The server's one lens: what one person has traced, the next one finds."""
    return GateService(checkpoint_cache())


@st.cache_resource(show_spinner=False)
def checkpoint_cache() -> CheckpointCache:
    """The weights that were read last, for whoever looks at them."""
    return CheckpointCache(server().manager.store)


@st.cache_resource(show_spinner=False)
def text_service() -> TextService:
    """The server's one text_service."""
    return TextService(checkpoint_cache())


@st.cache_resource(show_spinner=False)
def copy_service() -> CopyService:
    """The server's one judge of what is copied."""
    return CopyService(checkpoint_cache())


@st.cache_resource(show_spinner=False)
def ngram_service() -> NgramService:
    """The server's one counter of n-grams."""
    return NgramService(server().manager.store.library)


@st.cache_resource(show_spinner=False)
def reach_service() -> ReachService:
    """The server's one meter of how far losses reach back."""
    return ReachService(checkpoint_cache())


@st.cache_resource(show_spinner=False)
def bracket_service() -> BracketService:
    """The server's one test of what a run remembers of brackets."""
    return BracketService(checkpoint_cache())


@st.cache_resource(show_spinner=False)
def cell_service() -> CellService:
    """The server's one finder of units that follow something."""
    return CellService(checkpoint_cache())


@st.cache_resource(show_spinner=False)
def surgery_service() -> SurgeryService:
    """The server's one surgeon."""
    return SurgeryService(checkpoint_cache(), cell_service())


def moved_on(run: RunRecord) -> bool:
    """It has another status than when the page was drawn, or has been deleted."""
    try:
        return runs_here().get(run.id).status is not run.status
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
    return runs_here().get(id) if id else None


def opened_or_none() -> RunRecord | None:
    """As `opened_run`, for those who have nothing to say about a missing one."""
    try:
        return opened_run()
    except RunNotFound:
        return None
