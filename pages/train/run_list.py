"""The list of all runs: a click opens one, boxes select."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.shared import people, problems
from pages.shared.address import word
from pages.shared.controls import Bound
from pages.shared.i18n import _, sentence_of
from pages.shared.panels import Panel
from pages.shared.patience import patiently
from pages.shared.run_labels import outcome_label, threshold_label, when
from pages.shared.state import close_run, open_run, runs_here
from pages.shared.texts import titles
from pages.train import deleted, waiting
from playground.access import Action
from playground.config import RunConfig
from playground.format import fixed, percent, perplexity_text
from playground.records import DamagedRun, RunRecord

_REFRESH_SECONDS = 10.0
_PANEL = Panel("run_list")


def run_list(run: RunRecord | None, setup: Bound[RunConfig]) -> None:
    """All runs, newest first; kept fresh while one of them is under way.

    Args:
        run: The run on show.
        setup: Takes the settings of a run that is opened.
    """
    runs = runs_here().everything()
    if not runs:
        deleted.undo()
        return
    st.subheader(_("Runs"))
    deleted.undo()
    st.caption(
        _("Click a run to open its curve, and one's own with its settings; tick boxes to delete.")
        if people.is_class()
        else _("Click a run to open its curve and its settings; tick boxes to delete.")
    )
    under_way = any(isinstance(record, RunRecord) and record.status.is_active for record in runs)
    st.fragment(patiently(_list), run_every=_REFRESH_SECONDS if under_way else None)(run, setup)


def _list(run: RunRecord | None, setup: Bound[RunConfig]) -> None:
    if st.session_state.pop("list_acted", False):
        st.rerun()  # the whole page: another run is on show
    waiting.line()
    runs = runs_here().everything()
    if people.is_class():
        runs = _of_whom(runs)
    owners = people.owners([record for record in runs if isinstance(record, RunRecord)])
    named = titles()
    damaged = runs_here().with_damaged_weights()
    _PANEL.draw(
        "run_list",
        {
            "chart": ".live-panel",
            "columns": _columns(),
            "rows": [
                {
                    "id": record.id,
                    "is_open": run is not None and record.id == run.id,
                    "cells": _damaged_cells(record)
                    if isinstance(record, DamagedRun)
                    else _cells(
                        record,
                        named.get(record.config.corpus.corpus, "–"),
                        owners[record.id],
                        record.id in damaged,
                    ),
                    "is_own": not isinstance(record, RunRecord) or runs_here().may(Action.DELETE, record),
                    "is_under_way": isinstance(record, RunRecord) and record.status.is_active,
                }
                for record in runs
            ],
            "labels": {
                "table": _("Table of all runs with status and perplexity"),
                "filter": _("Search the runs"),
                "pick": _("Select {name}"),
                "under_way": _("Under way: stop it first, then it can be deleted"),
                "delete": _("Delete …"),
                "delete_some": _("Delete {n} …"),
                "ask": _("Delete {n}?"),
                "sure": _("Delete"),
                "keep": _("Keep"),
            },
        },
        on_open_change=lambda: _open(setup),
        on_delete_change=_delete,
    )


def _columns() -> list[dict[str, Any]]:
    words = {
        "name": _("name"),
        **({"owner": _("owner")} if people.is_class() else {}),
        "status": _("status"),
        "limit": "θ",
        "text": _("text"),
        "epoch": _("epoch"),
        "train": _("train perplexity"),
        "heldout": _("held-out perplexity"),
        "started": _("started"),
    }
    numbers = ("limit", "epoch", "train", "heldout")
    return [{"name": name, "label": label, "is_number": name in numbers} for name, label in words.items()]


def _of_whom(runs: list[RunRecord | DamagedRun]) -> list[RunRecord | DamagedRun]:
    """Draw the choice between one's own runs and the class's; those that were chosen."""
    own = [run for run in runs if isinstance(run, RunRecord) and run.owner == runs_here().person.id]
    st.session_state.setdefault("whose", "mine" if own else "class")
    st.segmented_control(
        _("Whose runs"),
        ("mine", "class"),
        format_func=lambda whose: (
            _("Mine ({n})").format(n=len(own))
            if whose == "mine"
            else _("The class ({n})").format(n=len(runs))
        ),
        key="whose",
        required=True,
        label_visibility="collapsed",
    )
    return list(own) if st.session_state.whose == "mine" else runs


def _cells(run: RunRecord, title: str, owner: str, is_damaged: bool) -> dict[str, dict[str, Any]]:
    """What each column shows of a run, and what it is sorted by."""
    return {
        "name": {"text": run.name, "by": run.name, "note": _note(run)},
        **({"owner": {"text": owner, "by": owner}} if people.is_class() else {}),
        "status": {
            "text": outcome_label(run),
            "by": outcome_label(run),
            "note": "⚠ " + _("weights damaged") if is_damaged else None,
        },
        "limit": {"text": threshold_label(run), "by": run.max_grad_norm},
        "text": {"text": title, "by": title},
        "epoch": {"text": fixed(run.epoch, 1), "by": run.epoch},
        "train": {"text": perplexity_text(run.train_loss), "by": run.train_loss},
        "heldout": {
            "text": perplexity_text(run.heldout_loss),
            "by": run.heldout_loss,
            "note": _unknown(run),
        },
        "started": {"text": when(run.created_at), "by": run.created_at},
    }


def _damaged_cells(run: DamagedRun) -> dict[str, dict[str, Any]]:
    """A run that cannot be read: its name, that it is damaged, and why; it can be deleted as any other."""
    started = None if run.created_at is None else when(run.created_at)
    told = {
        "name": {"text": run.name, "by": run.name, "note": sentence_of(run.reason)},
        "status": {"text": "⚠ " + _("damaged"), "by": _("damaged")},
        "started": {"text": started or "–", "by": run.created_at},
    }
    return {column["name"]: told.get(column["name"], {"text": "–", "by": None}) for column in _columns()}


def _note(run: RunRecord) -> str | None:
    """A perplexity that has seen the future, or both sides, must not stand beside others unmarked."""
    if run.config.is_trap:
        return "⚠ " + _("trap")
    return None if run.config.can_write else _("fill in the blank")


def _unknown(run: RunRecord) -> str | None:
    """The share of `<unk>` in the text that the perplexity is of, where there is any."""
    share = None if run.facts is None else run.facts.judged_part.unknown_share
    return f"<unk> {percent(share)}" if share else None


def _open(setup: Bound[RunConfig]) -> None:
    chosen = st.session_state.run_list.open
    st.session_state.list_acted = True
    problems.attempt(_show, chosen, setup)


def _show(id: str, setup: Bound[RunConfig]) -> None:
    run = runs_here().get(id)
    open_run(run.id)
    # whoever only looks at another's keeps the set-up that they were at
    if run.owner == runs_here().person.id:
        setup.load(run.config)


def _delete() -> None:
    st.session_state.list_acted = True
    for id in st.session_state.run_list.delete or ():
        problems.attempt(_remove, id)


def _remove(id: str) -> None:
    deleted.delete(id)
    if id == word("run"):
        close_run()
