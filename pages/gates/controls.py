"""Where to look: run, sentence, view, layer, gate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

from pages.gates.choice import Choice, choose, chosen, quantities, views
from pages.shared.checkpoints import label, nearest, require
from pages.shared.i18n import _
from pages.shared.run_labels import run_label
from pages.shared.state import put, run_manager
from playground.figures.scales import name_of
from playground.models.gate_statistics import UNIT_ORDERS
from playground.records import CheckpointRecord, RunRecord
from playground.services.gates import MAX_TOKENS

T = TypeVar("T")


def sentence(default: str) -> str:
    """What is read; one that cannot be read stays in the field."""
    text = chosen().text
    put("lens_text", default if text is None else text)
    return st.text_input(
        _("Sentence"),
        key="lens_text",
        on_change=lambda: choose(text=st.session_state.lens_text),
        max_chars=10 * MAX_TOKENS,
        help=_("What the network reads, at most {n} tokens. Press Enter.").format(n=MAX_TOKENS),
    )


def where(run: RunRecord, choice: Choice) -> None:
    """View, order of units, layer, direction, gate; what has only one answer is not asked."""
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
        _pick("view", _("View"), views(run), choice.view, labels.__getitem__)
        if choice.view != "memory":
            _pick(
                "order",
                _("Units in order of"),
                UNIT_ORDERS,
                choice.order,
                orders.__getitem__,
                help=_(
                    "Of the chosen gate over the sentence, the largest on top; similarity puts units "
                    "that move together side by side."
                ),
            )
    with st.container(horizontal=True):
        if model.num_layers > 1:
            _pick("layer", _("Layer"), range(model.num_layers), choice.layer, lambda i: str(i + 1))
        if model.bidirectional:
            ways = (_("forward") + " →", "← " + _("backward"))
            _pick("direction", _("Direction"), (0, 1), choice.direction, ways.__getitem__)
        shown = quantities(run)
        _pick("gate", _("Gate or state"), tuple(shown), choice.gate, lambda name: name_of(shown[name], _))


def other(run: RunRecord, choice: Choice) -> tuple[RunRecord, CheckpointRecord]:
    """The second look of a comparison; usually the same run before it learnt anything.

    Raises:
        StoreError: The other run has gone.
    """
    by_id = {one.id: one for one in run_manager().store.with_weights()}
    second = by_id.get(choice.other_run or "", run)
    checkpoints = require(second)
    epochs = [one.epoch for one in checkpoints]
    at = 0 if choice.other_epoch is None else nearest(epochs, choice.other_epoch)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        put("lens_other", second.id, *map(run_label, by_id.values()))
        st.selectbox(
            _("Compare with"),
            list(by_id),
            key="lens_other",
            width="stretch",
            format_func=lambda one: run_label(by_id[one]) if one in by_id else one,
            on_change=lambda: _chosen("lens_other", second.id, "other_run", other_epoch=None),
        )
        if len(epochs) > 1:
            put("lens_other_epoch", at, *(label(epochs, i, second) for i in range(len(epochs))))
            st.select_slider(
                _("at"),
                range(len(epochs)),
                key="lens_other_epoch",
                width="stretch",
                format_func=lambda i: label(epochs, i, second),
                on_change=lambda: _chosen("lens_other_epoch", at, "other_epoch", epochs),
            )
    return second, checkpoints[at]


def _pick(
    name: str, label: str, options: Sequence[T], now: T, shown: Callable[[T], str], help: str | None = None
) -> None:
    """A choice of few, kept under its name in the look."""
    key = f"lens_{name}"
    put(key, now, *map(shown, options))
    st.pills(  # they wrap where a phone is narrow
        label,
        list(options),
        required=True,
        format_func=shown,
        key=key,
        help=help,
        on_change=lambda: _chosen(key, now, name),
    )


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
