"""Who waits for a turn, and when it comes."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.shared import people, problems
from pages.shared.i18n import _, plain
from pages.shared.state import runs_here
from playground.access import Action
from playground.records import RunRecord
from playground.runs.turns import Turn

_MOST_SHOWN = 10
"""Of a class's runs; one's own are shown however many wait before them."""


def line() -> None:
    """Draw the runs that wait, in the order of their turns; nothing where none does."""
    problems.tell()
    here = runs_here()
    waiting = here.line()
    if not waiting:
        return
    owners = people.owners([run for run, _turn in waiting]) if people.is_class() else {}
    own = {run.id for run, _turn in waiting if run.owner == here.person.id}
    with st.expander(_("Who waits for a turn: {n}").format(n=len(waiting)), key="who_waits"):
        for run, turn in waiting:
            if run.id in own or (turn.position or 0) <= _MOST_SHOWN:
                _row(run, turn, owners, may_stop=here.may(Action.STOP, run))
        hidden = sum(run.id not in own for run, _turn in waiting[_MOST_SHOWN:])
        if hidden:
            st.caption(_("and {n} more").format(n=hidden))


def _row(run: RunRecord, turn: Turn, owners: Mapping[str, str], *, may_stop: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"turn_{run.id}"):
        told = [run.name, owners.get(run.id), _when(turn)]
        st.markdown(
            f"{turn.position}\\. " + plain(" · ".join(part for part in told if part)), width="stretch"
        )
        if may_stop:
            st.button(
                _("Cancel"),
                key=f"cancel_{run.id}",
                help=_("Ends the run; what it has learnt is kept"),
                on_click=_cancel,
                args=(run.id,),
            )


def _when(turn: Turn) -> str:
    if turn.is_held:
        return _("waits until the teacher resumes all runs")
    if turn.seconds is None:
        return _("after the runs before it")
    if turn.seconds < 60:
        return _("in about {n} s").format(n=max(1, round(turn.seconds)))
    return _("in about {n} min").format(n=round(turn.seconds / 60))


def _cancel(id: str) -> None:
    st.session_state.list_acted = True
    problems.attempt(_stop, id)


def _stop(id: str) -> None:
    runs_here().stop(id)
