"""What the lens says in sentences: what a gate does, and what it does here."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages.gates.choice import Choice
from pages.gates.views import Look
from pages.shared.i18n import _, plain
from playground.errors import gettext_noop
from playground.figures.sentence import short
from playground.models.gate_statistics import contrast, memory_lengths, strip
from playground.records import KEEPERS, SIGMOIDS

MEANINGS = {
    "i": gettext_noop(
        "The input gate decides whether the new value enters the memory: at 0 nothing is written, at "
        "1 all of it."
    ),
    "f": gettext_noop(
        "The forget gate shrinks the memory towards 0: at 1 everything is kept, at 0 it is wiped."
    ),
    "g": gettext_noop("The candidate is the new value that could be written into the memory."),
    "o": gettext_noop("The output gate decides whether the memory shows: at 0 the hidden state is silent."),
    "c": gettext_noop(
        "The cell state is the memory itself; only the forget gate and the input gate change it."
    ),
    "tanh c": gettext_noop("The memory as the output gate sees it, squashed between −1 and 1."),
    "r": gettext_noop(
        "The reset gate at 0 throws the past away when the candidate is made; at 1 it uses all of it."
    ),
    "z": gettext_noop(
        "The update gate at 1 keeps the old state and ignores the new input; at 0 the candidate takes "
        "its place."
    ),
    "n": gettext_noop("The candidate is the new state that could take the place of the old one."),
    "a": gettext_noop(
        "The pre-activation is what a plain RNN squashes: the token's part plus the state's part."
    ),
    "h": gettext_noop(
        "The hidden state is what the cell shows to the next layer and hands on to the next step."
    ),
}


def plain_rnn() -> None:
    """Of a cell without gates."""
    st.info(
        _(
            "A plain RNN has no gates: every step overwrites the whole state. Train a GRU or an LSTM "
            "to see gates."
        )
    )


def unknown(look: Look) -> None:
    """Tokens that the network cannot read."""
    unknown_tokens = [
        (i, t)
        for i, (t, known) in enumerate(zip(look.trace.tokens, look.trace.known, strict=True), 1)
        if not known
    ]
    if unknown_tokens:
        listed = ", ".join(f"“{short(token)}” ({i})" for i, token in unknown_tokens[:12]) + (
            " …" if len(unknown_tokens) > 12 else ""
        )
        st.text(
            _("<unk>: the network never saw {tokens}, struck through below, and reads each as <unk>.").format(
                tokens=listed
            )
        )


def gate(look: Look, choice: Choice) -> None:
    """What the chosen gate is for, and what this one does at spaces."""
    text = _(MEANINGS[choice.gate])
    found = contrast(look.trace, look.layer(choice).shown[choice.gate])
    if found is not None and choice.gate in SIGMOIDS:
        text += " " + _(
            "Here {name} is {spaces} at spaces and {others} at other tokens, on average over all units."
        ).format(name=choice.gate, spaces=f"{found.spaces:.2f}", others=f"{found.others:.2f}")
    if choice.gate in SIGMOIDS:
        means = strip(look.layer(choice).shown[choice.gate]).mean
        low, high = int(means.argmin()), int(means.argmax())
        text += " " + _("Lowest at token {low}, {low_value}; highest at token {high}, {high_value}.").format(
            low=_token(look, low),
            low_value=f"{means[low]:.2f}",
            high=_token(look, high),
            high_value=f"{means[high]:.2f}",
        )
    st.caption(plain(text))


def memory(look: Look, choice: Choice) -> None:
    """How memory length is computed, and who remembers longest."""
    layer = look.layer(choice)
    lengths = memory_lengths(layer)
    if lengths is None:
        return
    best = np.argsort(-lengths, kind="stable")[:5]
    listed = ", ".join(
        f"{unit} ({'∞' if np.isinf(lengths[unit]) else f'{lengths[unit]:.1f}'})" for unit in best
    )
    st.caption(
        _(
            "Each dot is a unit; at the top left a gate is mostly open, at the bottom right mostly "
            "shut. Memory length is "
            "1 / (1 − mean {gate}), in tokens. The longest have units {units}. Click a dot to see its lines."
        ).format(gate=KEEPERS[layer.cell], units=listed)
    )


def _token(look: Look, at: int) -> str:
    return f"{at + 1} “{short(look.trace.tokens[at])}”"
