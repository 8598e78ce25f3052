"""A cell of one gate that PyTorch has no class for: this file, put into playground/cells, is all it takes."""

from __future__ import annotations

from typing import Any

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
    size = len(h)
    k = x[:size] + r[:size]
    sigmoid_in_place(k)
    w = np.tanh(x[size:] + k * r[size:])
    return np.concatenate([k, w]), k * h + (1 - k) * w, c


def _torch_step(x: Any, r: Any, h: Any, c: Any, nonlinearity: str) -> tuple[Any, Any]:
    (x_k, x_w), (r_k, r_w) = x.chunk(2, dim=-1), r.chunk(2, dim=-1)
    k = (x_k + r_k).sigmoid()
    w = (x_w + k * r_w).tanh()
    return k * h + (1 - k) * w, c


def _backward(step: CellStep[Array], dh: Array, dc: Array, nonlinearity: str) -> StepGradients:
    k, w = step.gates["k"], step.gates["w"]
    dw = dh * (1 - k) * (1 - w * w)
    dk = (dh * (step.h_before - w) + dw * step.recurring["w"]) * k * (1 - k)
    return StepGradients(
        np.concatenate([dk, dw], axis=1), np.concatenate([dk, dw * k], axis=1), h_before=dh * k
    )


def _formulas(step: CellStep[float], nonlinearity: str) -> StepNumbers:
    """(1 - k)·w came in, k·h was kept."""
    k, w = step.gates["k"], step.gates["w"]
    lines = (
        gate_formula(step, "k"),
        r"w_t = \tanh(W_{xw} x_t + b_{xw} + k_t \odot (W_{hw} h_{t-1} + b_{hw})) = "
        rf"\tanh({number(step.entering['w'])} + {number(k)} \cdot {factor(step.recurring['w'])}) = "
        rf"{result(w)}",
        r"h_t = (1 - k_t) \odot w_t + k_t \odot h_{t-1} = "
        rf"{number(1 - k)} \cdot {factor(w)} + {number(k)} \cdot {factor(step.h_before)} = {result(step.h)}",
    )
    return StepNumbers(lines, (1 - k) * w, k * step.h_before, step.h)


CELL = CellSpec(
    name="toy",
    gates=(
        Quantity(
            "k", gettext_noop("keep gate"), gettext_noop("The keep gate at 1 keeps the old state."), SIGMOID
        ),
        Quantity(
            "w", gettext_noop("new value"), gettext_noop("The new value is what could be written."), TANH
        ),
    ),
    states=(HIDDEN,),
    torch=_torch_step,
    step=_step,
    backward=_backward,
    formulas=_formulas,
    story=gettext_noop("(1 − k)·w = {came_in} came in, k·h = {kept} was kept: h = {came_out}."),
    keeper="k",
    forget_gate="k",
    scaled_recurrence=("w",),
    notice=gettext_noop("A toy: one gate that keeps."),
    note=gettext_noop("Nobody's formulas but the toy's."),
)
