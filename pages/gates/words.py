"""What the lens says in sentences: what a gate does, and what it does here."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages.gates.choice import Choice
from pages.gates.views import Look
from pages.shared.i18n import _, join, plain, sentences, with_aside
from playground.cells import CELLS
from playground.figures.sentence import short
from playground.format import fixed
from playground.models.gate_statistics import contrast, memory_lengths, strip
from playground.records import RunRecord


def notice(run: RunRecord) -> None:
    """What has to be known of a cell first: the plain RNN has no gates."""
    sentence = CELLS[run.config.model.cell].notice
    if sentence is not None:
        st.info(_(sentence))


def unknown(look: Look) -> None:
    """Tokens that the network cannot read."""
    unread = [
        (i, t)
        for i, (t, known) in enumerate(zip(look.trace.tokens, look.trace.known, strict=True), 1)
        if not known
    ]
    if unread:
        listed = join(with_aside(f"“{short(token)}”", i) for i, token in unread[:12]) + (
            " …" if len(unread) > 12 else ""
        )
        st.text(
            _(
                "<unk>: the network does not know {tokens}, struck through below, and reads each as <unk>."
            ).format(tokens=listed)
        )


def gate(look: Look, choice: Choice) -> None:
    """What the chosen gate is for, and what this one does at spaces."""
    if choice.order == "follows" and not look.named(choice):
        st.caption(
            _(
                "What units follow at this moment is not known yet: open Cells. Until then they stand by similarity."
            )
        )
    layer = look.layer(choice)
    quantity, values = layer.spec.quantities[choice.gate], layer.shown[choice.gate]
    text = _(quantity.meaning)
    means_at = contrast(look.trace, values)
    if means_at is not None and quantity.is_gate:
        told = _("Here {name} is {spaces} at spaces and {others} at other tokens, on average over all units.")
        spaces, others = fixed(means_at.spaces, 2), fixed(means_at.others, 2)
        text = sentences(text, told.format(name=choice.gate, spaces=spaces, others=others))
    if quantity.is_gate:
        means = strip(values).mean
        low, high = int(means.argmin()), int(means.argmax())
        told = _("Lowest at token {low}, {low_value}; highest at token {high}, {high_value}.").format(
            low=_token(look, low),
            low_value=fixed(means[low], 2),
            high=_token(look, high),
            high_value=fixed(means[high], 2),
        )
        text = sentences(text, told)
    st.caption(plain(text))


def memory(look: Look, choice: Choice) -> None:
    """How memory length is computed, and who remembers longest."""
    layer = look.layer(choice)
    lengths = memory_lengths(layer)
    if lengths is None:
        return
    best = np.argsort(-lengths, kind="stable")[:5]
    listed = join(with_aside(str(unit), fixed(lengths[unit], 1)) for unit in best)
    st.caption(
        _(
            "Each dot is a unit; at the top left a gate is mostly open, at the bottom right mostly "
            "shut. Memory length is "
            "1 / (1 − mean {gate}), in tokens. The longest have units {units}. Click a dot to see its lines."
        ).format(gate=layer.spec.keeper, units=listed)
    )


def _token(look: Look, at: int) -> str:
    return f"{at + 1} “{short(look.trace.tokens[at])}”"
