"""One unit at one step: its numbers in the cell's formulas."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.ui.i18n import _
from pages.ui.lens.choice import Choice, choose
from pages.ui.lens.views import Look
from playground.figures.equations import step_numbers
from playground.figures.scales import scale_of
from playground.figures.sentence import colours, visible


def coloured(look: Look, choice: Choice) -> dict[str, Any]:
    """The sentence in the colours of the chosen unit's state."""
    state = look.layer(choice).hidden[:, choice.unit]
    background = colours(state, scale_of("h", state))
    tokens = [
        {"text": token, "known": known, "background": back, "color": front, "value": f"{value:.4f}"}
        for token, known, (back, front), value in zip(
            look.trace.tokens, look.trace.known, background, state, strict=True
        )
    ]
    caption = _("The sentence in the colours of unit {unit}'s hidden state: blue −1, white 0, red +1.")
    return {"tokens": tokens, "caption": caption.format(unit=choice.unit)}


def controls(look: Look, choice: Choice) -> None:
    """Unit and token as fields; clicks and arrow keys do the same."""
    tokens = look.trace.tokens
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.session_state.lens_unit = choice.unit
        st.number_input(
            _("Unit"), 0, look.trace.hidden_size - 1, key="lens_unit", width=140,
            on_change=lambda: choose(unit=st.session_state.lens_unit or 0),
            help=_("Or click a cell of the heatmap."),
        )  # fmt: skip
        if len(tokens) > 1:
            st.session_state.lens_step = choice.step
            st.select_slider(
                _("Token"), range(len(tokens)), key="lens_step", width="stretch",
                format_func=lambda i: f"{i + 1} {visible(tokens[i])}" if i < len(tokens) else "",
                on_change=lambda: choose(step=st.session_state.lens_step),
                help=_("Or click a token, or press ← and →."),
            )  # fmt: skip


def formulas(look: Look, choice: Choice) -> None:
    """What came in, what was kept, what came out."""
    layer = look.layer(choice)
    numbers = step_numbers(layer, choice.step, choice.unit, nonlinearity=look.run.config.model.nonlinearity)
    st.text(
        _("Unit {unit} at token {n} “{token}”: came in {came_in}, kept {kept}, came out {came_out}.").format(
            unit=choice.unit, n=choice.step + 1, token=visible(look.trace.tokens[choice.step]),
            came_in=_number(numbers.came_in), kept=_number(numbers.kept), came_out=_number(numbers.came_out),
        )
    )  # fmt: skip
    # formula and numbers on lines of their own: a phone is narrow
    lines = r" \\[4pt] ".join(
        line.replace(" = ", " &= ", 1).replace(" = ", r" \\ &= ", 1) for line in numbers.lines
    )
    st.latex(rf"\begin{{aligned}} {lines} \end{{aligned}}")
    if layer.cell == "gru":
        st.caption(
            _(
                "PyTorch's formulas: the reset gate acts after the matrix product. In d2l's book it acts before, on the state itself."
            )
        )
    else:
        st.caption(_("PyTorch's formulas; they are the book's, with b for the sum of PyTorch's two biases."))


def _number(value: float) -> str:
    return f"{round(value, 3) + 0.0:+.3f}"
