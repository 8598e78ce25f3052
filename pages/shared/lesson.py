"""What the lessons share: their runs, and a sentence that the link keeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import streamlit as st

from pages.shared import problems
from pages.shared.address import put
from pages.shared.controls import Bound
from pages.shared.i18n import _, plain, quoted
from pages.shared.run_labels import run_labels
from pages.shared.run_picker import linked_run, open_chosen, own_first, watch
from pages.shared.site import PAGES, page_link
from pages.shared.state import open_run, runs_here
from pages.shared.texts import usual_sentence
from playground.access import Action
from playground.config import RunConfig
from playground.errors import RunStateError
from playground.records import RunRecord


def lesson_run(fits: Callable[[RunRecord], bool], key: str) -> RunRecord | None:
    """The lesson's run: the link's, else the newest that fits; drawn as a choice where there are several.

    Args:
        fits: Says of a run whether the lesson is about it.
        key: The choice's.
    """
    ready = {run.id for run in runs_here().with_weights()}
    offered = {
        run.id: run for run in runs_here().all() if fits(run) and (run.id in ready or run.status.is_active)
    }
    linked = linked_run()
    if linked is not None and linked.id not in offered:
        _tell_where_it_belongs(linked, bool(offered))
    if not offered:
        return None
    usual = own_first(list(offered.values()))[0].id
    run_id = linked.id if linked is not None and linked.id in offered else usual
    labels = run_labels(offered.values())
    put(key, run_id, *labels.values())
    st.selectbox(
        _("Run"),
        list(offered),
        key=key,
        format_func=lambda run_id: labels.get(run_id, run_id),
        on_change=open_chosen,
        args=(key, tuple(offered)),
    )
    open_run(run_id)
    watch(offered[run_id])
    return offered[run_id]


def _tell_where_it_belongs(run: RunRecord, has_other: bool) -> None:
    """Say that a run is not for this lesson, and offer the one that it is for."""
    told = (
        _("The run {name} is not for this lesson; here is the newest that is.")
        if has_other
        else _("The run {name} is not for this lesson.")
    )
    st.caption(plain(told.format(name=quoted(run.name))))
    if run.config.can_write:
        return
    view = "trap" if run.config.is_trap else "blanks"
    page_link(
        "directions",
        label=_("Open it in “{lesson}”").format(lesson=_(PAGES["directions"].lessons[view])),
        icon=":material/arrow_forward:",
        query_params={"view": view, "run": run.id},
    )


def stop_button(run: RunRecord, key: str, label: str = "") -> None:
    """A press ends a run; its weights are kept.

    Args:
        run: The run.
        key: The button's.
        label: On the button, where it has to say which of two it acts on.
    """

    def stop() -> None:
        with suppress(RunStateError):  # it may just have ended
            runs_here().stop(run.id)

    problems.tell()
    if not runs_here().may(Action.STOP, run):  # somebody else's, to look at
        return
    st.button(label or _("Stop"), key=key, icon=":material/stop:", on_click=problems.attempt, args=(stop,))


def start_button(
    label: str, key: str, *configs: RunConfig, opens: bool = True, of: RunRecord | None = None
) -> None:
    """A press trains one run after the other.

    Args:
        label: On the button.
        key: The button's.
        configs: What is trained.
        opens: The first of them is opened then.
        of: The run whose twin it is.
    """

    def start(left: list[RunConfig]) -> None:
        while left:  # what has been started is taken out, so that a press which has to wait starts none twice
            run = runs_here().start(left[0]) if of is None else runs_here().start_twin(of, left[0])
            if opens and len(left) == len(configs):  # on show also where a limit keeps the others back
                open_run(run.id)
            left.pop(0)

    st.button(
        label,
        key=key,
        type="primary" if opens else "secondary",
        icon=":material/play_arrow:",
        on_click=lambda: problems.attempt(start, list(configs)),
    )
    problems.tell()


def own_one(run: RunRecord, key: str, *configs: RunConfig) -> None:
    """Below somebody else's run: a press trains one of one's own.

    Args:
        run: The run on show.
        key: The button's.
        configs: As `start_button` has them.
    """
    if not runs_here().may(Action.STOP, run):
        start_button(_("Train one of your own"), key, *configs)


def sentence(
    look: Bound[Any],
    run: RunRecord,
    key: str,
    help: str,
    *,
    usual: str | None = None,
    drops: Sequence[str] = (),
) -> str:
    """Draw a field for a lesson's sentence; the beginning of the run's text until a person types.

    Args:
        look: The lesson's settings, whose `text` it is.
        run: The run whose text begins it.
        key: The field's.
        help: What may be typed.
        usual: What stands there until a person types, instead.
        drops: Settings that another sentence makes void.
    """
    usual = usual_sentence(run) if usual is None else usual
    return look.text("text", usual, key=key, help=help, drops=drops)
