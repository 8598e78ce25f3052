"""Which run a page looks at."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import streamlit as st

from pages.shared.address import put
from pages.shared.i18n import _, explain, status_label
from pages.shared.patience import patiently
from pages.shared.run_labels import run_labels
from pages.shared.site import page_link
from pages.shared.state import close_run, moved_on, open_run, opened_or_none, opened_run, runs_here
from playground.errors import RunNotFound
from playground.records import RunRecord

WAIT_SECONDS = 2.0


def the_run(prefers: Callable[[RunRecord], bool] = lambda run: True) -> RunRecord:
    """The run that the page looks at; where there is none the page says so, waits for one, and ends here.

    Args:
        prefers: Says of a run whether it is taken, the newest first, when the link names none.
    """
    offered = runs_here().with_weights()
    if offered:
        run = pick_run(offered, prefers)
        if run is not None:
            return run
    else:
        linked_run()  # says why it is not here
        st.info(
            _(
                "No run has weights yet. Start one on the Train page; it can be looked at from its "
                "first second."
            )
        )
        page_link("train", label=_("Train a network"), icon=":material/show_chart:")
    st.fragment(patiently(_wait), run_every=WAIT_SECONDS)()
    return st.stop()


def pick_run(
    offered: Sequence[RunRecord], prefers: Callable[[RunRecord], bool] = lambda run: True
) -> RunRecord | None:
    """The run that is looked at; one's own newest, else the newest, when the link names none.

    Args:
        offered: Runs with weights, newest first, at least one.
        prefers: As in `the_run`.

    Returns:
        None when the link names a run without weights, which is said: nobody is shown another's.
    """
    by_id = {run.id: run for run in offered}
    linked = linked_run()
    usual = own_first(offered)
    run_id = linked.id if linked else next(filter(prefers, usual), usual[0]).id
    labels = run_labels(offered)
    put("picked", run_id if run_id in by_id else None, *labels.values())
    st.selectbox(
        _("Run"),
        list(by_id),
        format_func=lambda run_id: labels.get(run_id, run_id),
        key="picked",
        on_change=open_chosen,
        args=("picked", tuple(by_id)),
        placeholder=_("Choose a run"),
    )
    if linked is not None and run_id not in by_id:
        st.info(
            _(
                "The run you opened has no weights yet; they come when it starts to train. Its "
                "status: {status}."
            ).format(status=status_label(linked.status))
        )
        return None
    open_run(run_id)
    watch(by_id[run_id])
    return by_id[run_id]


def own_first(runs: Sequence[RunRecord]) -> list[RunRecord]:
    """The runs of whoever sits here before others', each in their order: a class must not be led from run to run."""
    own = runs_here().person.id
    return sorted(runs, key=lambda run: run.owner != own)


def watch(run: RunRecord) -> None:
    """Draw the page anew as soon as a run that trains has another status: what is said of it would be outdated."""
    if run.status.is_active:
        st.fragment(patiently(_rerun_when_moved_on), run_every=WAIT_SECONDS)(run)


def _rerun_when_moved_on(run: RunRecord) -> None:
    if moved_on(run):
        st.rerun()


def _wait() -> None:
    """Draw the page anew as soon as the opened run, or any when none is opened, has weights."""
    linked = opened_or_none()
    if any(linked is None or run.id == linked.id for run in runs_here().with_weights()):
        st.rerun()


def linked_run() -> RunRecord | None:
    """The run that the link names; one that is not here any more is told, and closed."""
    try:
        return opened_run()
    except RunNotFound as error:
        st.warning(explain(error))
        close_run()
        return None


def open_chosen(key: str, offered: Collection[str]) -> None:
    """Open the run that a select box stands at.

    A box whose labels have changed meanwhile, since a run has ended, may hand back a label: that is no choice.
    """
    if st.session_state[key] in offered:
        open_run(st.session_state[key])
