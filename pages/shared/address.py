"""The address of a page: the one place where what a person has chosen stands.

Words and values are the command line's, the same in every language (decision 2). Each page's address is kept
while another page is open, and a text too long for an address is kept by the server, under a name that the
address has.

A browser sends its address with every request. Where it has not got our last one yet, because hands were faster
than the network, it sends an earlier one: that is set right, so that no setting is lost. Only a rerun of the whole
page, with no control moved, may be somebody who went back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from time import monotonic

import streamlit as st

from pages.shared.i18n import language
from playground.cache import Cache
from playground.errors import ConfigError

_LONG = 600
"""Characters of a text that still stands in an address: browsers and proxies cut longer ones."""
_KEPT = "_kept"
"""Ends the word that names a long text: `text_kept=3f9a…`."""
_KEPT_CHARACTERS = 8_000_000
"""Of long texts, of all people together; the ones that were not read for longest go first."""
_LAG = 2.0
"""Seconds after a page has been drawn in which its address may still be on the way to the browser. Later an
earlier address means that somebody went back."""
_MOST_LAG = 10.0
"""Seconds after an address was written, where the page is not drawn to its end."""
_REACTION = 0.25
"""Seconds after a widget was set in which what its browser tells may be from before: a hand is slower."""
_REMEMBERED = 50
"""Addresses that may be on the way at once: a drag writes many."""


def open_page(page: str) -> None:
    """Call before a page is drawn: bring its address back, with the run that was on show last.

    A click in the menu drops the address; a link that brings one of its own keeps it.
    """
    state = st.session_state
    is_new = state.get("page") != page
    came = state.pop("came", None)
    if not is_new and monotonic() >= state.get("late_until", 0):
        state.written = [st.query_params.to_dict()]
    words = st.query_params.to_dict() if is_new else current()
    if is_new and came is not None and words == state.written[-1]:  # the click on this page has left a field
        words = came
    if is_new and "page" in state and not set(words) - {"lang"}:
        kept = state.addresses.get(page, {})
        words = {name: value for name, value in kept.items() if name not in ("run", "lang")} | words
        if "lang" in st.query_params or state.get("lang_chosen"):
            words["lang"] = language()
        if state.get("last_run"):
            words["run"] = state.last_run
    if is_new:
        state.settled, state.written = set(), []
        if words != st.query_params.to_dict():
            st.query_params.from_dict(words)
    state.page = page
    _remember(words)


def current() -> dict[str, str]:
    """The address as it is now: what the browser has, or what it will have when it has got our last answer."""
    state = st.session_state
    came = st.query_params.to_dict()
    written: list[dict[str, str]] = state.setdefault("written", [])
    if not written or came == written[-1]:
        return came
    if came in written:
        state.came = came
        st.query_params.from_dict(written[-1])
        return dict(written[-1])
    state.written = [came]
    return came


def word(name: str, usual: str = "") -> str:
    """What stands in the address under a name."""
    return current().get(name, usual)


def write(words: Mapping[str, str | None]) -> None:
    """Change the address, all words at once: a browser's way back has one step for it. None takes a word out."""
    before = current()
    after = {name: text for name, text in (before | words).items() if text is not None}
    if after != before:
        st.query_params.from_dict(after)
    _remember(after)


def write_language() -> None:
    """Call when a person has chosen a language: from now on it stands in the address."""
    st.session_state.lang_chosen = True
    write({"lang": language()})


def _remember(words: dict[str, str]) -> None:
    state = st.session_state
    written: list[dict[str, str]] = state.setdefault("written", [])
    if not written or written[-1] != words:
        written.append(dict(words))
        del written[:-_REMEMBERED]
        state.late_until = monotonic() + _MOST_LAG
        state.has_written = True
    state.setdefault("addresses", {})[state.get("page", "")] = words
    if "run" in words or not state.get("page"):  # on the first page a run is closed; a lesson merely has none
        state.last_run = words.get("run")


def text_words(name: str, text: str | None) -> dict[str, str | None]:
    """A person's text as words of an address: itself, or the name that a long one is kept under.

    Args:
        name: The text's word.
        text: The text; None takes it out of the address.
    """
    if text is None or len(text) <= _LONG:
        return {name: text, name + _KEPT: None}
    key = hashlib.sha256(text.encode()).hexdigest()[:16]
    _long_texts().get(key, lambda: text)
    return {name: None, name + _KEPT: key}


def read_text(name: str) -> str | None:
    """A person's text as the address has it, whole; None where it has none.

    Raises:
        ConfigError: It was too long for the address, and the server does not keep it any more.
    """
    words = current()
    if name in words or name + _KEPT not in words:
        return words.get(name)
    try:
        return _long_texts().get(words[name + _KEPT], _gone)
    except KeyError:
        raise ConfigError(
            "The long text that this address names is no longer kept by the server. Paste it again."
        ) from None


def _gone() -> str:
    raise KeyError


@st.cache_resource(show_spinner=False)
def _long_texts() -> Cache[str]:
    return Cache(_KEPT_CHARACTERS, len)


# what a widget shows --------------------------------------------------------------------------


def put(key: str, value: object, *labels: str) -> None:
    """Set a widget before it is drawn.

    It is sent again even when it stands already: a rerun that a click interrupts may never have reached the
    browser, whose widget then stands at its default. Not once a run of the page has reached its end with it
    (`settle`), so that a drag or a burst of arrow keys goes on; but a widget whose labels have changed forgets
    its value, and gets it then too.

    Args:
        key: The widget that is set.
        value: What it is to stand at.
        labels: What its options are called, as it is drawn.
    """
    state = st.session_state
    drawn: dict[str, tuple[str, ...]] = state.setdefault("labels", {})
    settled: set[str] = state.setdefault("settled", set())
    if key in state:
        state.setdefault("reported", {})[key] = state[key]
    stands = key in state and state[key] == value and drawn.get(key) == labels
    state.setdefault("drawn", set()).add(key)
    if stands and key in settled:
        return
    state[key] = value
    drawn[key] = labels
    settled.discard(key)


def is_echo(key: str, chosen: object) -> bool:
    """Whether a widget tells what its browser had before the page set it: nobody has moved it then.

    A page that sets a widget by itself, as Play does, may be drawn anew before the browser has got the new value.
    """
    state = st.session_state
    is_under_way = key not in state.get("settled", ()) or monotonic() < state.get("settled_at", 0) + _REACTION
    reported = state.get("reported", {})
    return is_under_way and key in reported and bool(reported[key] == chosen)


def settle() -> None:
    """Call when a page or a fragment has reached its end: its widgets are in the browser, and the person's."""
    state = st.session_state
    state.setdefault("settled", set()).update(state.pop("drawn", ()))
    state.settled_at = monotonic()
    if state.pop("has_written", False):
        state.late_until = monotonic() + _LAG
