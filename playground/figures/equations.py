"""One step of one unit as formulas with its numbers in them, in LaTeX."""

from __future__ import annotations

from dataclasses import replace

from playground.cells import StepNumbers
from playground.records import LayerTrace


def step_numbers(
    layer: LayerTrace, step: int, unit: int, *, nonlinearity: str = "tanh", backward: bool = False
) -> StepNumbers:
    """The formulas of a step, in the order in which its cell computes them.

    Args:
        layer: The layer and direction that the unit belongs to.
        step: Position in the text, zero-based.
        unit: Zero-based.
        nonlinearity: What the cell squashes its state with.
        backward: The layer reads from the end, so the step before is the one to the right, t+1.
    """
    numbers = layer.spec.formulas(layer.unit_step(step, unit), nonlinearity)
    if not backward:
        return numbers
    return replace(numbers, lines=tuple(line.replace("_{t-1}", "_{t+1}") for line in numbers.lines))
