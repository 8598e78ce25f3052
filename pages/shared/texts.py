"""The texts that are here, and The Time Machine, which can be fetched."""

from __future__ import annotations

import streamlit as st

from pages.shared.i18n import _, explain
from pages.shared.state import run_manager
from playground.errors import ConfigError, CorpusError
from playground.settings import Typed
from playground.text import brackets
from playground.text.corpora import TIME_MACHINE, CorpusLibrary


def fetch_time_machine(library: CorpusLibrary, chosen: str) -> None:
    """Offer to fetch the book when it is chosen and not here."""
    ready = any(info.id == TIME_MACHINE and info.ready for info in library.all())
    if chosen != TIME_MACHINE or ready:
        return
    st.caption(_("The book is not on this computer yet. It comes from d2l's server and is checked."))
    if st.button(_("Fetch The Time Machine (175 KB)"), key="fetch", icon=":material/download:"):
        try:
            with st.spinner(_("Fetching …")):
                library.fetch_time_machine()
        except CorpusError as error:
            st.error(explain(error))
        else:
            st.rerun()


def title_of(title: str) -> str:
    """A text's title as a page shows it: one that we generate is called in the page's language."""
    return _(title) if title == brackets.TITLE else title


def titles(library: CorpusLibrary) -> dict[str, str]:
    """Every text's id and title, bundled ones first."""
    return {info.id: title_of(info.title) for info in library.all()}


def require_text(corpus: str) -> None:
    """Raise ConfigError where an address names a text that is not here."""
    if all(info.id != corpus for info in run_manager().store.library.all()):
        raise ConfigError("The link names the text {text}, which is not here.", text=Typed(corpus))
