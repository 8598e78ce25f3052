"""Which runs can be compared: finished and sound, on the same text, of the same size."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.shared.i18n import _, join, plain
from pages.shared.state import runs_here
from playground.cells import CELLS
from playground.records import RunRecord, RunStatus


def is_sound(run: RunRecord) -> bool:
    """Its numbers mean something: it has neither diverged nor exploded."""
    return run.status is not RunStatus.DIVERGED and runs_here().clipping.explosion(run) is None


def usual(offered: Sequence[RunRecord], opened: RunRecord | None) -> list[RunRecord]:
    """The opened run where it is sound, else the newest of every cell among runs that differ in nothing else.

    Of several such groups the one with the most cells is taken, of these the newest. Where no run has finished
    soundly, the newest run alone.

    Args:
        offered: Runs with weights, the newest first, at least one.
        opened: The run that the link names, if any.
    """
    if opened is not None and opened in offered and is_sound(opened):
        return [opened]
    groups: dict[object, dict[str, RunRecord]] = {}
    for run in offered:
        if run.status is RunStatus.FINISHED and is_sound(run):
            groups.setdefault(_setup(run), {}).setdefault(run.config.model.cell, run)
    if not groups:
        return list(offered[:1])
    best = max(groups.values(), key=len)
    return [best[cell] for cell in CELLS if cell in best]


def warn(runs: Sequence[RunRecord]) -> None:
    """Say why a comparison of these runs tells little, where it does."""
    unsound = [run.name for run in runs if not is_sound(run)]
    if unsound:
        st.warning(
            plain(
                _(
                    "Exploded or diverged: {names}. Such weights say nothing of how far a cell reaches."
                ).format(names=join(unsound))
            )
        )
    unlike = [
        what
        for what, values in (
            (_("text"), {run.config.corpus for run in runs}),
            (_("hidden units"), {run.config.model.hidden_size for run in runs}),
            (_("layers"), {run.config.model.num_layers for run in runs}),
        )
        if len(values) > 1
    ]
    if unlike:
        st.warning(
            _(
                "These runs differ in more than the cell: {parts}. What is said of them may come from that."
            ).format(parts=join(unlike))
        )
    unfinished = [run.name for run in runs if run.status is not RunStatus.FINISHED and is_sound(run)]
    if unfinished and len(runs) > 1:
        st.warning(plain(_("Not trained to the end: {names}.").format(names=join(unfinished))))


def _setup(run: RunRecord) -> object:
    """What two runs must have in common: the text and its level, and the size."""
    model = run.config.model
    return run.config.corpus, model.hidden_size, model.num_layers
