"""A toy text of 35 tokens cut into minibatches, one after the other."""

from __future__ import annotations

import streamlit as st

from pages.shared.controls import Bound
from pages.shared.i18n import _, join, sentences
from playground.figures.partition import minibatch_figure, text_figure
from playground.lesson_settings import PartitionConfig, PartitionLook
from playground.records import Partition
from playground.text.partition import TOY, partition


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
    cutting = Bound(PartitionConfig, "partition")
    _controls(cutting)
    cut = partition(TOY, cutting.settings)
    at = _minibatch(len(cut.starts))
    inputs = join(map(_span, cut.inputs(at)))
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
        ).format(n=at + 1, left_out=join(map(_span, cut.left_out)), offset=cut.offset)
    )
    st.plotly_chart(
        minibatch_figure(cut, at, _),
        key="partition_minibatch",
        width="stretch",
        config={"displayModeBar": False},
        alt=_("Blocks: rows of minibatch {n} read {inputs} and have to predict {targets}. {state}").format(
            n=at + 1, inputs=inputs, targets=join(map(_span, cut.targets(at))), state=_state(cut, at)
        ),
    )
    st.markdown(sentences(_("The targets are the inputs one token later."), _state(cut, at)))


def _controls(cutting: Bound[PartitionConfig]) -> None:
    with st.container(horizontal=True):
        cutting.choice("sampling")
        cutting.choice("state", disabled=cutting.settings.sampling == "random")
    for column, name in zip(st.columns(3), ("batch_size", "num_steps", "epoch"), strict=True):
        with column:
            cutting.slider(name)


def _minibatch(count: int) -> int:
    """Draw the slider over the minibatches; the place of the one on show, from 0."""
    look = Bound(PartitionLook, "partition_look")
    asked = look.settings.minibatch
    if asked > count:
        told = _("There is no minibatch {n} in this epoch, which has {count}; here is the nearest.")
        st.warning(told.format(n=asked, count=count))
    at = min(asked, count)
    if count > 1:
        look.slider("minibatch", value=at, high=count, key="partition_minibatch_at")
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
            "carried: the state is detached, and no gradient flows back into the minibatch before. That is "
            "the **truncation** of backpropagation through time."
        ).format(n=cut.known_before(at))
    return _(
        "Every row goes on where it stood, but its state begins at zero: what it has read before is "
        "forgotten."
    )


def _span(tokens: range) -> str:
    """`7–11`, or `17` alone."""
    return f"{tokens[0]}–{tokens[-1]}" if len(tokens) > 1 else str(tokens[0])
