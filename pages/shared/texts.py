"""The texts that are here, and The Time Machine, which may have to be brought."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress

import streamlit as st

from pages.shared import problems
from pages.shared.i18n import _, explain
from pages.shared.state import gate_service, runs_here
from pages.shared.uploads import let_go, upload_key
from playground.distinct import distinct
from playground.errors import ConfigError, CorpusError, DownloadError
from playground.records import CorpusInfo, RunRecord
from playground.settings import Typed
from playground.text import brackets, time_machine
from playground.text.corpora import TIME_MACHINE
from playground.text.decoding import decode


def is_missing(corpus: str) -> bool:
    """It is The Time Machine, and not here yet."""
    return corpus == TIME_MACHINE and runs_here().texts.find_time_machine() is None


def text_label(info: CorpusInfo) -> str:
    """A text's title; one that is not here says so."""
    title = title_of(info.title)
    return title if info.ready else _("{title} (not here yet)").format(title=title)


def text_labels(infos: Iterable[CorpusInfo]) -> dict[str, str]:
    """The same for a box of choices, by id: no two are alike."""
    return distinct({info.id: text_label(info) for info in infos})


def offer_time_machine(chosen: str, label: str, instead: Callable[[], None]) -> None:
    """Where The Time Machine is chosen and not here, say so, and draw the ways on: fetch it, upload it, or do without.

    Args:
        chosen: The id of the chosen text.
        label: What doing without is called.
        instead: Does without.
    """
    if not is_missing(chosen):
        st.session_state.pop("fetch_problem", None)
        return
    problem = st.session_state.get("fetch_problem")
    with st.container(border=True, key="missing_text"):
        st.markdown(
            _(
                "**The Time Machine is not here yet.** It is fetched from d2l's server, or from a copy "
                "elsewhere, and checked; a file `timemachine.txt` that you have is as good."
            )
        )
        with st.container(horizontal=True):
            fetch = st.button(
                _("Fetch again (175 KB)")
                if isinstance(problem, DownloadError)
                else _("Fetch The Time Machine (175 KB)"),
                key="fetch",
                icon=":material/download:",
            )
            with st.popover(_("Upload it"), icon=":material/upload:"):
                st.file_uploader("timemachine.txt", key=upload_key("upload_book"), on_change=_take_book)
            st.button(label, key="without_book", icon=":material/auto_stories:", on_click=instead)
        if fetch:
            try:
                with st.spinner(_("Fetching …")):
                    runs_here().texts.fetch_time_machine()
            except CorpusError as error:
                st.session_state.fetch_problem = error
            st.rerun()
        if problem is not None:
            st.error(explain(problem))


def _take_book() -> None:
    """Keep an uploaded copy, if it is one."""
    file = st.session_state[upload_key("upload_book")]
    st.session_state.pop("fetch_problem", None)
    if file is None:
        return
    book = None
    with suppress(CorpusError):
        book = time_machine.recognise(decode(file.getvalue()))
    if book is None:
        st.session_state.fetch_problem = CorpusError(
            "The file {file!r} is not d2l's timemachine.txt: its {size:,} bytes have another checksum. Add it as "
            "a text of your own, or fetch the book.",
            file=file.name[:80],
            size=file.size,
        )
    else:
        problems.attempt(runs_here().texts.add, time_machine.TITLE, book)
    let_go("upload_book", file)


def title_of(title: str) -> str:
    """A text's title as a page shows it: one that we generate is called in the page's language."""
    return _(title) if title == brackets.TITLE else title


def titles() -> dict[str, str]:
    """Every text's id and title, bundled ones first, offered to this person or not."""
    return {id: title_of(title) for id, title in runs_here().texts.titles().items()}


def require_text(corpus: str) -> None:
    """Raise ConfigError where an address names a text that is not here."""
    texts = runs_here().texts
    if any(info.id == corpus for info in texts.all()):
        return
    if corpus in (titles := texts.titles()):
        raise ConfigError(
            "The text {title!r} is somebody else's, and not shared. Ask them to share it, or choose another.",
            title=titles[corpus],
        )
    raise ConfigError("The link names the text {text}, which is not here.", text=Typed(corpus))


def usual_sentence(run: RunRecord, most: int = 70) -> str:
    """What a run is given to read at first: of its text, where whoever looks may read it."""
    may_read = runs_here().texts.is_offered(run.config.corpus.corpus)
    return gate_service().usual_sentence(run, most, may_read=may_read)
