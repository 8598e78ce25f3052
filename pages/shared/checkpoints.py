"""A run's moments: the checkpoints that can be looked at, and what they are called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from pages.shared.controls import Bound
from pages.shared.i18n import _, explain
from pages.shared.state import run_manager
from playground.errors import StoreError
from playground.format import epoch_text
from playground.records import CheckpointRecord, RunRecord
from playground.services.checkpoints import weights_remark


def pick(
    run: RunRecord,
    look: Bound[Any],
    name: str = "epoch",
    *,
    usual: int = -1,
    help: str | None = None,
    **options: Any,
) -> CheckpointRecord:
    """Draw a slider over a run's checkpoints, where there are several; the one that it stands at.

    Args:
        run: The run whose checkpoints are offered.
        look: The settings that hold the moment.
        name: Their setting: an epoch, None for the usual checkpoint.
        usual: The place of the usual checkpoint: −1 the newest, 0 before the first step.
        help: What the slider is about; that weights are as they were then, unless given.
        options: As in `Bound`.

    Raises:
        StoreError: The run has no weights.
    """
    checkpoints = require(run)
    epochs = [checkpoint.epoch for checkpoint in checkpoints]
    epoch = getattr(look.settings, name)
    at = usual % len(epochs) if epoch is None else nearest(epochs, epoch)
    if len(epochs) > 1:
        look.choice(
            name,
            {i: label(epochs, i, run) for i in range(len(epochs))},
            widget=st.select_slider,
            value=at,
            store=lambda i: None if i == usual % len(epochs) else round(epochs[i], 4),
            help=help or _("The weights as they were then. Epoch 0 is before the first step."),
            **options,
        )
    remark = weights_remark(run, checkpoints[at]) if at == len(epochs) - 1 else None
    if remark is not None:
        st.caption(":material/info: " + explain(remark))
    return checkpoints[at]


def require(run: RunRecord) -> list[CheckpointRecord]:
    """A run's checkpoints, oldest first.

    Raises:
        StoreError: None; it may have been deleted meanwhile.
    """
    checkpoints = run_manager().store.checkpoints(run.id)
    if not checkpoints:
        raise StoreError("The run {name!r} has no weights yet. Wait until it has started.", name=run.name)
    return checkpoints


def label(epochs: Sequence[float], i: int, run: RunRecord) -> str:
    """What a place of the slider is called; the slider tells places apart by it."""
    if i >= len(epochs):
        return ""
    if i == len(epochs) - 1 and run.status.is_active:
        return _("now")
    return _("epoch {n}").format(n=epoch_text(epochs[i]))


def nearest(epochs: Sequence[float], epoch: float | None) -> int:
    """Index of the checkpoint nearest to an epoch; the last for None."""
    if epoch is None:
        return len(epochs) - 1
    return min(range(len(epochs)), key=lambda i: abs(epochs[i] - epoch))
