"""A page of several lessons, one on show at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from pages.shared import address
from pages.shared.i18n import _, explain
from playground.errors import PlaygroundError

_OWN = ("text", "text_kept", "run")
"""Words of the address that mean something else in every lesson."""
Lesson = tuple[str, Callable[[], None]]
"""What it is called, and what draws it."""


def lessons_page(lessons: Mapping[str, Lesson]) -> None:
    """Draw the choice of lessons and the one that the address names, the first without one.

    Args:
        lessons: By the word that `view` has in the address.
    """
    usual = next(iter(lessons))
    view = address.word("view", usual)
    view = view if view in lessons else usual
    address.put("lesson", view, *(label for label, _draw in lessons.values()))
    st.pills(
        _("Lesson"),
        list(lessons),
        required=True,
        format_func=lambda name: lessons[name][0],
        key="lesson",
        on_change=lambda: _turn_to(st.session_state.lesson or view, usual),
    )
    try:
        lessons[view][1]()
    except PlaygroundError as error:
        st.error(explain(error))


def _turn_to(lesson: str, usual: str) -> None:
    """Every lesson keeps a sentence and a run of its own."""
    kept: dict[str, dict[str, str | None]] = st.session_state.setdefault("lesson_kept", {})
    words = address.current()
    kept[words.get("view", usual)] = {name: words.get(name) for name in _OWN}
    own = kept.get(lesson, {})
    address.write({"view": None if lesson == usual else lesson, **{name: own.get(name) for name in _OWN}})
