"""One unit at one step: its numbers in the cell's formulas."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.gates.choice import Choice
from pages.gates.views import Look
from pages.shared.controls import Bound
from pages.shared.i18n import _, plain
from playground.cells import HIDDEN
from playground.figures.equations import step_numbers
from playground.figures.scales import scale_of
from playground.figures.sentence import colours, short
from playground.format import fixed, number


def coloured(look: Look, choice: Choice) -> dict[str, Any]:
    """The sentence in the colours of the chosen unit's state."""
    state = look.layer(choice).hidden[:, choice.unit]
    scale = scale_of(HIDDEN, state)
    background = colours(state, scale)
    tokens = [
        {"text": token, "known": known, "background": back, "color": front, "value": fixed(value, 4)}
        for token, known, (back, front), value in zip(
            look.trace.tokens, look.trace.known, background, state, strict=True
        )
    ]
    caption = _(
        "The sentence in the colours of unit {unit}'s hidden state: blue −{limit}, white 0, red +{limit}."
    )
    return {"tokens": tokens, "caption": caption.format(unit=choice.unit, limit=number(scale.high))}


def controls(look: Bound[Choice], shown: Look, choice: Choice) -> None:
    """Draw unit and token as fields; clicks and arrow keys do the same."""
    tokens = shown.trace.tokens
    with st.container(horizontal=True, vertical_alignment="bottom"):
        look.number("unit", value=choice.unit, low=0, high=shown.trace.hidden_size - 1, width=140)
        if len(tokens) > 1:
            places = {i: f"{i + 1} {plain(short(token))}" for i, token in enumerate(tokens)}
            look.choice("step", places, widget=st.select_slider, value=choice.step, width="stretch")


def formulas(look: Look, choice: Choice) -> None:
    """What came in, what was kept, what came out."""
    layer = look.layer(choice)
    model = look.run.config.model
    backward = model.bidirectional and choice.direction == 1
    numbers = step_numbers(
        layer, choice.step, choice.unit, nonlinearity=model.nonlinearity, backward=backward
    )
    where = _("Unit {unit} at token {n} “{token}”: ").format(
        unit=choice.unit, n=choice.step + 1, token=short(look.trace.tokens[choice.step])
    )
    st.text(
        where
        + _(layer.spec.story).format(
            came_in=fixed(numbers.came_in, 3, plus=True),
            kept=fixed(numbers.kept, 3, plus=True),
            came_out=fixed(numbers.came_out, 3, plus=True),
            memory=fixed(numbers.came_in + numbers.kept, 3, plus=True),
        )
    )
    # formula and numbers on lines of their own: a phone is narrow
    lines = r" \\[4pt] ".join(
        line.replace(" = ", " &= ", 1).replace(" = ", r" \\ &= ", 1) for line in numbers.lines
    )
    st.latex(rf"\begin{{aligned}} {lines} \end{{aligned}}")
    note = layer.spec.note
    if note is not None:
        st.caption(_(note))
    if backward:
        st.caption(_("This direction reads from the end: the step before is the one at t+1."))
    elif note is None:
        st.caption(_("PyTorch's formulas; they are the book's, with b for the sum of PyTorch's two biases."))
