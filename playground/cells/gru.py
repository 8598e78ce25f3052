"""The gated recurrent unit, as PyTorch has it: r * (W_hn h + b_hn); d2l resets h before the matrix product.

Source: Cho et al. 2014.
"""

from __future__ import annotations

import numpy as np

from playground.arrays import Array
from playground.cells.arithmetic import ONE, sigmoid_in_place
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
    size = len(h)
    gates = x + r
    reset, update, new = gates[:size], gates[size : 2 * size], gates[2 * size :]
    sigmoid_in_place(gates[: 2 * size])
    np.multiply(reset, r[2 * size :], out=new)  # PyTorch resets after the product
    new += x[2 * size :]
    np.tanh(new, out=new)
    after = ONE - update
    after *= new
    after += update * h
    return gates, after, c


def _backward(step: CellStep[Array], dh: Array, dc: Array, nonlinearity: str) -> StepGradients:
    r, z, n = (step.gates[name] for name in "rzn")
    dn = dh * (1 - z) * (1 - n * n)
    dr = dn * step.recurring["n"] * r * (1 - r)
    dz = dh * (step.h_before - n) * z * (1 - z)
    return StepGradients(
        np.concatenate([dr, dz, dn], axis=1),
        np.concatenate([dr, dz, dn * r], axis=1),
        h_before=dh * z,
    )


def _formulas(step: CellStep[float], nonlinearity: str) -> StepNumbers:
    """(1 - z)·n came in, z·h was kept."""
    r, z, n = (step.gates[name] for name in "rzn")
    lines = (
        gate_formula(step, "r"),
        gate_formula(step, "z"),
        r"n_t = \tanh(W_{xn} x_t + b_{xn} + r_t \odot (W_{hn} h_{t-1} + b_{hn})) = "
        rf"\tanh({number(step.entering['n'])} + {number(r)} \cdot {factor(step.recurring['n'])}) = "
        rf"{result(n)}",
        r"h_t = (1 - z_t) \odot n_t + z_t \odot h_{t-1} = "
        rf"{number(1 - z)} \cdot {factor(n)} + {number(z)} \cdot {factor(step.h_before)} = {result(step.h)}",
    )
    return StepNumbers(lines, (1 - z) * n, z * step.h_before, step.h)


CELL = CellSpec(
    name="gru",
    gates=(
        Quantity(
            "r",
            gettext_noop("reset gate"),
            gettext_noop(
                "The reset gate at 0 throws the past away when the candidate is made; at 1 it uses all of it."
            ),
            SIGMOID,
        ),
        Quantity(
            "z",
            gettext_noop("update gate"),
            gettext_noop(
                "The update gate at 1 keeps the old state and ignores the new input; at 0 the candidate "
                "takes its place."
            ),
            SIGMOID,
        ),
        Quantity(
            "n",
            gettext_noop("candidate hidden state"),
            gettext_noop("The candidate is the new state that could take the place of the old one."),
            TANH,
        ),
    ),
    states=(HIDDEN,),
    torch="GRU",
    step=_step,
    backward=_backward,
    formulas=_formulas,
    story=gettext_noop("(1 − z)·n = {came_in} came in, z·h = {kept} was kept, so h = {came_out} came out."),
    keeper="z",
    scaled_recurrence=("n",),
    note=gettext_noop(
        "PyTorch's formulas: the reset gate acts after the matrix product. In d2l's book it acts before, on "
        "the state itself."
    ),
)
