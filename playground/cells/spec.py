"""What a cell's file has to say of it: arithmetic, names, formulas and sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from playground.arrays import Array
from playground.errors import gettext_noop

N = TypeVar("N", float, Array)

SIGMOID, TANH = (0.0, 1.0), (-1.0, 1.0)
"""Ranges of what is squashed."""
_STATES = ("c", "tanh c", "h")


@dataclass(frozen=True)
class Quantity:
    """One thing that a cell computes at every step for every unit, (T, H), and that can be looked at."""

    name: str
    """A letter of the formulas: `f`, `h`, `tanh c`."""
    title: str
    """Marked with `gettext_noop`, as is `meaning`: `forget gate`."""
    meaning: str
    """What it does, in a sentence that says what its ends mean."""
    range: tuple[float, float] | None
    """`SIGMOID`, `TANH`, or None for what has no limit."""

    @property
    def is_gate(self) -> bool:
        """Squashed into [0, 1]: a gate in the strict sense."""
        return self.range == SIGMOID


HIDDEN = Quantity(
    "h",
    gettext_noop("hidden state"),
    gettext_noop("The hidden state is what the cell shows to the next layer and hands on to the next step."),
    TANH,
)


@dataclass(frozen=True)
class CellStep(Generic[N]):
    """What one step computed: of all units, arrays (H,), or of one unit, numbers."""

    gates: Mapping[str, N]
    """By name, after squashing."""
    entering: Mapping[str, N]
    """W_i x + b_i of each gate: what the token says."""
    recurring: Mapping[str, N]
    """W_h h + b_h of each gate: what the state says."""
    h: N
    h_before: N
    c: N
    """The cell state; of a cell without one, h. So is `c_before`."""
    c_before: N


class StepGradients(NamedTuple):
    """Gradients of P scalars by what one step was given."""

    entering: Array
    """By W_i x + b_i, (P, G·H)."""
    recurring: Array
    """By W_h h + b_h, (P, G·H)."""
    h_before: Array | float = 0.0
    """By the old h where it acts beside W_h, (P, H)."""
    c: Array | None = None
    """By the new c, through the new h too, (P, H); None for a cell without one."""
    c_before: Array | None = None
    """By the old c, (P, H)."""


@dataclass(frozen=True)
class StepNumbers:
    """One unit at one step: what came in, what was kept, what came out; each cell says what that is."""

    lines: tuple[str, ...]
    """LaTeX, one formula a line, the step before written `_{t-1}`."""
    came_in: float
    kept: float
    came_out: float
    """The unit's h."""


Step = Callable[[Array, Array, Array, Array, str], tuple[Array, Array, Array]]
"""(W_i x + b_i, W_h h + b_h, h, c, nonlinearity) of one step → gates (G·H,), new h, new c.

Of several sequences side by side every array has a column more for each: (G·H, B) and (H, B), a row in one piece.
It changes none of what it is given; a cell without c hands on the one it is given.
"""
TorchStep = Callable[[Any, Any, Any, Any, str], tuple[Any, Any]]
"""As `Step`, on tensors (B, ·) and differentiable; it gives new h and new c, and no gates."""


@dataclass(frozen=True)
class CellSpec:
    """Everything that the playground knows of a recurrent cell.

    Sentences are marked with `gettext_noop`; letters of shapes are H hidden units, G gates, P scalars.

    Raises:
        ValueError: Names that do not fit each other, when the cell's file is imported.
    """

    name: str
    """The word for it in links, on the command line and in stored runs; pages show it in capitals."""
    gates: tuple[Quantity, ...]
    """What is computed from input and state, in the order of the weights' blocks (PyTorch's order)."""
    states: tuple[Quantity, ...]
    """What is shown of the state, `h` last; a cell with a memory has `c`, and may have `tanh c`."""
    torch: str | TorchStep
    """The class in `torch.nn`, or one step on tensors for a cell that PyTorch has no class for."""
    step: Step
    """One step in NumPy, for a single sequence or for several side by side."""
    backward: Callable[[CellStep[Array], Array, Array, str], StepGradients]
    """(a step, the gradients (P, H) by its h and c, nonlinearity) → by what it was given."""
    formulas: Callable[[CellStep[float], str], StepNumbers]
    """(one unit at one step, nonlinearity) → its formulas with the numbers in them."""
    story: str
    """One step in a sentence with {came_in}, {kept}, {came_out}, and {memory}, the sum of the first two."""
    nonlinearities: tuple[str, ...] = ("tanh",)
    """What it can squash its state with, of the setting's words."""
    keeper: str | None = None
    """The gate whose 1 keeps the memory."""
    forget_gate: str | None = None
    """The gate that begins open when a forget bias is asked for."""
    from_memory: Callable[[Array, Array], Array] | None = None
    """(gates (G·H, …), c (H, …)) → h: what a step shows of a memory that was set to something else; of a cell with c."""
    scaled_recurrence: tuple[str, ...] = ()
    """Gates whose W_h h + b_h is multiplied before W_i x + b_i is added to it, as the GRU's n by r: their
    b_h cannot be added to b_i beforehand."""
    notice: str | None = None
    """Said above the lens, where there is something to know first."""
    note: str | None = None
    """Said below the formulas; None where they are PyTorch's and the books' alike."""

    def __post_init__(self) -> None:
        gates, states = self.gate_names, tuple(state.name for state in self.states)
        if not gates or len({*gates, *states}) != len(gates) + len(states):
            raise ValueError(
                f"cell {self.name!r}: gates and states need names, each its own: {gates, states}"
            )
        if not set(states) <= set(_STATES) or states[-1:] != ("h",):
            raise ValueError(f"cell {self.name!r}: states are {states}; give some of {_STATES}, h last")
        if (self.from_memory is not None) != ("c" in states):
            raise ValueError(
                f"cell {self.name!r}: from_memory says how h follows from c; it goes with a memory"
            )
        unknown = {*self.scaled_recurrence, self.keeper, self.forget_gate} - {*gates, None}
        if unknown:
            raise ValueError(f"cell {self.name!r} has no gates {unknown}; it has {gates}")

    @property
    def gate_names(self) -> tuple[str, ...]:
        """In the order of the weights' blocks."""
        return tuple(gate.name for gate in self.gates)

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Everything that can be looked at, by name: the gates, then the states."""
        return {quantity.name: quantity for quantity in (*self.gates, *self.states)}

    @property
    def has_memory(self) -> bool:
        """It carries a cell state c beside h."""
        return any(state.name == "c" for state in self.states)

    @property
    def is_gated(self) -> bool:
        """It has gates in the strict sense."""
        return any(gate.is_gate for gate in self.gates)

    @property
    def looked_at_first(self) -> str:
        """The quantity that is shown when nobody chose one: the gate that keeps the memory, else h."""
        return self.keeper or HIDDEN.name
