"""What a person sees when our own code fails: a sentence, never a traceback."""

from __future__ import annotations

import logging

import streamlit as st

from pages.shared.i18n import _, explain
from playground.errors import PlaygroundError

_log = logging.getLogger(__name__)


def report_error(error: Exception) -> bool:
    """Log the error with its traceback and say what to do; True: nothing else is to be shown."""
    if isinstance(error, PlaygroundError):
        st.error(explain(error))
        return True
    _log.error("a page failed", exc_info=error)
    st.error(
        _("Something went wrong here, and the server has noted it. Reload the page; your runs are kept.")
    )
    return True
