"""Where to look: run, sentence, moment of training, layer, gate, unit."""

from __future__ import annotations

import time
from collections.abc import Sequence

import streamlit as st

from pages.ui import runs
from pages.ui.i18n import _, status_label
from pages.ui.lens.choice import VIEWS, Choice, choose, chosen, nearest, quantities
from pages.ui.state import open_run, opened_or_none, run_manager
from playground.figures.scales import name_of
from playground.gate_statistics import UNIT_ORDERS
from playground.records import CheckpointRecord, RunRecord
from playground.runs.lens import MAX_TOKENS
from playground.runs.manager import FOLLOW_SECONDS

PLAY_SECONDS = 0.8


def pick_run(offered: Sequence[RunRecord]) -> RunRecord:
    """The run that is looked at; the newest when the link names none."""
    by_id = {run.id: run for run in offered}
    linked = opened_or_none()
    now = linked.id if linked and linked.id in by_id else offered[0].id
    st.session_state.lens_run = now
    open_run(now)
    st.selectbox(
        _("Run"), list(by_id), format_func=lambda one: run_label(by_id[one]) if one in by_id else one,
        key="lens_run", on_change=lambda: open_run(st.session_state.lens_run),
    )  # fmt: skip
    return by_id[now]


def run_label(run: RunRecord) -> str:
    """Name, set-up and status in a line."""
    return f"{run.name} · {runs.describe(run.config)} · {status_label(run.status)}"


def sentence(default: str) -> str:
    """What is read; empty takes nothing away, it is told."""
    text = chosen().text
    st.session_state.lens_text = default if text is None else text
    return st.text_input(
        _("Sentence"), key="lens_text", on_change=lambda: choose(text=st.session_state.lens_text),
        help=_("What the network reads, at most {n} tokens. Press Enter.").format(n=MAX_TOKENS),
    )  # fmt: skip


def moment(run: RunRecord, checkpoints: Sequence[CheckpointRecord], choice: Choice) -> CheckpointRecord:
    """Slider over training, Play, and Follow while the run trains."""
    epochs = [one.epoch for one in checkpoints]
    at = nearest(epochs, choice.epoch)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(checkpoints) > 1:
            st.session_state.lens_epoch = at
            st.select_slider(
                _("Moment of training"), range(len(checkpoints)), key="lens_epoch", width="stretch",
                format_func=lambda i: _moment_label(epochs, i, run),
                on_change=lambda: _move(epochs, st.session_state.lens_epoch),
                help=_("The weights as they were then. Epoch 0 is before the first step."),
            )  # fmt: skip
        playing = st.session_state.get("lens_playing", False)
        st.button(
            _("Stop") if playing else _("Play"), key="lens_play", icon=":material/stop:" if playing else ":material/play_arrow:",
            on_click=_play, args=(epochs, at), disabled=len(checkpoints) < 2,
        )  # fmt: skip
        if run.status.is_active:
            st.toggle(_("Follow"), key="lens_follow", persist_state="session", on_change=_follow,
                      help=_("Show the newest weights while the run trains."))  # fmt: skip
    if len(checkpoints) == 1:
        st.caption(
            _("Only epoch {n} so far; more moments come as the run trains.").format(n=f"{epochs[0]:g}")
        )
    return checkpoints[at]


def pace(run: RunRecord) -> float | None:
    """Seconds between two reruns of the lens by itself."""
    if st.session_state.get("lens_playing"):
        return PLAY_SECONDS
    return FOLLOW_SECONDS if follows(run) else None


def follows(run: RunRecord) -> bool:
    """The newest weights are wanted as they come."""
    return run.status.is_active and bool(st.session_state.get("lens_follow"))


def advance(run: RunRecord) -> None:
    """The next moment when it is played; newer weights when it is followed."""
    if follows(run):
        run_manager().follow(run.id)
    if not st.session_state.get("lens_playing"):
        return
    epochs = [one.epoch for one in run_manager().store.checkpoints(run.id)]
    now = time.monotonic()
    if now - st.session_state.lens_played_at >= 0.8 * PLAY_SECONDS:
        st.session_state.lens_played_at = now
        at = nearest(epochs, chosen().epoch) + 1
        choose(epoch=None if at >= len(epochs) - 1 else epochs[at])
        st.session_state.lens_playing = at < len(epochs) - 1


