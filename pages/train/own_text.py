"""Bringing a text of one's own: upload a file, or paste; and removing one."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import streamlit as st

from pages.shared.address import put
from pages.shared.controls import Bound
from pages.shared.i18n import _, explain, join, plain
from pages.shared.state import runs_here
from pages.shared.uploads import let_go, upload_key
from pages.train.encodings import encoding_label
from pages.train.text_choice import with_text
from playground.config import RunConfig
from playground.distinct import distinct
from playground.errors import CorpusError, EncodingCandidate, EncodingUndecided, NotAllowed, PlaygroundError
from playground.reasons import reason_of
from playground.runs.personal_texts import PersonalTexts
from playground.text.corpora import TIME_MACHINE, is_own
from playground.text.decoding import count_control, count_replaced, decode, show_control

_PREVIEW = 300
"""Characters of an added text that are shown."""


@dataclass(frozen=True)
class _Added:
    """A text that was added just now, and what there is to say of it."""

    id: str
    title: str
    characters: int
    controls: int
    """Control characters in it."""
    preview: str
    """How it begins; the whole text is not for a session to keep."""
    is_new: bool
    replaced: int
    """Bytes that did not fit the encoding."""
    looks_like: str | None
    """Title of a text that differs from it in form alone."""
    by_hand: bool
    """It was pasted."""


def add_text(library: PersonalTexts, setup: Bound[RunConfig]) -> None:
    """Upload or paste a text of one's own, which is then chosen; or remove one."""
    with st.popover(_("Add your own text"), icon=":material/add:", width="stretch"):
        by_file, by_hand, away = st.tabs([_("File"), _("Paste"), _("Remove")])
        with by_file:
            _file(library, setup)
            _show_added(by_hand=False)
        with by_hand:
            st.text_area(_("Text"), key="pasted", height=140)
            st.text_input(_("Title"), key="pasted_title", max_chars=80)
            st.button(_("Add this text"), key="add_pasted", on_click=_take_pasted, args=(library, setup))
            _show_added(by_hand=True)
        with away:
            _removal(library, setup)
        problem = st.session_state.get("text_problem")
        if problem is not None:
            st.error(explain(problem))


def _file(library: PersonalTexts, setup: Bound[RunConfig]) -> None:
    st.file_uploader(
        _("A plain text file (.txt), up to 20 MB"),
        key=upload_key("upload"),
        on_change=_take_upload,
        args=(library, setup),
    )
    candidates: dict[str, EncodingCandidate] = st.session_state.get("encodings", {})
    if candidates:
        st.radio(
            _("Encoding: which of these reads right?"),
            list(candidates),
            index=None,
            key="encoding",
            on_change=_take_encoding,
            args=(library, setup),
            format_func=lambda name: encoding_label(candidates[name]) if name in candidates else name,
            captions=[plain(candidate.preview) for candidate in candidates.values()],
        )
        st.caption(_("None of them? Open the file in an editor and save it as UTF-8."))


def _show_added(*, by_hand: bool) -> None:
    added: _Added | None = st.session_state.get("text_added")
    if added is None or added.by_hand is not by_hand:
        return
    if added.id == TIME_MACHINE:
        st.success(
            _("This is The Time Machine as d2l has it: it is here now, for presets, links and lessons.")
        )
    elif added.is_new:
        st.success(_("Added and chosen: {n} characters.").format(n=f"{added.characters:,}"))
    else:
        st.success(
            _("This text is here already, as “{title}”; it is chosen.").format(title=plain(added.title))
        )
    if added.looks_like is not None:
        st.warning(
            _(
                "It differs from “{title}” only in how its characters are composed (Unicode NFC, NFD): both "
                "look the same, but have other tokens."
            ).format(title=plain(added.looks_like))
        )
    if added.replaced:
        st.caption(_("{n} bytes did not fit; � stands there now.").format(n=f"{added.replaced:,}"))
    if added.controls:
        st.caption(
            _("{n} control characters are in it; they are kept, and shown here as signs.").format(
                n=added.controls
            )
        )
    st.code(show_control(added.preview), language=None, wrap_lines=True)


def _take_upload(library: PersonalTexts, setup: Bound[RunConfig]) -> None:
    _forget()
    st.session_state.encoding = None
    _read_upload(library, setup, None)


def _take_encoding(library: PersonalTexts, setup: Bound[RunConfig]) -> None:
    """Another pick takes the place of a wrong one, whose text nobody wants."""
    before: _Added | None = st.session_state.get("text_added")
    _forget("text_problem", "text_added")
    _read_upload(library, setup, st.session_state.encoding)
    now: _Added | None = st.session_state.get("text_added")
    if before is not None and before.is_new and now is not None and now.id != before.id:
        with suppress(PlaygroundError):  # a run reads it by now
            runs_here().texts.remove(before.id)


