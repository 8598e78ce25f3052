"""The run on show, and what can be done with it."""

from __future__ import annotations

import functools
from contextlib import suppress

import streamlit as st

from pages.shared import people, problems, twin
from pages.shared.address import word
from pages.shared.controls import Bound
from pages.shared.i18n import _, explain, plain, quoted
from pages.shared.run_labels import describe_run
from pages.shared.site import page_link
from pages.shared.state import close_run, opened_or_none, runs_here, server
from pages.train import deleted
from pages.train.start import start
from playground.access import Action
from playground.config import RunConfig
from playground.errors import PlaygroundError
from playground.records import Challenge, RunRecord, RunStatus, default_name


def buttons(setup: Bound[RunConfig], challenge: Challenge | None = None) -> None:
    """Start, Pause or Resume, Stop; always at the same places, and named when there are two runs to act on.

    Args:
        setup: What Start starts.
        challenge: In which it does.
    """
    run = opened_or_none()
    status = run.status if run else None
    beside = twin.shown_twin(run) if run else None
    of_two = beside is not None
    acts = run is None or runs_here().may(Action.STOP, run)
    with st.container(horizontal=True):
        st.button(
            _("Start"),
            key="start",
            type="primary",
            icon=":material/play_arrow:",
            on_click=start,
            args=(setup, None if challenge is None else challenge.id),
            shortcut="Ctrl+Shift+Enter",
        )
        if run is not None and not acts:
            _copy(run, setup)
        elif status is RunStatus.PAUSED or (status and status.is_resumable):
            _acting("resume", run, _("Resume the run") if of_two else _("Resume"))
        else:
            label = _("Pause the run") if of_two else _("Pause")
            _acting("pause", run, label, disabled=status is not RunStatus.RUNNING)
        if acts:
            label = _("Stop the run") if of_two else _("Stop")
            _acting("stop", run, label, disabled=not (status and status.is_active))
        if beside is not None and beside[0].status.is_active and runs_here().may(Action.STOP, beside[0]):
            _acting("stop", beside[0], _("Stop the twin"), key="stop_twin")
        if run is not None:
            twin.button(run)
    if run is not None and not acts:
        told = _(
            "This run is {owner}'s: you can look at it, look inside it and let it write. To change something, copy "
            "its settings and start your own."
        )
        st.caption(plain(told.format(owner=people.owners([run])[run.id])))
    elif run is not None and people.is_class() and run.owner != runs_here().person.id:
        st.caption(plain(_("This run is {owner}'s.").format(owner=people.owners([run])[run.id])))
    if run is not None:
        twin.told_the_same(run)
    problems.tell()
    for refused in setup.problems():  # the field may be in a phone's drawer
        if not problems.says(refused):
            st.caption(f":red[{explain(refused)}]")


def _copy(run: RunRecord, setup: Bound[RunConfig]) -> None:
    st.button(
        _("Use these settings"),
        key="copy",
        icon=":material/content_copy:",
        on_click=setup.load,
        args=(run.config,),
    )


def needs(setup: Bound[RunConfig]) -> None:
    """What Start would need of this machine, in memory, on the disk and of time, where that is much."""
    with suppress(PlaygroundError):  # a text that is not here is told by its control
        refused = runs_here().memory.refusal(setup.settings)
        if refused is not None:
            if not problems.says(refused):
                st.warning(explain(refused))
            return
        for told in runs_here().needs(setup.settings):
            st.caption(explain(told))


def _acting(
    action: str, run: RunRecord | None, label: str, *, key: str | None = None, disabled: bool = False
) -> None:
    """Draw a button that does something to a run: to the one that it is drawn for, whichever is on show by then."""
    st.button(
        label,
        key=key or action,
        icon=f":material/{action}:",
        on_click=_act,
        args=(action, run.id if run else ""),
        disabled=disabled,
    )


def heading(run: RunRecord, setup: Bound[RunConfig]) -> None:
    """The run's name, what it is, and a menu."""
    here = runs_here()
    with st.container(horizontal=True, vertical_alignment="top", wrap=False):
        st.text(_headline(run), width="stretch")
        menu = st.popover(
            "", icon=":material/more_horiz:", help=_("Rename, reuse, export, delete"), key="menu"
        )
    with menu:
        if here.may(Action.RENAME, run):
            st.text_input(
                _("Name"), run.name, max_chars=80, key=f"name_{run.id}", on_change=_rename, args=(run.id,)
            )
        st.button(
            _("Use these settings"),
            key="reuse",
            on_click=setup.load,
            args=(run.config,),
            width="stretch",
        )
        if run.has_started:
            st.download_button(
                _("Export (weights, settings, curves)"),
                functools.partial(runs_here().export, run.id),
                f"run-{run.id}.zip",
                "application/zip",
                key="export",
                on_click="ignore",
                width="stretch",
            )
        if here.classroom.is_class and here.may(Action.HAND_OVER, run):
            people.hand_over(run)
        if not here.may(Action.DELETE, run):
            return
        if (open_one := server().challenges.open_of(run.id)) is not None:
            told = _("It goes from the board of the challenge {title}, too.")
            st.caption(plain(told.format(title=quoted(open_one.title))))
        sure = st.checkbox(_("Really delete"), key=f"sure_{run.id}", disabled=run.status.is_active)
        st.button(
            _("Delete"),
            key="delete",
            icon=":material/delete:",
            on_click=_delete,
            args=(run.id,),
            disabled=not sure or run.status.is_active,
            width="stretch",
        )


def _headline(run: RunRecord) -> str:
    """The set-up, under the name if a person gave one."""
    what = describe_run(run)
    return what if run.name == default_name(run.config) else f"{run.name}\n{what}"


def ways_on(run: RunRecord) -> None:
    """What can be done with a run that has weights."""
    here, early = {"run": run.id}, not run.has_started  # drawn all the same: the charts below must not jump
    page_link(
        "gates",
        label=_("Look inside its gates"),
        icon=":material/grid_on:",
        query_params=here,
        disabled=early,
    )
    if run.config.can_write:
        page_link(
            "write", label=_("Let it write"), icon=":material/edit_note:", query_params=here, disabled=early
        )
    elif not run.config.is_trap:
        page_link(
            "directions",
            label=_("Let it fill in blanks"),
            icon=":material/sync_alt:",
            query_params=here | {"view": "blanks"},
            disabled=early,
        )


def _act(action: str, id: str) -> None:
    problems.attempt(_do, action, id)


def _do(action: str, id: str) -> None:
    getattr(runs_here(), action)(id)


def _rename(id: str) -> None:
    problems.attempt(_name, id, st.session_state[f"name_{id}"])


def _name(id: str, name: str) -> None:
    runs_here().rename(id, name)


def _delete(id: str) -> None:
    problems.attempt(_remove, id)


def _remove(id: str) -> None:
    deleted.delete(id)
    if id == word("run"):
        close_run()
