"""A run's moments: the checkpoints that can be looked at, and what they are called."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.shared.i18n import _
from pages.shared.state import put, run_manager
from playground.errors import StoreError
from playground.records import CheckpointRecord, RunRecord


def pick(run: RunRecord, epoch: float | None, key: str) -> CheckpointRecord:
    """Draw a slider over a run's checkpoints; it writes the link's `epoch`, which the last one has not.

    Args:
        run: Whose.
        epoch: Where it stands; None for the newest.
        key: The slider's.

    Raises:
        StoreError: The run has no weights.
    """
    found = require(run)
    epochs = [one.epoch for one in found]
    at = nearest(epochs, epoch)

    def moved() -> None:
        i = st.session_state[key]
        if i is None or i == len(epochs) - 1:
            st.query_params.pop("epoch", None)
        else:
            st.query_params["epoch"] = written(epochs[i])

    if len(epochs) > 1:
        put(key, at, *(label(epochs, i, run) for i in range(len(epochs))))
        st.select_slider(
            _("Moment of training"),
            range(len(epochs)),
            key=key,
            on_change=moved,
            format_func=lambda i: label(epochs, i, run),
            help=_("The weights as they were then. Epoch 0 is before the first step."),
        )
    return found[at]


def require(run: RunRecord) -> list[CheckpointRecord]:
    """A run's checkpoints, oldest first.

    Raises:
        StoreError: None; it may have been deleted meanwhile.
    """
    found = run_manager().store.checkpoints(run.id)
    if not found:
        raise StoreError("The run {name!r} has no weights yet. Wait until it has started.", name=run.name)
    return found


def label(epochs: Sequence[float], i: int, run: RunRecord) -> str:
    """What a place of the slider is called; the slider tells places apart by it."""
    if i >= len(epochs):
        return ""
    if i == len(epochs) - 1 and run.status.is_active:
        return _("now")
    return _("epoch {n}").format(n=written(epochs[i]))


def written(epoch: float) -> str:
    """`100`, `100.04`: as many decimals as it takes, and no exponent."""
    return f"{epoch:.4f}".rstrip("0").rstrip(".")


def nearest(epochs: Sequence[float], epoch: float | None) -> int:
    """Index of the checkpoint nearest to an epoch; the last for None."""
    if epoch is None:
        return len(epochs) - 1
    return min(range(len(epochs)), key=lambda i: abs(epochs[i] - epoch))
