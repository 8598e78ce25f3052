"""Which passage of the text is on show, and the ways to another one."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

import numpy as np
import streamlit as st

from pages.gates.search.look import SearchLook
from pages.shared.controls import Bound
from pages.shared.i18n import _, plain
from playground.config import TokenLevel
from playground.records import CorpusTrace
from playground.text.annotations import joined

LENGTH = 200
"""Tokens that are shown at once."""
_BEFORE = 60
"""Tokens that are shown before what was jumped to."""
_JUMP = "search_jump"
"""What a press asks for, until the text is at hand."""


def around(start: int) -> int:
    """Where a passage begins that shows a stretch with what stands before it."""
    return max(0, start - _BEFORE)


def first_of(look: SearchLook, trace: CorpusTrace) -> int:
    """The passage's first token: near the text's end an earlier one."""
    return min(look.passage, max(0, trace.count - LENGTH))


def controls(look: Bound[SearchLook], trace: CorpusTrace, level: TokenLevel) -> None:
    """Move where a press has asked to, then draw what can be pressed."""
    _go(look, trace, level)
    first = first_of(look.settings, trace)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _button("earlier", _("Earlier"), ":material/arrow_back:", disabled=first == 0)
        _button("later", _("Later"), ":material/arrow_forward:", disabled=first + LENGTH >= trace.count)
        _button("another", _("Another passage"), ":material/casino:")
        look.line("find", width=150, then=_ask_for_word)
        _button("next", _("Next"), ":material/search:", disabled=not look.settings.find.strip())
        look.number("colour", low=0, high=trace.hidden_size - 1, width=190)
    missed = st.session_state.pop("search_missed", "")
    if missed:
        st.warning(_("“{word}” does not stand in the text.").format(word=plain(missed)))


def found_in(tokens: Sequence[str], level: TokenLevel, word: str) -> list[bool]:
    """Which tokens of a passage are a part of what was jumped to."""
    found = [False] * len(tokens)
    if word.strip():
        text, ends = joined(tokens, level)
        for match in _pattern(word).finditer(text):
            for at in range(*_tokens_of(ends, match)):
                found[at] = True
    return found


def next_place(trace: CorpusTrace, level: TokenLevel, word: str, after: int) -> int | None:
    """The first token of the next place that has a word, whatever its capitals; after the last one, the first.

    Args:
        trace: The text.
        level: How it was cut.
        word: What is looked for.
        after: A token; a place that begins at it or before comes last. −1 is before the text.
    """
    if not word.strip():
        return None
    text, ends = joined(trace.text(0, trace.count), level)
    pattern = _pattern(word)
    from_here = 0 if after < 0 else int(ends[min(after, len(ends) - 1)])
    match = pattern.search(text, from_here) or pattern.search(text)
    return _tokens_of(ends, match)[0] if match else None


def _pattern(word: str) -> re.Pattern[str]:
    return re.compile(re.escape(word.strip()), re.IGNORECASE)


def _tokens_of(ends: np.ndarray, match: re.Match[str]) -> tuple[int, int]:
    """First token, and after the last."""
    first = int(np.searchsorted(ends, match.start(), side="right"))
    return first, int(np.searchsorted(ends, match.end(), side="left")) + 1


def _button(what: str, label: str, icon: str, *, disabled: bool = False) -> None:
    st.button(label, key=f"search_{what}", icon=icon, disabled=disabled, on_click=_ask, args=(what,))


def _ask(what: str) -> None:
    # the text is not held by a callback: a button outlives its rerun, and would keep it for every browser
    st.session_state[_JUMP] = what


def _ask_for_word(word: str) -> dict[str, object]:
    _ask("word")
    return {}


def _go(look: Bound[SearchLook], trace: CorpusTrace, level: TokenLevel) -> None:
    what = st.session_state.pop(_JUMP, None)
    first, last = first_of(look.settings, trace), max(0, trace.count - LENGTH)
    if what == "earlier":
        look.set(passage=max(0, first - LENGTH))
    elif what == "later":
        look.set(passage=min(last, first + LENGTH))
    elif what == "another":
        look.set(passage=random.randrange(last + 1))  # noqa: S311
    elif what in ("word", "next"):
        last_found = st.session_state.get("search_found_at", -1)
        goes_on = what == "next" and around(last_found) == first
        place = next_place(trace, level, look.settings.find, last_found if goes_on else first - 1)
        if place is not None:
            st.session_state.search_found_at = place
            look.set(passage=around(place))
        elif look.settings.find.strip():
            st.session_state.search_missed = look.settings.find
