"""The moment of training: a slider from epoch 0 to now, Play, and Follow while a run trains."""

from __future__ import annotations

import time
from collections.abc import Sequence

import streamlit as st

from pages.gates.choice import Choice
from pages.shared.address import put
from pages.shared.checkpoints import moment_name, nearest, pick, require
from pages.shared.controls import Bound
from pages.shared.i18n import _
from pages.shared.state import runs_here
from playground.records import CheckpointRecord, RunRecord
from playground.runs.active import CHECKPOINT_SECONDS

PLAY_SECONDS = 0.8


def moment(look: Bound[Choice], run: RunRecord) -> CheckpointRecord:
    """Draw the slider; return the checkpoint it stands at.

    Raises:
        StoreError: The run has no weights.
    """
    epochs = [checkpoint.epoch for checkpoint in require(run)]
    at = nearest(epochs, look.settings.epoch)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        checkpoint = pick(run, look, width="stretch", then=_moved)
        playing = st.session_state.get("lens_playing", False)
        st.button(
            _("Stop") if playing else _("Play"),
            key="lens_play",
            on_click=_play,
            args=(look, epochs, at),
            icon=":material/stop:" if playing else ":material/play_arrow:",
            disabled=len(epochs) < 2,
        )
        if run.status.is_active:
            put("lens_follow", st.session_state.get("lens_follows", False) and look.settings.epoch is None)
            st.toggle(
                _("Follow"),
                key="lens_follow",
                on_change=_follow,
                args=(look,),
                help=_("Show the newest weights while the run trains."),
            )
    if len(epochs) == 1:
        st.caption(
            _("Only {moment} so far; more moments come as the run trains.").format(
                moment=moment_name(epochs[0])
            )
        )
    return checkpoint


def pace(look: Bound[Choice], run: RunRecord) -> float | None:
    """Seconds between two reruns of the lens by itself; None when it stands still."""
    if st.session_state.get("lens_playing"):
        return PLAY_SECONDS
    return CHECKPOINT_SECONDS if _follows(look, run) else None


def advance(look: Bound[Choice], run: RunRecord) -> None:
    """The next moment when it is played; newer weights when it is followed."""
    if _follows(look, run):
        runs_here().request_checkpoint(run.id)
    if not st.session_state.get("lens_playing"):
        return
    epochs = [checkpoint.epoch for checkpoint in require(run)]
    ticked_at = time.monotonic()
    if ticked_at - st.session_state.lens_played_at >= 0.8 * PLAY_SECONDS:  # a click in between is no tick
        st.session_state.lens_played_at = ticked_at
        at = nearest(epochs, look.settings.epoch) + 1
        look.set(epoch=None if at >= len(epochs) - 1 else epochs[at])
        st.session_state.lens_playing = at < len(epochs) - 1


def stop() -> None:
    """Neither play nor follow any more."""
    st.session_state.lens_playing = st.session_state.lens_follows = False


def _follows(look: Bound[Choice], run: RunRecord) -> bool:
    return (
        run.status.is_active and st.session_state.get("lens_follows", False) and look.settings.epoch is None
    )


def _moved(_epoch: float | None) -> dict[str, object]:
    """A hand on the slider stops what moves by itself."""
    stop()
    return {}


def _play(look: Bound[Choice], epochs: Sequence[float], at: int) -> None:
    starts = not st.session_state.get("lens_playing", False)
    stop()
    st.session_state.lens_playing = starts
    st.session_state.lens_played_at = time.monotonic()
    if starts and at == len(epochs) - 1:
        look.set(epoch=epochs[0])


def _follow(look: Bound[Choice]) -> None:
    st.session_state.lens_playing = False
    st.session_state.lens_follows = st.session_state.lens_follow
    if st.session_state.lens_follow:
        look.set(epoch=None)
