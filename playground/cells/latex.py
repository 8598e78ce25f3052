"""Numbers in LaTeX, and the formula that most gates have."""

from __future__ import annotations

from playground.cells.spec import CellStep


def gate_formula(step: CellStep[float], gate: str, squash: str = r"\sigma") -> str:
    """`f_t = σ(W_{xf} x_t + W_{hf} h_{t-1} + b) = σ(0.120 + 0.300) = 0.603`."""
    return (
        rf"{gate}_t = {squash}(W_{{x{gate}}} x_t + W_{{h{gate}}} h_{{t-1}} + b) = "
        rf"{squash}({number(step.entering[gate])} {signed(step.recurring[gate])}) = "
        rf"{result(step.gates[gate])}"
    )


def number(value: float) -> str:
    """Three decimals, and no minus zero; a relu's state can need an exponent."""
    if abs(value) < 1000:
        return f"{round(value, 3) + 0.0:.3f}"
    digits, power = f"{value:.2e}".split("e")
    return rf"{digits} \times 10^{{{int(power)}}}"


def signed(value: float) -> str:
    """With its sign in front, as a second summand."""
    return ("- " if value < 0 else "+ ") + number(abs(value))


def factor(value: float) -> str:
    """In brackets when negative."""
    return f"({number(value)})" if round(value, 3) < 0 else number(value)


def result(value: float) -> str:
    """In bold."""
    return rf"\mathbf{{{number(value)}}}"
