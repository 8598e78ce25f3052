"""What a press could not do: told in a sentence where the page is drawn next, or done later where it only has to wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared.i18n import explain
from playground.errors import PlaygroundError, StoreBusy


def attempt(work: Callable[..., object], *args: Any) -> None:
    """Do what a press asks for; call it in a widget's callback.

    Where another program has locked the database, `catch_up` does it afterwards: so `work` takes what it acts on, and
    does not look for what is on show then.

    Args:
        work: Does it.
        args: What it acts on.
    """
    try:
        work(*args)
    except StoreBusy:
        st.session_state.setdefault("postponed", []).append((work, args))
    except PlaygroundError as error:
        refuse(error)


def refuse(error: PlaygroundError) -> None:
    """Have a sentence told."""
    st.session_state.problem = error


def tell() -> PlaygroundError | None:
    """Draw why the last press could not be done, at the first place that asks; what was told."""
    state = st.session_state
    problem: PlaygroundError | None = None if state.get("problem_is_told") else state.get("problem")
    if problem is not None:
        st.error(explain(problem))
        if state.get("page_is_drawn"):  # a fragment: no page is drawn to its end
            del state.problem
        else:
            state.problem_is_told = True
    return problem


def says(error: PlaygroundError) -> bool:
    """What the last press could not do is told on this page in the same sentence: it needs no second one."""
    problem = st.session_state.get("problem")
    return problem is not None and str(problem) == str(error)


def take(kind: type[PlaygroundError]) -> PlaygroundError | None:
    """What the last press could not do, where it is of a kind: whoever takes it tells it."""
    problem: PlaygroundError | None = st.session_state.get("problem")
    if not isinstance(problem, kind):
        return None
    del st.session_state.problem
    return problem


def begin_page() -> None:
    """Call before a page is drawn: what one that was given up has told is told again."""
    st.session_state.page_is_drawn = st.session_state.problem_is_told = False


def end_page(notice: DeltaGenerator) -> None:
    """Call when a page has been drawn.

    Args:
        notice: Where a problem is told for which the page had no place.
    """
    with notice.container():
        tell()
    st.session_state.pop("problem", None)
    st.session_state.page_is_drawn = True


def catch_up() -> None:
    """Do what was asked for while another program had the database locked; call it before a page is drawn.

    Raises:
        StoreBusy: It still has.
    """
    while postponed := st.session_state.get("postponed"):
        work, args = postponed[0]
        try:
            work(*args)
        except PlaygroundError as error:
            if isinstance(error, StoreBusy):
                raise
            refuse(error)
        postponed.pop(0)
