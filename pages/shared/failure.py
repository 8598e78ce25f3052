"""What a person sees when our own code fails: a sentence, never a traceback."""

from __future__ import annotations

import logging

import streamlit as st

from pages.shared.i18n import _, explain
from playground.errors import PlaygroundError

_log = logging.getLogger(__name__)


class _OneLine(logging.Filter):
    """Takes the traceback from what Streamlit logs of our own errors, which say what there is to say."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let it pass, shortened."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, PlaygroundError):
            record.msg, record.args = "A page said: %s", (str(error),)
            record.exc_info = record.exc_text = None
        return True


logging.getLogger("streamlit.error_util").addFilter(_OneLine())


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
