"""Where to look: run, sentence, view, layer, gate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

from pages.ui import runs
from pages.ui.i18n import _, explain, status_label
from pages.ui.lens import moments
from pages.ui.lens.choice import VIEWS, Choice, choose, chosen, nearest, quantities
from pages.ui.state import close_run, open_run, opened_or_none, opened_run, put, run_manager
from playground.errors import RunNotFound
from playground.figures.scales import name_of
from playground.gate_statistics import UNIT_ORDERS
from playground.records import CheckpointRecord, RunRecord, perplexity
from playground.runs.lens import MAX_CHARACTERS, MAX_TOKENS
from playground.runs.manager import default_name

WAIT_SECONDS = 2.0
T = TypeVar("T")


def pick_run(offered: Sequence[RunRecord]) -> RunRecord | None:
    """The run that is looked at; the newest when the link names none.

    Args:
        offered: Runs with weights, newest first, at least one.

    Returns:
        None when the link names a run without weights, which is said: nobody is shown another's.
    """
    by_id = {run.id: run for run in offered}
    try:
        linked = opened_run()
    except RunNotFound as error:
        st.warning(explain(error))
        close_run()
        linked = None
    now = linked.id if linked else offered[0].id
    put("lens_run", now if now in by_id else None, *map(run_label, by_id.values()))
    st.selectbox(
        _("Run"), list(by_id), format_func=lambda one: run_label(by_id[one]) if one in by_id else one,
        key="lens_run", on_change=_open_picked, placeholder=_("Choose a run"),
    )  # fmt: skip
    if linked is not None and now not in by_id:
        st.info(
            _(
                "The run you opened has no weights yet; they come when it starts to train. Its status: {status}."
            ).format(status=status_label(linked.status))
        )
        return None
    open_run(now)
    return by_id[now]


def wait() -> None:
    """Draw the page anew as soon as the opened run, or any when none is opened, has weights."""
    linked = opened_or_none()
    if any(linked is None or run.id == linked.id for run in run_manager().store.with_weights()):
        st.rerun()


def _open_picked() -> None:
    if st.session_state.lens_run:
        open_run(st.session_state.lens_run)


def run_label(run: RunRecord) -> str:
    """What tells a run from the others, the most telling first."""
    named = [] if run.name == default_name(run.config) else [run.name]
    learnt = [] if run.train_loss is None else [_("perplexity") + f" {perplexity(run.train_loss):.3g}"]
    what, *rest = runs.describe(run.config).split(" · ")
    return " · ".join([*named, what, runs.when(run.created_at), status_label(run.status), *learnt, *rest])


def sentence(default: str) -> str:
    """What is read; one that cannot be read stays in the field."""
    text = chosen().text
    put("lens_text", default if text is None else text)
    return st.text_input(
        _("Sentence"), key="lens_text", on_change=lambda: choose(text=st.session_state.lens_text),
        max_chars=MAX_CHARACTERS, help=_("What the network reads, at most {n} tokens. Press Enter.").format(n=MAX_TOKENS),
    )  # fmt: skip


def where(run: RunRecord, choice: Choice) -> None:
    """View, order of units, layer, direction, gate; what has only one answer is not asked."""
    model = run.config.model
    labels = {
        "heatmap": _("Heatmap"), "all": _("All gates"), "memory": _("Saturation and memory"), "compare": _("Compare"),
    }  # fmt: skip
    orders = {
        "index": _("number"),
        "mean": _("mean"),
        "variance": _("variance"),
        "similarity": _("similarity"),
    }
    with st.container(horizontal=True):
        views = [one for one in VIEWS if one != "memory" or model.cell != "rnn"]
        _pick("view", _("View"), views, choice.view, labels.__getitem__)
        if choice.view != "memory":
            _pick(
                "order", _("Units in order of"), UNIT_ORDERS, choice.order, orders.__getitem__,
                help=_("Of the chosen gate over the sentence, the largest on top; similarity puts units that move together side by side."),
            )  # fmt: skip
    with st.container(horizontal=True):
        if model.num_layers > 1:
            _pick("layer", _("Layer"), range(model.num_layers), choice.layer, lambda i: str(i + 1))
        if model.bidirectional:
            ways = (_("forward") + " →", "← " + _("backward"))
            _pick("direction", _("Direction"), (0, 1), choice.direction, ways.__getitem__)
        _pick("gate", _("Gate or state"), quantities(run), choice.gate, lambda one: name_of(one, _))


def other(run: RunRecord, choice: Choice) -> tuple[RunRecord, CheckpointRecord]:
    """The second look of a comparison; usually the same run before it learnt anything.

    Raises:
        StoreError: The other run has gone.
    """
    by_id = {one.id: one for one in run_manager().store.with_weights()}
    second = by_id.get(choice.other_run or "", run)
    checkpoints = moments.require(second)
    epochs = [one.epoch for one in checkpoints]
    at = 0 if choice.other_epoch is None else nearest(epochs, choice.other_epoch)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        put("lens_other", second.id, *map(run_label, by_id.values()))
        st.selectbox(
            _("Compare with"), list(by_id), key="lens_other", width="stretch",
            format_func=lambda one: run_label(by_id[one]) if one in by_id else one,
            on_change=lambda: _chosen("lens_other", second.id, "other_run", other_epoch=None),
        )  # fmt: skip
        if len(epochs) > 1:
            put("lens_other_epoch", at, *(moments.label(epochs, i, second) for i in range(len(epochs))))
            st.select_slider(
                _("at"), range(len(epochs)), key="lens_other_epoch", width="stretch",
                format_func=lambda i: moments.label(epochs, i, second),
                on_change=lambda: _chosen("lens_other_epoch", at, "other_epoch", epochs),
            )  # fmt: skip
    return second, checkpoints[at]


def _pick(
    name: str, label: str, options: Sequence[T], now: T, shown: Callable[[T], str], help: str | None = None
) -> None:
    """A choice of few, kept under its name in the look."""
    key = f"lens_{name}"
    put(key, now, *map(shown, options))
    st.pills(  # they wrap where a phone is narrow
        label, list(options), required=True, format_func=shown, key=key, help=help,
        on_change=lambda: _chosen(key, now, name),
    )  # fmt: skip


def _chosen(
    key: str, shown: object, name: str, values: Sequence[float] | None = None, **more: object
) -> None:
    """Take a widget's news into the look.

    A widget that was drawn anew while a click interrupted the page reports its default, or what it
    shows already: that is nobody's choice.
    """
    value = st.session_state[key]
    if value is not None and value != shown:
        choose(**{name: value if values is None else values[value]}, **more)
