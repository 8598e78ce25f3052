"""The run on show, what can be done with it, and the list of all runs."""

from __future__ import annotations

import functools

import pandas as pd
import streamlit as st

from pages.shared import twin
from pages.shared.controls import Bound
from pages.shared.i18n import _, explain, status_label
from pages.shared.run_labels import describe, when
from pages.shared.site import page_link
from pages.shared.state import close_run, open_run, opened_or_none, run_manager
from playground.config import RunConfig
from playground.errors import PlaygroundError
from playground.format import exact, perplexity_text
from playground.records import RunRecord, RunStatus, default_name
from playground.store.export import export_zip

_REFRESH_SECONDS = 10.0


def buttons(setup: Bound[RunConfig]) -> None:
    """Start, Pause or Resume, Stop; always at the same places."""
    run = opened_or_none()
    status = run.status if run else None
    with st.container(horizontal=True):
        st.button(
            _("Start"),
            key="start",
            type="primary",
            icon=":material/play_arrow:",
            on_click=_start,
            args=(setup,),
            shortcut="Ctrl+Shift+Enter",
        )
        if status is RunStatus.PAUSED or (status and status.is_resumable):
            st.button(_("Resume"), key="resume", icon=":material/resume:", on_click=_act, args=("resume",))
        else:
            st.button(
                _("Pause"),
                key="pause",
                icon=":material/pause:",
                on_click=_act,
                args=("pause",),
                disabled=status is not RunStatus.RUNNING,
            )
        st.button(
            _("Stop"),
            key="stop",
            icon=":material/stop:",
            on_click=_act,
            args=("stop",),
            disabled=not (status and status.is_active),
        )
        if run is not None:
            twin.button(run)
    problem = st.session_state.pop("run_problem", None)
    if problem is not None:
        st.error(explain(problem))


def heading(run: RunRecord, setup: Bound[RunConfig]) -> None:
    """The run's name, what it is, and a menu."""
    with st.container(horizontal=True, vertical_alignment="top", wrap=False):
        st.text(_headline(run), width="stretch")
        menu = st.popover(
            "", icon=":material/more_horiz:", help=_("Rename, reuse, export, delete"), key="menu"
        )
    with menu:
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
                functools.partial(export_zip, run_manager().store, run.id),
                f"run-{run.id}.zip",
                "application/zip",
                key="export",
                on_click="ignore",
                width="stretch",
            )
        sure = st.checkbox(_("Delete for good"), key=f"sure_{run.id}", disabled=run.status.is_active)
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
    what = describe(run.config)
    return what if run.name == default_name(run.config) else f"{run.name}\n{what}"


def ways_on(run: RunRecord) -> None:
    """What can be done with a run that has weights."""
    here, early = {"run": run.id}, not run.has_started  # drawn all the same: the charts below must not jump
    with st.container(horizontal=True):
        page_link(
            "gates",
            label=_("Look inside its gates"),
            icon=":material/grid_on:",
            query_params=here,
            disabled=early,
        )
        if run.config.can_write:
            page_link(
                "write",
                label=_("Let it write"),
                icon=":material/edit_note:",
                query_params=here,
                disabled=early,
            )
        elif not run.config.is_trap:
            page_link(
                "directions",
                label=_("Let it fill in blanks"),
                icon=":material/sync_alt:",
                query_params=here | {"view": "blanks"},
                disabled=early,
            )


def table(run: RunRecord | None, setup: Bound[RunConfig]) -> None:
    """All runs, newest first; kept fresh while one of them is under way."""
    under_way = any(record.status.is_active for record in run_manager().store.all())
    st.fragment(_table, run_every=_REFRESH_SECONDS if under_way else None)(run, setup)


def _table(run: RunRecord | None, setup: Bound[RunConfig]) -> None:
    """All runs, newest first; a click opens one."""
    runs = run_manager().store.all()
    if not runs:
        return
    st.subheader(_("Runs"))
    st.caption(_("Click a run to open its curve and its settings."))
    rows = pd.DataFrame(
        {
            " ": ["▶" if run and r.id == run.id else "" for r in runs],
            _("name"): [_marked(r) for r in runs],
            _("status"): [status_label(r.status) for r in runs],
            "θ": [_threshold(r) for r in runs],
            _("text"): _titles(runs),
            _("epoch"): [round(r.epoch, 1) for r in runs],
            _("train perplexity"): [perplexity_text(r.train_loss) for r in runs],
            _("held-out perplexity"): [perplexity_text(r.heldout_loss) for r in runs],
            _("started"): [when(r.created_at) for r in runs],
        }
    )
    picked = st.dataframe(
        rows,
        key=f"runs_{len(runs)}_{runs[0].id}",
        hide_index=True,
        on_select="rerun",
        selection_mode=["single-row", "single-cell"],
        alt=_("Table of all runs with status and perplexity"),
    )
    chosen = picked["selection"]["rows"] or [row for row, _column in picked["selection"]["cells"]]
    picked_run = runs[chosen[0]].id if chosen else None
    if picked_run != st.session_state.get("picked_run"):
        st.session_state.picked_run = picked_run
        if picked_run is not None:
            open_run(picked_run)
            setup.load(next(run.config for run in runs if run.id == picked_run))
            st.rerun()


def _marked(run: RunRecord) -> str:
    """The name; a perplexity that has seen the future, or both sides, must not stand beside others unmarked."""
    if run.config.is_trap:
        return run.name + " ⚠ " + _("trap")
    return run.name if run.config.can_write else run.name + " · " + _("fill in the blank")


def _threshold(run: RunRecord) -> str:
    limit = run.config.train.max_grad_norm
    return _("off") if limit is None else exact(limit)


def _titles(runs: list[RunRecord]) -> list[str]:
    titles = {info.id: info.title for info in run_manager().store.library.all()}
    return [titles.get(r.config.corpus.corpus, "–") for r in runs]


def _start(setup: Bound[RunConfig]) -> None:
    setup.take_all()  # a value typed just before the press may be told after it
    try:
        open_run(run_manager().start(setup.settings).id)
    except PlaygroundError as error:
        st.session_state.run_problem = error


def _act(action: str) -> None:
    run = opened_or_none()
    try:
        if run is not None:
            getattr(run_manager(), action)(run.id)
    except PlaygroundError as error:
        st.session_state.run_problem = error


def _rename(id: str) -> None:
    try:
        run_manager().store.rename(id, st.session_state[f"name_{id}"])
    except PlaygroundError as error:
        st.session_state.run_problem = error


def _delete(id: str) -> None:
    try:
        run_manager().store.delete(id)
        close_run()
    except PlaygroundError as error:
        st.session_state.run_problem = error
