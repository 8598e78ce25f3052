"""What the teacher shows to everybody: a banner on every page, one click to come along and one to go back.

The banner's panel asks the server now and then whether something else is shown, and the banner alone is drawn anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

import streamlit as st

from pages.shared import address, people, problems, site
from pages.shared.challenges import WORD
from pages.shared.i18n import _, plain
from pages.shared.panels import Panel
from pages.shared.patience import patiently
from pages.shared.state import runs_here, server
from playground.errors import ChallengeNotFound, RunNotFound

_PANEL = Panel("stage")


def banner() -> None:
    """Draw it where there is something to say; on a server for one person nothing is drawn, and nothing asked."""
    if people.is_class():
        st.fragment(patiently(_banner))()


def _banner() -> None:
    if "stage_way" in st.session_state:
        st.rerun()  # the whole page: another one is gone to
    shown, here = server().stage.current(), runs_here()
    is_held = server().manager.is_held
    _PANEL.draw("stage", {"path": "/api/stage", "version": server().news}, on_changed_change=lambda: None)
    came_from = st.session_state.get("stage_came_from")
    if is_held and not here.person.is_teacher:
        st.info(_("Your teacher has paused all runs. They go on by themselves afterwards."))
    if st.session_state.pop("stage_pressed", False):  # the rest of the page is not drawn then
        problems.tell()
    is_own = shown is not None and shown.who == here.person.id
    if shown is None and came_from is not None and _page() != st.session_state.stage_went_to:
        del st.session_state.stage_came_from  # gone on by themselves
        came_from = None
    if shown is None and came_from is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", border=True, key="stage_banner"):
        if shown is not None:
            what = plain(_what(shown.page, shown.words))
            told = _("You show everybody: {what}") if is_own else _("Your teacher shows: {what}")
            st.markdown(":material/cast: " + told.format(what=what), width="stretch")
        else:
            st.markdown(_("Your teacher shows nothing any more."), width="stretch")
        if shown is not None and here.person.is_teacher:
            st.button(_("Stop showing"), key="stop_showing", on_click=_stop)
        is_elsewhere = shown is not None and not _is_there(shown.page, shown.words)
        if is_own and is_elsewhere and _page() != site.TEACHERS:
            st.button(_("Show this page instead"), key="show_this", on_click=_show_instead, args=(_page(),))
        if shown is not None and not is_own and is_elsewhere:
            st.button(
                _("Come along"),
                key="come_along",
                type="primary",
                on_click=_come_along,
                args=(shown.page, shown.words),
            )
        if came_from is not None:
            st.button(_("Go back"), key="go_back", on_click=_go_back)


def follow(page: str) -> None:
    """Call when a page has got its address: go where somebody has chosen to.

    Args:
        page: The page that is being drawn.
    """
    way: tuple[str, Mapping[str, str]] | None = st.session_state.pop("stage_way", None)
    if way is None:
        return
    there, words = way
    if there == page:
        gone: dict[str, str | None] = dict.fromkeys(set(address.current()) - {"lang"})
        address.write(gone | dict(words))
        return
    state = st.session_state
    state.setdefault("addresses", {})["" if there == next(iter(site.PAGES)) else there] = dict(words)
    state.last_run = words.get("run")
    own = {"lang": st.query_params["lang"]} if "lang" in st.query_params else {}
    st.switch_page(f"{there}/page.py", query_params=dict(words) | own)


def controls(page: str) -> None:
    """Draw the button that shows a page to everybody, for a teacher.

    Args:
        page: The page that is drawn.
    """
    if not people.teaches():
        return
    st.button(
        _("Show to everybody"),
        key="show_to_all",
        icon=":material/cast:",
        width="stretch",
        disabled=page == site.TEACHERS,
        on_click=_show,
        args=(page,),
    )


def _what(page: str, words: Mapping[str, str]) -> str:
    """What a page is called, with its lesson or its run."""
    place = site.PAGES[page]
    told = [_(place.title)]
    if words.get("view") in place.lessons:
        told.append(_(place.lessons[words["view"]]))
    if WORD in words:
        with suppress(ChallengeNotFound):
            told.append(server().challenges.get(words[WORD]).title)
    if "run" in words:
        with suppress(RunNotFound):
            told.append(runs_here().get(words["run"]).name)
    return " · ".join(told)


def _is_there(page: str, words: Mapping[str, str]) -> bool:
    """This browser is on the page that is shown, as it is shown.

    Of a challenge, or of a run and nothing else, the page and the name count: other words there are a person's own.
    Where a challenge is shown with a set-up, it counts until they have come along to it.
    """
    here = {name: text for name, text in address.current().items() if name != "lang"}
    if _page() != page:
        return False
    if WORD in words and st.session_state.get("stage_along") == (page, dict(words)):
        words = {name: text for name, text in words.items() if name in (WORD, "run")}
    if WORD in words or set(words) == {"run"}:
        return all(here.get(name) == text for name, text in words.items())
    return here == dict(words)


def _page() -> str:
    return st.session_state.get("page") or next(iter(site.PAGES))


def _show(page: str) -> None:
    problems.attempt(server().stage.show, runs_here().person, page, address.current())


def _show_instead(page: str) -> None:
    st.session_state.stage_pressed = True
    _show(page)


def _stop() -> None:
    st.session_state.stage_pressed = True
    problems.attempt(server().stage.stop, runs_here().person)


def _come_along(page: str, words: Mapping[str, str]) -> None:
    st.session_state.setdefault("stage_came_from", (_page(), address.current()))
    st.session_state.stage_went_to = page
    st.session_state.stage_along = page, dict(words)
    st.session_state.stage_way = page, words


def _go_back() -> None:
    page, words = st.session_state.pop("stage_came_from")
    st.session_state.stage_way = page, {name: text for name, text in words.items() if name != "lang"}
