"""The plain recurrent cell: one squashed sum.

Source: Elman 1990.
"""

from __future__ import annotations

import numpy as np

from playground.arrays import Array
from playground.cells.latex import number, result, signed
from playground.cells.spec import HIDDEN, CellSpec, CellStep, Quantity, StepGradients, StepNumbers
from playground.errors import gettext_noop


def _step(x: Array, r: Array, h: Array, c: Array, nonlinearity: str) -> tuple[Array, Array, Array]:
    a = x + r
    return a, np.tanh(a) if nonlinearity == "tanh" else np.maximum(a, 0), c


def _backward(step: CellStep[Array], dh: Array, dc: Array, nonlinearity: str) -> StepGradients:
    da = dh * (1 - step.h * step.h if nonlinearity == "tanh" else step.h > 0)
    return StepGradients(da, da)


def _formulas(step: CellStep[float], nonlinearity: str) -> StepNumbers:
    """What the token adds came in, what the state adds was kept, before they are squashed."""
    x, r = step.entering["a"], step.recurring["a"]
    squash = r"\tanh" if nonlinearity == "tanh" else r"\mathrm{relu}"
    line = (
        rf"h_t = {squash}(W_{{x}} x_t + W_{{h}} h_{{t-1}} + b) = "
        rf"{squash}({number(x)} {signed(r)}) = {result(step.h)}"
    )
    return StepNumbers((line,), x, r, step.h)


CELL = CellSpec(
    name="rnn",
    gates=(
        Quantity(
            "a",
            gettext_noop("pre-activation"),
            gettext_noop(
                "The pre-activation is what a plain RNN squashes: the token's part plus the state's part."
            ),
            None,
        ),
    ),
    states=(HIDDEN,),
    torch="RNN",
    step=_step,
    backward=_backward,
    formulas=_formulas,
    story=gettext_noop("{came_in} from the token and {kept} from the state, squashed to h = {came_out}."),
    nonlinearities=("tanh", "relu"),
    notice=gettext_noop(
        "A plain RNN has no gates: every step overwrites the whole state. Train a GRU or an LSTM "
        "to see gates."
    ),
)
