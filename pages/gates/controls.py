"""Where to look: sentence, layer, gate."""

from __future__ import annotations

import streamlit as st

from pages.gates.choice import Choice
from pages.shared import texts
from pages.shared.checkpoints import pick
from pages.shared.controls import Bound
from pages.shared.i18n import _
from pages.shared.run_labels import run_labels
from pages.shared.state import gate_service, runs_here
from playground.cells import CELLS
from playground.figures.scales import name_of
from playground.figures.sentence import least_width
from playground.records import CheckpointRecord, RunRecord
from playground.services.gates import MAX_TOKENS
from playground.text.prepare import cut_sentence, shorten

_PHONE, _DESKTOP = 340, 810
"""Pixels that the figures have on a screen of 390 (348, where a scroll bar takes some) and of 1280."""
_MOST_TELLING = 24
"""Characters of a stretch that may fit a phone."""
_LEAST_TOKENS = 8
"""Of the usual sentence, also where fewer would fit a phone: words are wide."""


def usual_sentence(run: RunRecord) -> str:
    """A stretch of the run's text with what units may follow, a quote, a line's end, a long word; where there is none,
    its beginning. As much as fits a phone without scrolling, or a few words.
    """
    may_read = runs_here().texts.is_offered(run.config.corpus.corpus)
    for most in range(_MOST_TELLING, _LEAST_TOKENS, -1):
        stretch = gate_service().telling_sentence(run, most, may_read=may_read)
        if stretch and least_width(cut_sentence(stretch, run.config.corpus)) <= _PHONE:
            return stretch
    text = texts.usual_sentence(run)
    for most in range(len(text), 0, -1):
        shorter = shorten(text, most).strip()
        tokens = cut_sentence(shorter, run.config.corpus)
        if tokens and least_width(tokens) <= (_DESKTOP if len(tokens) <= _LEAST_TOKENS else _PHONE):
            return shorter
    return text


def sentence(look: Bound[Choice], run: RunRecord) -> str:
    """Draw what is read; one that cannot be read stays in the field."""
    usual = usual_sentence(run)
    told = _("What the network reads, at most {n} tokens. Press Ctrl+Enter.").format(n=MAX_TOKENS)
    return look.text("text", usual, max_chars=10 * MAX_TOKENS, help=told)


def where(look: Bound[Choice], run: RunRecord, choice: Choice) -> None:
    """Draw order of units, layer, direction, gate; what has only one answer is not asked.

    Args:
        look: The settings that the controls move.
        run: The run that is looked at.
        choice: Them as they fit the run.
    """
    if choice.view != "memory":
        look.choice("order", widget=st.pills)
    with st.container(horizontal=True):
        place(look, run, choice)
        if choice.view != "memory":  # it shows every gate
            spec = CELLS[run.config.model.cell]
            names = {name: name_of(quantity, _) for name, quantity in spec.quantities.items()}
            look.choice("gate", names, widget=st.pills, value=choice.gate)


def place(look: Bound[Choice], run: RunRecord, choice: Choice) -> None:
    """Draw layer and direction, where there are several."""
    model = run.config.model
    if model.num_layers > 1:
        layers = {layer: str(layer + 1) for layer in range(model.num_layers)}
        look.choice("layer", layers, widget=st.pills, value=choice.layer)
    if model.bidirectional:
        ways = {0: _("forward") + " →", 1: "← " + _("backward")}
        look.choice("direction", ways, widget=st.pills, value=choice.direction)


def other(look: Bound[Choice], run: RunRecord) -> tuple[RunRecord, CheckpointRecord]:
    """Draw the second look of a comparison: at first the same run before it learnt anything, of another
    run what it knows now.

    Raises:
        StoreError: The other run has gone.
    """
    by_id = {record.id: record for record in runs_here().with_weights()}
    second = by_id.get(look.settings.other_run or "", run)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        look.choice(
            "other_run",
            run_labels(by_id.values()),
            widget=st.selectbox,
            value=second.id,
            key="lens_other",
            width="stretch",
            drops=("other_epoch",),
        )
        usual = 0 if second.id == run.id else -1
        checkpoint = pick(second, look, "other_epoch", usual=usual, key="lens_other_epoch", width="stretch")
    return second, checkpoint
