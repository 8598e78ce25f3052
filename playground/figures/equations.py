"""One step of one unit as formulas with its numbers in them, in LaTeX.

PyTorch's formulas; of the GRU, d2l's reset the state before the matrix product, PyTorch's after.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from playground.records import LayerTrace


@dataclass(frozen=True)
class StepNumbers:
    """One unit at one step: what came in, what was kept, what came out.

    LSTM: i·g and f·c, which make the memory. GRU: (1 - z)·n and z·h. RNN: what the token adds
    and what the state adds, before they are squashed.
    """

    lines: tuple[str, ...]
    """LaTeX, one formula a line."""
    came_in: float
    kept: float
    came_out: float
    """The unit's h."""


def step_numbers(
    layer: LayerTrace, step: int, unit: int, *, nonlinearity: str = "tanh", backward: bool = False
) -> StepNumbers:
    """The formulas of a step, in the order in which a cell computes them.

    Args:
        layer: Where the unit is.
        step: Position in the text, zero-based.
        unit: Zero-based.
        nonlinearity: Of a plain RNN.
        backward: The step before is the one to the right, t+1.
    """
    numbers = {"rnn": _rnn, "gru": _gru, "lstm": _lstm}[layer.cell](
        layer, lambda a: float(a[step, unit]), nonlinearity
    )
    if not backward:
        return numbers
    return replace(numbers, lines=tuple(line.replace("_{t-1}", "_{t+1}") for line in numbers.lines))


_At = Callable[..., float]


def _rnn(layer: LayerTrace, at: _At, nonlinearity: str) -> StepNumbers:
    x, r, h = at(layer.entering["a"]), at(layer.recurring["a"]), at(layer.hidden)
    squash = r"\tanh" if nonlinearity == "tanh" else r"\mathrm{relu}"
    line = (
        rf"h_t = {squash}(W_{{x}} x_t + W_{{h}} h_{{t-1}} + b) = {squash}({_n(x)} {_p(r)}) = "
        rf"\mathbf{{{_n(h)}}}"
    )
    return StepNumbers((line,), x, r, h)


def _gru(layer: LayerTrace, at: _At, nonlinearity: str) -> StepNumbers:
    r, z, n = (at(layer.gates[name]) for name in "rzn")
    before, h = at(layer.hidden_before), at(layer.hidden)
    x_n, h_n = at(layer.entering["n"]), at(layer.recurring["n"])
    lines = (
        _gate(layer, at, "r"),
        _gate(layer, at, "z"),
        rf"n_t = \tanh(W_{{xn}} x_t + b_{{xn}} + r_t \odot (W_{{hn}} h_{{t-1}} + b_{{hn}})) = "
        rf"\tanh({_n(x_n)} + {_n(r)} \cdot {_b(h_n)}) = \mathbf{{{_n(n)}}}",
        rf"h_t = (1 - z_t) \odot n_t + z_t \odot h_{{t-1}} = {_n(1 - z)} \cdot {_b(n)} + {_n(z)} \cdot "
        rf"{_b(before)} = \mathbf{{{_n(h)}}}",
    )
    return StepNumbers(lines, (1 - z) * n, z * before, h)


def _lstm(layer: LayerTrace, at: _At, nonlinearity: str) -> StepNumbers:
    i, f, g, o = (at(layer.gates[name]) for name in "ifgo")
    assert layer.memory is not None and layer.memory_before is not None
    before, c, h = at(layer.memory_before), at(layer.memory), at(layer.hidden)
    tanh_c = at(layer.shown["tanh c"])
    lines = (
        _gate(layer, at, "i"),
        _gate(layer, at, "f"),
        _gate(layer, at, "g", r"\tanh"),
        _gate(layer, at, "o"),
        rf"c_t = f_t \odot c_{{t-1}} + i_t \odot g_t = {_n(f)} \cdot {_b(before)} + {_n(i)} \cdot "
        rf"{_b(g)} = \mathbf{{{_n(c)}}}",
        rf"h_t = o_t \odot \tanh(c_t) = {_n(o)} \cdot {_b(tanh_c)} = \mathbf{{{_n(h)}}}",
    )
    return StepNumbers(lines, i * g, f * before, h)


def _gate(layer: LayerTrace, at: _At, name: str, squash: str = r"\sigma") -> str:
    x, r, value = at(layer.entering[name]), at(layer.recurring[name]), at(layer.gates[name])
    return (
        rf"{name}_t = {squash}(W_{{x{name}}} x_t + W_{{h{name}}} h_{{t-1}} + b) = "
        rf"{squash}({_n(x)} {_p(r)}) = \mathbf{{{_n(value)}}}"
    )


def _n(value: float) -> str:
    """Three decimals, and no minus zero; a relu's state can need an exponent."""
    if abs(value) < 1000:
        return f"{round(value, 3) + 0.0:.3f}"
    digits, power = f"{value:.2e}".split("e")
    return rf"{digits} \cdot 10^{{{int(power)}}}"


def _p(value: float) -> str:
    """With its sign in front."""
    return ("- " if value < 0 else "+ ") + _n(abs(value))


def _b(value: float) -> str:
    """In brackets when negative."""
    return f"({_n(value)})" if round(value, 3) < 0 else _n(value)
