"""Bringing a text of one's own: upload a file, or paste."""

from __future__ import annotations

import streamlit as st

from pages.shared.controls import Bound
from pages.shared.i18n import _, explain
from playground.config import RunConfig
from playground.errors import CorpusError, EncodingUndecided
from playground.text.corpora import CorpusLibrary
from playground.text.decoding import count_control, decode, show_control

_PREVIEW = 300
"""Characters of an added text that are shown."""


def add_text(library: CorpusLibrary, setup: Bound[RunConfig]) -> None:
    """Upload or paste a text of one's own; it is then chosen."""
    with st.popover(_("Add your own text"), icon=":material/add:", width="stretch"):
        by_file, by_hand = st.tabs([_("File"), _("Paste")])
        with by_file:
            _file(library, setup)
        with by_hand:
            st.text_area(_("Text"), key="pasted", height=140)
            st.text_input(_("Title"), key="pasted_title", max_chars=80)
            st.button(_("Add this text"), key="add_pasted", on_click=_take_pasted, args=(library, setup))
        problem = st.session_state.get("text_problem")
        if problem is not None:
            st.error(explain(problem))
        _show_added()


def _file(library: CorpusLibrary, setup: Bound[RunConfig]) -> None:
    st.file_uploader(
        _("A plain text file (.txt), up to 20 MB"),
        key="upload",
        on_change=_take_upload,
        args=(library, setup),
    )
    candidates = st.session_state.get("encodings")
    if candidates:
        st.radio(
            _("Encoding"),
            candidates,
            index=None,
            key="encoding",
            on_change=_take_upload,
            args=(library, setup),
            format_func={"gb18030": "GB18030", "latin-1": "Latin-1"}.__getitem__,
        )


def _show_added() -> None:
    added = st.session_state.get("text_added")
    if added is None:
        return
    st.success(_("Added and chosen: {n} characters.").format(n=f"{len(added):,}"))
    controls = count_control(added)
    if controls:
        st.caption(
            _("{n} control characters are in it; they are kept, and shown here as signs.").format(n=controls)
        )
    st.code(show_control(added[:_PREVIEW]), language=None, wrap_lines=True)


def _take_upload(library: CorpusLibrary, setup: Bound[RunConfig]) -> None:
    file = st.session_state.upload
    if file is None:
        _forget()
        return
    encoding = st.session_state.get("encoding")
    _forget()
    try:
        text = decode(file.getvalue(), encoding=encoding)
        _choose(library, setup, file.name.rsplit(".", 1)[0], text)
    except EncodingUndecided as error:
        st.session_state.encodings = error.candidates
        st.session_state.text_problem = error
    except CorpusError as error:
        st.session_state.text_problem = error


def _take_pasted(library: CorpusLibrary, setup: Bound[RunConfig]) -> None:
    _forget("text_problem", "text_added")
    try:
        _choose(library, setup, st.session_state.pasted_title, st.session_state.pasted)
    except CorpusError as error:
        st.session_state.text_problem = error


def _choose(library: CorpusLibrary, setup: Bound[RunConfig], title: str, text: str) -> None:
    corpus = library.add(title, text)
    setup.set(corpus=corpus.id)
    st.session_state.text_added = corpus.text


def _forget(*names: str) -> None:
    for name in names or ("encodings", "text_problem", "text_added"):
        st.session_state.pop(name, None)
