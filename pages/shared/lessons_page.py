"""A page of several lessons, one on show at a time, each with the way to the next and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from pages.shared import address
from pages.shared.i18n import _, explain
from pages.shared.site import PAGES, lessons_in_order, page_link
from playground.errors import PlaygroundError, StoreBusy

_OWN = ("text", "text_kept", "run")
"""Words of the address that mean something else in every lesson."""


def lessons_page(page: str, lessons: Mapping[str, Callable[[], None]]) -> None:
    """Draw the choice of lessons and the one that the address names, the first without one.

    Args:
        page: The page's name in `PAGES`, which holds what its lessons are called.
        lessons: What draws each, by the word that `view` has in the address.
    """
    titles = {name: _(title) for name, title in PAGES[page].lessons.items()}
    usual = next(iter(titles))
    view = address.word("view", usual)
    view = view if view in titles else usual
    address.put("lesson", view, *titles.values())
    st.pills(
        _("Lesson"),
        list(titles),
        required=True,
        format_func=titles.__getitem__,
        key="lesson",
        on_change=lambda: _turn_to(st.session_state.lesson or view, usual),
    )
    place = list(titles).index(view) + 1
    st.subheader(
        _("Lesson {n} of {count} · {title}").format(n=place, count=len(titles), title=titles[view]),
        anchor=False,
    )
    try:
        lessons[view]()
    except StoreBusy:  # the whole page waits
        raise
    except PlaygroundError as error:
        st.error(explain(error))
    _ways_on(page, view, usual)


def _ways_on(page: str, view: str, usual: str) -> None:
    """Draw the way back and the way on; where a page ends, to the next one that has lessons."""
    order = lessons_in_order()
    at = order.index((page, view))
    st.divider()
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="lesson_ways"
    ):
        if at > 0:
            _way(
                order[at - 1], page, usual, _("Previous: {title}"), ":material/arrow_back:", "lesson_previous"
            )
        if at + 1 < len(order):
            _way(order[at + 1], page, usual, _("Next: {title}"), ":material/arrow_forward:", "lesson_next")


def _way(to: tuple[str, str], page: str, usual: str, label: str, icon: str, key: str) -> None:
    """Draw the way to a lesson: a button to one of this page, which keeps what the lessons stood at, else a link."""
    there, view = to
    title = _(PAGES[there].lessons[view])
    if there == page:
        st.button(
            label.format(title=title),
            key=key,
            icon=icon,
            type="primary" if key == "lesson_next" else "secondary",
            on_click=lambda: _turn_to(view, usual),
        )
    else:
        page_link(
            there,
            label=label.format(title=f"{_(PAGES[there].title)} · {title}"),
            icon=icon,
            query_params={"view": view},
        )


def _turn_to(lesson: str, usual: str) -> None:
    """Every lesson keeps a sentence and a run of its own."""
    kept: dict[str, dict[str, str | None]] = st.session_state.setdefault("lesson_kept", {})
    words = address.current()
    kept[words.get("view", usual)] = {name: words.get(name) for name in _OWN}
    own = kept.get(lesson, {})
    address.write({"view": None if lesson == usual else lesson, **{name: own.get(name) for name in _OWN}})
