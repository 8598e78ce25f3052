"""A toy text of 35 tokens cut into minibatches, one after the other."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.shared import query
from pages.shared.i18n import _, plain, setting_label
from pages.shared.state import put, settle
from playground.figures.partition import minibatch_figure, text_figure
from playground.lesson_settings import PartitionConfig
from playground.records import Partition
from playground.settings import bounds_of
from playground.text.partition import TOY, partition

USUAL = PartitionConfig()


def lesson() -> None:
    """What a network reads at each step, and what its state knows."""
    st.markdown(
        _(
            "A long text does not fit into one step. It is cut into **minibatches**: rows that are "
            "read side by side, a few "
            "tokens at a time. Here is a text of {n} tokens, which are their own places, 0 to {last}. "
            "The very rule that cuts "
            "the texts on the Train page cuts it."
        ).format(n=TOY, last=TOY - 1)
    )
    now = query.settings(PartitionConfig)
    _controls(now)
    cut = partition(TOY, now)
    at = _minibatch(len(cut.starts))
    inputs = ", ".join(map(_span, cut.inputs(at)))
    st.plotly_chart(
        text_figure(cut, at, _),
        key="partition_text",
        width="stretch",
        config={"displayModeBar": False},
        alt=_(
            "Blocks: the text, token by token, with the minibatch and row of each piece. Minibatch "
            "{n} reads {inputs}."
        ).format(n=at + 1, inputs=inputs),
    )
    st.caption(
        _(
            "Above each piece: minibatch · row. The frame is minibatch {n}. Dotted: tokens that are "
            "no input in this epoch ({left_out}). "
            "Offset {offset}: the text is cut from token {offset} on, and every epoch draws another "
            "offset, so that the cuts move."
        ).format(n=at + 1, left_out=", ".join(map(_span, cut.left_out)), offset=cut.offset)
    )
    st.plotly_chart(
        minibatch_figure(cut, at, _),
        key="partition_minibatch",
        width="stretch",
        config={"displayModeBar": False},
        alt=_("Blocks: rows of minibatch {n} read {inputs} and have to predict {targets}. {state}").format(
            n=at + 1, inputs=inputs, targets=", ".join(map(_span, cut.targets(at))), state=_state(cut, at)
        ),
    )
    st.markdown(_("The targets are the inputs one token later.") + " " + _state(cut, at))
    settle("partition_minibatch_at", "partition_batch_size", "partition_num_steps", "partition_deal")


def _controls(now: PartitionConfig) -> None:
    with st.container(horizontal=True):
        _choice(
            "sampling",
            {"sequential": _("sequential"), "random": _("random")},
            now.sampling,
            help=_("Sequential: each row goes on where it stood. Random: the pieces are dealt in any order."),
        )
        _choice(
            "state",
            {"carried": _("carried"), "reset": _("reset to 0")},
            now.state,
            disabled=now.sampling == "random",
            help=_(
                "The Train page carries it between sequential minibatches. Between random ones it is "
                "always reset."
            ),
        )
    columns = st.columns(3)
    with columns[0]:
        _slider("batch_size", now.batch_size, help=_("Rows that are read side by side."))
    with columns[1]:
        _slider("num_steps", now.num_steps, help=_("Tokens of each row in one minibatch."))
    with columns[2]:
        _slider(
            "deal", now.deal, help=_("Each epoch draws its own offset, and random sampling its own order.")
        )


def _choice(name: str, labels: dict[str, str], value: str, **options: Any) -> None:
    put(f"partition_{name}", value, *labels.values())
    st.segmented_control(
        setting_label(name),
        list(labels),
        required=True,
        format_func=labels.__getitem__,
        key=f"partition_{name}",
        on_change=_changed(name),
        **options,
    )


def _slider(name: str, value: int, **options: Any) -> None:
    low, high = bounds_of(PartitionConfig.model_fields[name])
    put(f"partition_{name}", value)
    st.slider(
        setting_label(name),
        int(low or 0),
        int(high or 0),
        key=f"partition_{name}",
        on_change=_changed(name),
        **options,
    )


def _changed(name: str) -> Any:
    return lambda: query.keep(name, st.session_state[f"partition_{name}"], getattr(USUAL, name))


def _minibatch(count: int) -> int:
    """Draw the slider over the minibatches; the place of the one on show, from 0."""
    asked = query.given("minibatch", "1")
    at = int(asked) if asked.isdecimal() and len(asked) < 4 else 0
    if not 1 <= at <= count:
        told = _("There is no minibatch {n} in this epoch, which has {count}; here is the nearest.")
        st.warning(plain(told.format(n=repr(asked[:20]), count=count)))
        at = max(1, min(at, count))
    if count > 1:
        put("partition_minibatch_at", at, str(count))
        st.slider(
            _("Minibatch"),
            1,
            count,
            key="partition_minibatch_at",
            on_change=lambda: query.keep("minibatch", st.session_state.partition_minibatch_at, 1),
            help=_("Step through the epoch."),
        )
    return at - 1


def _state(cut: Partition, at: int) -> str:
    """What the rows' states know when the minibatch begins."""
    if at == 0:
        return _("Every epoch begins with a state of zeros.")
    if cut.sampling == "random":
        return _("These pieces do not go on from those before, so every state begins at zero.")
    if cut.carries_state:
        return _(
            "Every row goes on with the state that it ended with, which has read {n} tokens by now. "
            "Only the values are "
            "carried: the state is detached, and no gradient flows back into the minibatch before."
        ).format(n=cut.known_before(at))
    return _(
        "Every row goes on where it stood, but its state begins at zero: what it has read before is "
        "forgotten."
    )


def _span(tokens: range) -> str:
    """`7–11`, or `17` alone."""
    return f"{tokens[0]}–{tokens[-1]}" if len(tokens) > 1 else str(tokens[0])
