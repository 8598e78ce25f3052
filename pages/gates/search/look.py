"""What is searched for, as the address has it, fitted to the run."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from playground.cells import CELLS, HIDDEN, Quantity
from playground.controls import Control
from playground.errors import gettext_noop
from playground.lesson_settings import MOST_EPOCH, Epoch
from playground.records import LayerPlace, RunRecord
from playground.services.corpus_traces import MOST_TOKENS
from playground.settings import NotBool, OffIsNone, Settings

MOST_MARKED = 60
"""Tokens of a stretch: through a longer one hardly any unit stays on."""
_STATES_ON, _GATES_ON = 0.3, 0.7
"""From where on a unit counts as on until somebody moves it."""
_UNLIMITED = 4.0
"""The usual end of the slider for what has no limit, as a memory has none."""


class SearchLook(Settings):
    """A passage of the run's text, a stretch in it, and when a unit counts as on."""

    epoch: Epoch = Field(None, ge=0, le=MOST_EPOCH)
    """The moment of training."""
    layer: Annotated[int, NotBool, Control(gettext_noop("Layer"))] = Field(0, ge=0, le=3)
    """From 0."""
    direction: Annotated[int, NotBool, Control(gettext_noop("Direction"))] = Field(0, ge=0, le=1)
    """0 forward, 1 backward."""
    quantity: Annotated[str, Control(gettext_noop("Gate or state"))] = Field("h", max_length=40)
    """A gate or state by name."""
    theta: Annotated[
        float | None,
        NotBool,
        OffIsNone,
        Control(
            gettext_noop("On from θ"),
            gettext_noop("A unit is on at a token where its value is at least θ."),
            step=0.05,
        ),
    ] = Field(None, ge=-20.0, le=20.0)
    """A unit is on from this value on; None is the quantity's usual one."""
    before: Annotated[
        bool,
        Control(
            gettext_noop("Off just before"), gettext_noop("Only units that are off at the token before it.")
        ),
    ] = False
    """Only units that are off just before the stretch."""
    after: Annotated[
        bool,
        Control(
            gettext_noop("Off just after"), gettext_noop("Only units that are off at the token after it.")
        ),
    ] = False
    """Only units that are off just after the stretch."""
    passage: Annotated[int, NotBool] = Field(0, ge=0, le=MOST_TOKENS)
    """The first token of the text that is shown, from 0."""
    start: Annotated[int | None, NotBool, OffIsNone] = Field(None, ge=0, le=MOST_TOKENS, alias="from")
    """The marked stretch's first token; None where nothing is marked."""
    stop: Annotated[int | None, NotBool, OffIsNone] = Field(None, ge=1, le=MOST_TOKENS, alias="to")
    """After its last one."""
    colour: Annotated[
        int | None,
        NotBool,
        OffIsNone,
        Control(
            gettext_noop("Coloured by unit"),
            gettext_noop("Empty: by how many of the units that are on through the marked stretch."),
            step=1,
            empty=gettext_noop("those that are on"),
        ),
    ] = Field(None, ge=0, le=1023)
    """The unit that the passage is coloured by; None are those that are on."""
    find: Annotated[
        str,
        Control(
            gettext_noop("Jump to"),
            gettext_noop("The next place in the text that has this."),
            empty=gettext_noop("a word"),
        ),
    ] = Field("", max_length=60)
    """What was jumped to last."""


def place_of(look: SearchLook, run: RunRecord) -> LayerPlace:
    """The nearest layer and direction that the run has."""
    model = run.config.model
    return LayerPlace(min(look.layer, model.num_layers - 1), look.direction if model.bidirectional else 0)


def quantities_of(run: RunRecord) -> dict[str, Quantity]:
    """What can be searched in, states first: h, c and the gates."""
    quantities = CELLS[run.config.model.cell].quantities
    states = [name for name in ("h", "c") if name in quantities]
    names = [*states, *(name for name in quantities if name not in states and name != "tanh c")]
    return {name: quantities[name] for name in names}


def quantity_of(look: SearchLook, run: RunRecord) -> Quantity:
    """The chosen one, or h where the run has no such thing."""
    return quantities_of(run).get(look.quantity, HIDDEN)


def theta_of(look: SearchLook, quantity: Quantity) -> float:
    """From where on a unit is on."""
    if look.theta is not None:
        return look.theta
    return _GATES_ON if quantity.is_gate else _STATES_ON


def ends_of(quantity: Quantity, run: RunRecord) -> tuple[float, float]:
    """The slider's."""
    is_limited = quantity.range is not None and not (
        quantity.name == "h" and run.config.model.nonlinearity == "relu"
    )
    return quantity.range if is_limited and quantity.range else (-_UNLIMITED, _UNLIMITED)


def stretch_of(look: SearchLook, count: int) -> tuple[int, int] | None:
    """What is marked, in a text of so many tokens; None where nothing is, or nothing that could be."""
    if look.start is None or look.stop is None:
        return None
    start, stop = look.start, min(look.stop, count, look.start + MOST_MARKED)
    return (start, stop) if start < stop else None
