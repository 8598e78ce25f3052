"""The long short-term memory.

Source: Hochreiter & Schmidhuber 1997; Gers et al. 2000 (forget gate).
"""

from __future__ import annotations

from math import tanh

import numpy as np

from playground.arrays import Array
from playground.cells.arithmetic import sigmoid_in_place
from playground.cells.latex import factor, gate_formula, number, result
from playground.cells.spec import (
    HIDDEN,
    SIGMOID,
    TANH,
    CellSpec,
    CellStep,
    Quantity,
    StepGradients,
    StepNumbers,
)
from playground.errors import gettext_noop


def _step(x: Array, r: Array, h: Array, c: Array, nonlinearity: str) -> tuple[Array, Array, Array]:
    gates = x + r
    i, f, g, o = gates.reshape(4, *h.shape)
    candidate = np.tanh(g)
    sigmoid_in_place(gates)
    g[:] = candidate
    c = f * c
    c += i * g
    hidden = np.tanh(c)
    hidden *= o
    return gates, hidden, c


def _backward(step: CellStep[Array], dh: Array, dc: Array, nonlinearity: str) -> StepGradients:
    i, f, g, o = (step.gates[name] for name in "ifgo")
    squashed = np.tanh(step.c)
    dc = dc + dh * o * (1 - squashed * squashed)
    da = np.concatenate(
        [
            dc * g * i * (1 - i),
            dc * step.c_before * f * (1 - f),
            dc * i * (1 - g * g),
            dh * squashed * o * (1 - o),
        ],
        axis=1,
    )
    return StepGradients(da, da, c=dc, c_before=dc * f)


def _formulas(step: CellStep[float], nonlinearity: str) -> StepNumbers:
    """i·g came in, f·c was kept: they make the memory."""
    i, f, g, o = (step.gates[name] for name in "ifgo")
    lines = (
        gate_formula(step, "i"),
        gate_formula(step, "f"),
        gate_formula(step, "g", r"\tanh"),
        gate_formula(step, "o"),
        r"c_t = f_t \odot c_{t-1} + i_t \odot g_t = "
        rf"{number(f)} \cdot {factor(step.c_before)} + {number(i)} \cdot {factor(g)} = {result(step.c)}",
        rf"h_t = o_t \odot \tanh(c_t) = {number(o)} \cdot {factor(tanh(step.c))} = {result(step.h)}",
    )
    return StepNumbers(lines, i * g, f * step.c_before, step.h)


CELL = CellSpec(
    name="lstm",
    gates=(
        Quantity(
            "i",
            gettext_noop("input gate"),
            gettext_noop(
                "The input gate decides whether the new value enters the memory: at 0 nothing is written, at "
                "1 all of it."
            ),
            SIGMOID,
        ),
        Quantity(
            "f",
            gettext_noop("forget gate"),
            gettext_noop(
                "The forget gate shrinks the memory towards 0: at 1 everything is kept, at 0 it is wiped."
            ),
            SIGMOID,
        ),
        Quantity(
            "g",
            gettext_noop("candidate cell state"),
            gettext_noop("The candidate is the new value that could be written into the memory."),
            TANH,
        ),
        Quantity(
            "o",
            gettext_noop("output gate"),
            gettext_noop(
                "The output gate decides whether the memory shows: at 0 the hidden state is silent."
            ),
            SIGMOID,
        ),
    ),
    states=(
        Quantity(
            "c",
            gettext_noop("cell state"),
            gettext_noop(
                "The cell state is the memory itself; only the forget gate and the input gate change it."
            ),
            None,
        ),
        Quantity(
            "tanh c",
            gettext_noop("squashed cell state"),
            gettext_noop("The memory as the output gate sees it, squashed between −1 and 1."),
            TANH,
        ),
        HIDDEN,
    ),
    torch="LSTM",
    step=_step,
    backward=_backward,
    formulas=_formulas,
    story=gettext_noop(
        "i·g = {came_in} came in, f·c = {kept} was kept, so the memory c is {memory}; "
        "h = {came_out} came out."
    ),
    keeper="f",
    forget_gate="f",
    from_memory=lambda gates, c: gates[3 * len(c) :] * np.tanh(c),
)