def where(run: RunRecord, choice: Choice) -> None:
    """Layer, direction, gate, view and order of units."""
    model = run.config.model
    labels = {
        "heatmap": _("Heatmap"),
        "all": _("All gates"),
        "memory": _("Saturation and memory"),
        "compare": _("Compare"),
    }
    orders = {
        "index": _("number"),
        "mean": _("mean"),
        "variance": _("variance"),
        "similarity": _("similarity"),
    }
    with st.container(horizontal=True):
        views = [one for one in VIEWS if one != "memory" or model.cell != "rnn"]
        _pick("view", _("View"), views, choice.view, labels.__getitem__)
        _pick(
            "order",
            _("Units in order of"),
            UNIT_ORDERS,
            choice.order,
            orders.__getitem__,
            hidden=choice.view == "memory",
        )
    with st.container(horizontal=True):
        _pick(
            "layer",
            _("Layer"),
            range(model.num_layers),
            choice.layer,
            lambda i: str(i + 1),
            hidden=model.num_layers == 1,
        )
        _pick("direction", _("Direction"), (0, 1), choice.direction,
              lambda i: _("backward") if i else _("forward"), hidden=not model.bidirectional)  # fmt: skip
        _pick("gate", _("Gate or state"), quantities(run), choice.gate, lambda one: name_of(one, _))


def other(offered: Sequence[RunRecord], run: RunRecord, choice: Choice) -> tuple[RunRecord, CheckpointRecord]:
    """The second look of a comparison; usually the same run before it learnt anything."""
    by_id = {one.id: one for one in offered}
    second = by_id.get(choice.other_run or "", run)
    epochs = [one.epoch for one in run_manager().store.checkpoints(second.id)]
    at = 0 if choice.other_epoch is None else nearest(epochs, choice.other_epoch)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.session_state.lens_other = second.id
        st.selectbox(
            _("Compare with"), list(by_id), format_func=lambda one: run_label(by_id[one]) if one in by_id else one, key="lens_other",
            on_change=lambda: choose(other_run=st.session_state.lens_other, other_epoch=None), width="stretch",
        )  # fmt: skip
        if len(epochs) > 1:
            st.session_state.lens_other_epoch = at
            st.select_slider(
                _("at"), range(len(epochs)), key="lens_other_epoch", width="stretch",
                format_func=lambda i: _moment_label(epochs, i, second),
                on_change=lambda: choose(other_epoch=epochs[st.session_state.lens_other_epoch]),
            )  # fmt: skip
    return second, run_manager().store.checkpoints(second.id)[at]


def _pick(name, label, options, now, shown, *, hidden=False):  # type: ignore[no-untyped-def]
    """A choice of few; a control that has only one answer is not drawn."""
    if hidden:
        return
    key = f"lens_{name}"
    st.session_state[key] = now
    st.segmented_control(
        label, list(options), required=True, format_func=shown, key=key,
        on_change=lambda: choose(**{name: st.session_state[key]}),
    )  # fmt: skip


def _moment_label(epochs: Sequence[float], i: int, run: RunRecord) -> str:
    if i >= len(epochs):
        return ""
    if i == len(epochs) - 1 and run.status.is_active:
        return _("now")
    return _("epoch {n}").format(n=f"{epochs[i]:.4g}")


def _move(epochs: Sequence[float], i: int) -> None:
    st.session_state.lens_playing = False
    choose(epoch=None if i == len(epochs) - 1 else epochs[i])


def _play(epochs: Sequence[float], at: int) -> None:
    starts = not st.session_state.get("lens_playing", False)
    st.session_state.lens_playing = starts
    st.session_state.lens_played_at = time.monotonic()
    if starts and at == len(epochs) - 1:
        choose(epoch=epochs[0])


def _follow() -> None:
    st.session_state.lens_playing = False
    choose(epoch=None)
