"""What a network has learnt to follow: which units, how closely, and whether it needs them."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.gates import controls, moments
from pages.gates.cells import actions, measured, method, own, panel, rows, words
from pages.gates.cells.rows import Shown
from pages.gates.choice import Choice, fitted
from pages.shared import address
from pages.shared.controls import Bound
from pages.shared.i18n import _, explain
from pages.shared.state import cell_service, runs_here
from playground.errors import ConfigError, CorpusError, PlaygroundError, StoreBusy, StoreError
from playground.records import Finding, LayerPlace, RunRecord
from playground.runs.active import CHECKPOINT_SECONDS


def pace(look: Bound[Choice], run: RunRecord) -> float | None:
    """Seconds between two reruns by itself; None when it stands still.

    At first it is as if something were to be measured, for there mostly is. While a run trains, moments that it keeps are
    looked for, without asking it for one.
    """
    moved = moments.pace(look, run)
    if moved is None and st.session_state.get("cells_wait", True):
        return measured.SECONDS
    if moved is None and run.status.is_active and look.settings.epoch is None:
        return CHECKPOINT_SECONDS
    return moved


def leave() -> None:
    """Another view is on show: this one begins anew."""
    st.session_state.pop("cells_wait", None)


def draw(run_id: str, paced: float | None) -> None:
    """Everything below the view.

    Args:
        run_id: The run that is looked at.
        paced: Seconds between the reruns that the page has set; None for none.
    """
    look, run = Bound(Choice, "lens"), None
    is_first = "cells_wait" not in st.session_state
    try:
        run = runs_here().get(run_id)
        moments.advance(look, run)
        if fitted(look.settings, run).view != "cells" or pace(look, run) != paced:
            st.rerun()  # another view was opened, or the page has to set another pace
        _draw(look, run)
    except StoreBusy:  # the whole page waits
        raise
    except (ConfigError, CorpusError) as error:  # nothing can be said of this text
        st.session_state.cells_wait = False
        st.info(explain(error))
    except PlaygroundError as error:
        moments.stop()
        st.session_state.cells_wait = False
        st.error(explain(error))
    if (
        not is_first
    ):  # the next look comes so soon that a browser may draw that one alone: it has to set sliders, too
        address.settle()
    if run is not None and paced is None and pace(look, run) is not None:
        st.rerun()  # the other way round can wait for its turn


def _draw(look: Bound[Choice], run: RunRecord) -> None:
    st.subheader(_("What has it learnt to follow?"))
    choice = fitted(look.settings, run)
    checkpoint = moments.moment(look, run)
    may_read = runs_here().texts.is_offered(run.config.corpus.corpus)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.place(look, run, choice)
        # an expression could spell out a text that is not shared
        ideas, answer = own.draw(look) if may_read else ((), st.container())
        method.draw()
    shown = Shown(run, checkpoint, LayerPlace(choice.layer, choice.direction), ideas)
    findings, shown = _find(shown, answer)
    waits = run.status.is_active and look.settings.epoch is None
    losses = measured.losses(shown, findings, waits=waits)
    opened = next((f for f in findings if f.name == choice.formed and f.best), None)
    points = None if opened is None else measured.formed(shown, opened)
    if points is not None and opened is not None:
        points = measured.follow_formation(shown, opened)  # it has been read before: only new moments are
    panel.draw(
        {
            "rows": rows.panel_rows(
                shown, findings, losses, may_read=may_read, actions=actions.offered(run, checkpoint.epoch)
            ),
            "rest": rows.rest(findings),
            "summary": words.summary(findings, list(losses.values()), is_untrained=checkpoint.epoch == 0),
            "may_read": may_read,
            "opened": opened.name if opened else None,
            "formation": None if points is None or opened is None else rows.formation(opened, points),
            "is_read": points is not None,
            "epoch": shown.checkpoint.epoch,
        },
        lambda action, name: actions.act(look, shown, findings, action, name, may_read=may_read),
    )
    st.caption(words.read(cell_service().trace(shown.run, shown.checkpoint, shown.place)))
    own.tell(answer, shown, findings)
    _measure(shown, findings, opened if points is None else None, list(losses.values()))


def _find(shown: Shown, answer: DeltaGenerator) -> tuple[tuple[Finding, ...], Shown]:
    """What is followed, and what was looked at: without own ideas that cannot be read, which is said."""
    args = (shown.run, shown.checkpoint, shown.place)
    is_known = cell_service().known(*args) is not None
    reading = _("Reading the text and comparing every unit …")
    # the container is always there: what comes and goes in it must not move the list, which would be drawn twice
    with st.container(), nullcontext() if is_known else st.spinner(reading):
        try:
            return rows.ranked(cell_service().find(*args, shown.own)), shown
        except ConfigError as error:
            if not shown.own:
                raise
            st.warning(explain(error))
            answer.warning(explain(error))  # the field may cover the page
            return rows.ranked(cell_service().find(*args)), Shown(*args)
        except StoreBusy:
            raise
        except StoreError:
            newest = runs_here().newest_checkpoint(shown.run.id)
            if shown.checkpoint.kept or newest is None or newest == shown.checkpoint:
                raise
            newer = replace(shown, checkpoint=newest)  # training replaced it meanwhile
            return rows.ranked(cell_service().find(newer.run, newest, newer.place, newer.own)), newer


def _measure(
    shown: Shown, findings: tuple[Finding, ...], opened: Finding | None, losses: list[words.Loss]
) -> None:
    """What takes seconds, once the list is in the browser: the page comes back until nothing is left."""
    is_due = words.Unmeasured.UNDER_WAY in losses
    if st.session_state.get("cells_wait"):
        if opened is not None:
            measured.follow_formation(shown, opened)
        elif is_due:
            measured.measure(shown, findings)
    st.session_state.cells_wait = is_due or opened is not None
