"""What a page does while another program has locked the database: it stays as it is, says so, and comes back."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import NoReturn, ParamSpec

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared.i18n import _
from pages.shared.state import server
from playground.errors import StoreBusy

_log = logging.getLogger(__name__)
_LOOK_SECONDS = 0.5
P = ParamSpec("P")


def wait_for_database(error: StoreBusy, notice: DeltaGenerator | None = None) -> NoReturn:
    """Wait until the database can be read, then draw the page anew.

    A browser shows what was drawn before for as long as the script runs: the controls stay, and one that is moved
    meanwhile begins another run of the script.

    Args:
        error: What was said of the database.
        notice: Where it is told; None tells nothing, where the page says so elsewhere.
    """
    _log.warning("a page waits: %s", error)
    store = server().manager.store
    while not store.can_be_read():
        if notice is not None:
            notice.warning(
                _(
                    "Another program has locked the run database. Runs go on, and what they tell waits in memory; this "
                    "page comes back by itself as soon as the database is free."
                ),
                icon=":material/hourglass_top:",
            )
        st.session_state.waits_for_database = (
            True  # lets Streamlit end this run where another one is asked for
        )
        time.sleep(_LOOK_SECONDS)
    st.rerun()


def patiently(draw: Callable[P, None]) -> Callable[P, None]:
    """Make a fragment that waits for the database, as `wait_for_database`."""

    @wraps(draw)
    def drawn(*args: P.args, **options: P.kwargs) -> None:
        try:
            draw(*args, **options)
        except StoreBusy as error:
            wait_for_database(error)

    return drawn
