"""The moment of training: a slider from epoch 0 to now, Play, and Follow while a run trains."""

from __future__ import annotations

import time
from collections.abc import Sequence

import streamlit as st

from pages.gates.choice import Choice, choose, chosen
from pages.shared.checkpoints import label, nearest, require, written
from pages.shared.i18n import _
from pages.shared.state import put, run_manager
from playground.records import CheckpointRecord, RunRecord
from playground.runs.active import CHECKPOINT_SECONDS

PLAY_SECONDS = 0.8


def moment(run: RunRecord, choice: Choice) -> CheckpointRecord:
    """Draw the slider; return the checkpoint it stands at.

    Raises:
        StoreError: The run has no weights.
    """
    checkpoints = require(run)
    epochs = [one.epoch for one in checkpoints]
    at = nearest(epochs, choice.epoch)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(epochs) > 1:
            put("lens_epoch", at, *(label(epochs, i, run) for i in range(len(epochs))))
            st.select_slider(
                _("Moment of training"),
                range(len(epochs)),
                key="lens_epoch",
                width="stretch",
                format_func=lambda i: label(epochs, i, run),
                on_change=lambda: _move(epochs, st.session_state.lens_epoch),
                help=_("The weights as they were then. Epoch 0 is before the first step."),
            )
        playing = st.session_state.get("lens_playing", False)
        st.button(
            _("Stop") if playing else _("Play"),
            key="lens_play",
            on_click=_play,
            args=(epochs, at),
            icon=":material/stop:" if playing else ":material/play_arrow:",
            disabled=len(epochs) < 2,
        )
        if run.status.is_active:
            put("lens_follow", st.session_state.get("lens_follows", False) and choice.epoch is None)
            st.toggle(
                _("Follow"),
                key="lens_follow",
                on_change=_follow,
                help=_("Show the newest weights while the run trains."),
            )
    if len(epochs) == 1:
        st.caption(
            _("Only epoch {n} so far; more moments come as the run trains.").format(n=written(epochs[0]))
        )
    return checkpoints[at]


def pace(run: RunRecord) -> float | None:
    """Seconds between two reruns of the lens by itself; None when it stands still."""
    if st.session_state.get("lens_playing"):
        return PLAY_SECONDS
    return CHECKPOINT_SECONDS if _follows(run) else None


def advance(run: RunRecord) -> None:
    """The next moment when it is played; newer weights when it is followed."""
    if _follows(run):
        run_manager().request_checkpoint(run.id)
    if not st.session_state.get("lens_playing"):
        return
    epochs = [one.epoch for one in require(run)]
    now = time.monotonic()
    if now - st.session_state.lens_played_at >= 0.8 * PLAY_SECONDS:  # a click in between is no tick
        st.session_state.lens_played_at = now
        at = nearest(epochs, chosen().epoch) + 1
        choose(epoch=None if at >= len(epochs) - 1 else epochs[at])
        st.session_state.lens_playing = at < len(epochs) - 1


def stop() -> None:
    """Neither play nor follow any more."""
    st.session_state.lens_playing = st.session_state.lens_follows = False


def _follows(run: RunRecord) -> bool:
    return run.status.is_active and st.session_state.get("lens_follows", False) and chosen().epoch is None


def _move(epochs: Sequence[float], i: int) -> None:
    stop()
    choose(epoch=None if i == len(epochs) - 1 else epochs[i])


def _play(epochs: Sequence[float], at: int) -> None:
    starts = not st.session_state.get("lens_playing", False)
    stop()
    st.session_state.lens_playing = starts
    st.session_state.lens_played_at = time.monotonic()
    if starts and at == len(epochs) - 1:
        choose(epoch=epochs[0])


def _follow() -> None:
    st.session_state.lens_playing = False
    st.session_state.lens_follows = st.session_state.lens_follow
    if st.session_state.lens_follow:
        choose(epoch=None)
