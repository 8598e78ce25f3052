"""A run's moments: the checkpoints that can be looked at, and what they are called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from pages.shared.controls import Bound
from pages.shared.i18n import _, explain
from pages.shared.state import runs_here
from playground.errors import StoreError
from playground.format import epoch_text
from playground.records import CheckpointRecord, RunRecord
from playground.services.checkpoints import weights_remark

_MOST_DECIMALS = 3
"""Of a percentage of an epoch; what is nearer together than that is told by its figures."""


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
            labels(epochs, run),
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
    checkpoints = runs_here().checkpoints(run.id)
    if not checkpoints:
        raise StoreError("The run {name!r} has no weights yet. Wait until it has started.", name=run.name)
    return checkpoints


def labels(epochs: Sequence[float], run: RunRecord) -> dict[int, str]:
    """What the places of the slider are called; the slider tells places apart by it."""
    called = dict(enumerate(names(epochs)))
    return called | ({len(epochs) - 1: _("now")} if run.status.is_active else {})


def names(epochs: Sequence[float]) -> list[str]:
    """What moments are called, each by a name of its own: with as few decimals as tell them apart."""
    for decimals in range(_MOST_DECIMALS):
        called = [moment_name(epoch, decimals) for epoch in epochs]
        if len(set(called)) == len(called):
            return called
    return [_("epoch {n}").format(n=epoch_text(epoch)) for epoch in epochs]


def moment_name(epoch: float, decimals: int = 0) -> str:
    """A moment of training in words: `epoch 4` after four whole ones, else how far it is into the next.

    Args:
        epoch: Epochs since the first step.
        decimals: Of the percentage.
    """
    whole, part = divmod(round(epoch, 4), 1)
    if round(part, 4) in (0, 1):
        return _("epoch {n}").format(n=round(epoch))
    least = 10.0**-decimals
    share = min(max(round(100 * part, decimals), least), 100 - least)  # neither the epoch before nor the next
    return _("{percent}% into epoch {n}").format(percent=f"{share:.{decimals}f}", n=int(whole) + 1)


def nearest(epochs: Sequence[float], epoch: float | None) -> int:
    """Index of the checkpoint nearest to an epoch; the last for None."""
    if epoch is None:
        return len(epochs) - 1
    return min(range(len(epochs)), key=lambda i: abs(epochs[i] - epoch))
