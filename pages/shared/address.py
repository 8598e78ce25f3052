"""The address of a page: the one place where what a person has chosen stands.

Words and values are the command line's, the same in every language (decision 2). Each page's address is kept
while another page is open, and a text too long for an address is kept by the server, under a name that the
address has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

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


def open_page(page: str) -> None:
    """Call before a page is drawn: bring its address back, with the run that was on show last.

    A click in the menu drops the address; a link that brings one of its own keeps it.
    """
    state = st.session_state
    words = st.query_params.to_dict()
    if state.get("page") not in (page, None) and not set(words) - {"lang"}:
        kept = state.addresses.get(page, {})
        words = {name: value for name, value in kept.items() if name not in ("run", "lang")} | words
        if "lang" in st.query_params or state.get("lang_chosen"):
            words["lang"] = language()
        if state.get("last_run"):
            words["run"] = state.last_run
        st.query_params.from_dict(words)
    if state.get("page") != page:
        state.settled = set()
    state.page = page
    _remember()


def word(name: str, usual: str = "") -> str:
    """What stands in the address under a name."""
    return str(st.query_params.get(name, usual))


def write(words: Mapping[str, str | None]) -> None:
    """Change the address; None takes a word out."""
    for name, text in words.items():
        if text is None:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != text:
            st.query_params[name] = text
    _remember()


def _remember() -> None:
    state = st.session_state
    words = st.query_params.to_dict()
    state.setdefault("addresses", {})[state.get("page", "")] = words
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
    if name in st.query_params:
        return word(name)
    if name + _KEPT not in st.query_params:
        return None
    try:
        return _long_texts().get(word(name + _KEPT), _gone)
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
        key: The widget's.
        value: What it is to stand at.
        labels: Of its options, as it is drawn.
    """
    state = st.session_state
    drawn: dict[str, tuple[str, ...]] = state.setdefault("labels", {})
    settled: set[str] = state.setdefault("settled", set())
    stands = key in state and state[key] == value and drawn.get(key) == labels
    state.setdefault("drawn", set()).add(key)
    if stands and key in settled:
        return
    state[key] = value
    drawn[key] = labels
    settled.discard(key)


def settle() -> None:
    """Call when a page or a fragment has reached its end: its widgets are in the browser, and the person's."""
    st.session_state.setdefault("settled", set()).update(st.session_state.pop("drawn", ()))
