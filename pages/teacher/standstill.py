"""Everything stands still while a teacher talks, and goes on afterwards."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.shared import problems
from pages.shared.i18n import _
from pages.shared.state import runs_here, server
from playground.records import Person


def buttons() -> None:
    """Draw Pause all, which asks, or Resume all."""
    if server().manager.is_held:
        st.button(
            _("Resume all"),
            key="resume_all",
            type="primary",
            icon=":material/resume:",
            on_click=_try,
            args=(server().standstill.resume_all,),
        )
        return
    with st.popover(_("Pause all …"), icon=":material/pause:", key="pause_all_menu"):
        st.text(
            _(
                "Every run that trains is paused, whoever's it is, and no other begins. What is paused here goes on "
                "with “Resume all”; runs that somebody has paused themselves stay paused."
            )
        )
        st.button(
            _("Pause all runs"),
            key="pause_all",
            type="primary",
            on_click=_try,
            args=(server().standstill.pause_all,),
        )


def told() -> None:
    """Say that everything stands still, and what could not be done."""
    if server().manager.is_held:
        st.info(_("Everything is paused: no run trains, and none begins, until you press “Resume all”."))
    problems.tell()


def _try(act: Callable[[Person], object]) -> None:
    problems.attempt(lambda: act(runs_here().person))
