"""A page of several lessons, one on show at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from pages.shared import page_urls, query
from pages.shared.i18n import _, explain
from pages.shared.state import put
from playground.errors import PlaygroundError

_OWN = ("text", "run")
"""Parts of the address that mean something else in every lesson."""
Lesson = tuple[str, Callable[[], None]]
"""What it is called, and what draws it."""


def lessons_page(lessons: Mapping[str, Lesson]) -> None:
    """Draw the choice of lessons and the one that the link's `view` names, the first without one.

    Args:
        lessons: By the name that the link has.
    """
    usual = next(iter(lessons))
    now = query.given("view", usual)
    now = now if now in lessons else usual
    put("lesson", now, *(label for label, _draw in lessons.values()))
    st.pills(
        _("Lesson"),
        list(lessons),
        required=True,
        format_func=lambda one: lessons[one][0],
        key="lesson",
        on_change=lambda: _turn(st.session_state.lesson or now, usual),
    )
    try:
        lessons[now][1]()
    except PlaygroundError as error:
        st.error(explain(error))
    page_urls.keep()


def _turn(lesson: str, usual: str) -> None:
    """Every lesson keeps a sentence and a run of its own."""
    kept: dict[str, dict[str, str | None]] = st.session_state.setdefault("lesson_kept", {})
    kept[query.given("view", usual)] = {name: st.query_params.get(name) for name in _OWN}
    query.keep("view", lesson, usual)
    for name in _OWN:
        query.keep(name, kept.get(lesson, {}).get(name), None)