def _read_upload(library: PersonalTexts, setup: Bound[RunConfig], encoding: str | None) -> None:
    file = st.session_state[upload_key("upload")]
    if file is None:
        _forget()
        return
    data = file.getvalue()
    try:
        text = decode(data, encoding=encoding)
        _choose(library, setup, file.name.rsplit(".", 1)[0], text, replaced=count_replaced(data, encoding))
    except EncodingUndecided as error:
        st.session_state.encodings = {candidate.name: candidate for candidate in error.candidates}
        st.session_state.text_problem = error
        return  # the bytes are read once more with each pick
    except PlaygroundError as error:
        st.session_state.text_problem = error
    if encoding is None:
        let_go("upload", file)


def _take_pasted(library: PersonalTexts, setup: Bound[RunConfig]) -> None:
    _forget("text_problem", "text_added")
    try:
        _choose(library, setup, st.session_state.pasted_title, st.session_state.pasted, by_hand=True)
    except PlaygroundError as error:
        st.session_state.text_problem = error
    else:
        st.session_state.pasted = st.session_state.pasted_title = ""


def _choose(
    library: PersonalTexts,
    setup: Bound[RunConfig],
    title: str,
    text: str,
    *,
    replaced: int = 0,
    by_hand: bool = False,
) -> None:
    known = {info.id for info in library.all()}
    corpus = library.add(title, text)
    twin = library.same_but_form(corpus)
    setup.set(corpus=corpus.id, **with_text(setup))
    st.toast(
        _("Added and chosen: {n} characters.").format(n=f"{len(corpus.text):,}"), icon=":material/check:"
    )
    st.session_state.text_added = _Added(
        id=corpus.id,
        title=corpus.title,
        characters=len(corpus.text),
        controls=count_control(corpus.text),
        preview=corpus.text[:_PREVIEW],
        is_new=corpus.id not in known,
        replaced=replaced,
        looks_like=twin.title if twin else None,
        by_hand=by_hand,
    )


def _removal(library: PersonalTexts, setup: Bound[RunConfig]) -> None:
    """Own texts that no run reads can be removed."""
    done: str | None = st.session_state.pop("text_done", None)
    if done is not None:
        st.success(done)
    damaged = library.damaged()
    own = {text.id: _("{title} (damaged)").format(title=text.title) for text in damaged}
    own = distinct(own | {info.id: info.title for info in library.own() if is_own(info.id)})
    for text in damaged:
        st.warning(
            _("“{title}” is damaged: {reason}. Add it again, remove it, or repair it.").format(
                title=plain(text.title), reason=explain(text.reason)
            )
        )
    if damaged:
        st.button(
            _("Repair what can be repaired"),
            key="repair_texts",
            icon=":material/healing:",
            on_click=_repair,
            args=(library,),
        )
    if not own:
        st.caption(_("No text has been added yet."))
        return
    chosen = st.session_state.get("remove_text")
    put(
        "remove_text", chosen if chosen in own else next(iter(own)), *own.values()
    )  # a repaired one has another label
    st.selectbox(
        _("Text to remove"), list(own), key="remove_text", format_func=lambda text: own.get(text, str(text))
    )
    sure = st.checkbox(_("Remove for good"), key="remove_sure")
    st.button(
        _("Remove this text"),
        key="remove",
        icon=":material/delete:",
        disabled=not sure,
        on_click=_remove,
        args=(setup,),
    )
    st.caption(_("A text that a run was trained on stays until the run is deleted."))


def _repair(library: PersonalTexts) -> None:
    _forget("text_problem", "text_added")
    try:
        repaired, damaged = library.repair()
        st.session_state.text_done = _("Repaired: {titles}. Cannot be repaired: {n}.").format(
            titles=join(plain(f"“{title}”") for title in repaired) or "–", n=damaged
        )
    except NotAllowed as error:
        st.session_state.text_problem = error
    except OSError as error:
        st.session_state.text_problem = CorpusError(
            "The text cannot be kept ({reason}). Free some space in the data directory, then try again.",
            reason=reason_of(error),
        )


def _remove(setup: Bound[RunConfig]) -> None:
    _forget("text_problem", "text_added")
    id = st.session_state.remove_text
    title = runs_here().texts.title(id)
    try:
        runs_here().texts.remove(id)
    except PlaygroundError as error:
        st.session_state.text_problem = error
        return
    st.session_state.remove_sure = False
    st.session_state.text_done = _("Removed: “{title}”.").format(title=plain(title))
    if setup.settings.corpus.corpus == id:
        setup.set(corpus=setup.usual["corpus"])


def _forget(*names: str) -> None:
    for name in names or ("encodings", "text_problem", "text_added"):
        st.session_state.pop(name, None)
