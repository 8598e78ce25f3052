"""What the lens is pointed at: in the address, checked, and fitted to the run."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field

from playground.cells import CELLS
from playground.controls import Control
from playground.errors import gettext_noop
from playground.lesson_settings import MOST_EPOCH, Epoch, Sentence
from playground.models.gate_statistics import UnitOrder
from playground.records import RunRecord
from playground.settings import NotBool, Settings

View = Literal["cells", "search", "surgery", "heatmap", "all", "memory", "compare"]
Order = Literal[UnitOrder, "follows"]
"""`follows`: the units that are known to follow something on top, the rest by similarity."""


class Choice(Settings):
    """One look. `None` stands for what changes by itself: the newest weights, the run's own sentence."""

    epoch: Epoch = Field(None, ge=0, le=MOST_EPOCH)
    """The moment of training."""
    text: Sentence = None
    """What the network reads."""
    layer: Annotated[int, NotBool, Control(gettext_noop("Layer"))] = Field(0, ge=0, le=3)
    """From 0."""
    direction: Annotated[int, NotBool, Control(gettext_noop("Direction"))] = Field(0, ge=0, le=1)
    """0 forward, 1 backward."""
    gate: Annotated[str, Control(gettext_noop("Gate or state"))] = Field("", max_length=40)
    """A gate or state by name; empty is the one that keeps the memory."""
    view: Annotated[
        View,
        Control(
            gettext_noop("View"),
            words={
                "cells": gettext_noop("Cells"),
                "search": gettext_noop("Search"),
                "surgery": gettext_noop("Surgery"),
                "heatmap": gettext_noop("Heatmap"),
                "all": gettext_noop("All gates"),
                "memory": gettext_noop("Saturation and memory"),
                "compare": gettext_noop("Compare"),
            },
        ),
    ] = "cells"
    """What is drawn."""
    order: Annotated[
        Order,
        Control(
            gettext_noop("Units in order of"),
            gettext_noop(
                "Of the chosen gate over the sentence, the largest on top; similarity puts units that move "
                "together side by side; “what they follow” puts the units that Cells names on top."
            ),
            words={
                "similarity": gettext_noop("similarity"),
                "follows": gettext_noop("what they follow"),
                "mean": gettext_noop("mean"),
                "variance": gettext_noop("variance"),
                "index": gettext_noop("number"),
            },
        ),
    ] = "similarity"
    """Of the heatmaps' rows."""
    unit: Annotated[
        int, NotBool, Control(gettext_noop("Unit"), gettext_noop("Or click a cell of the heatmap."))
    ] = Field(0, ge=0, le=1023)
    """The unit whose numbers are told, from 0."""
    step: Annotated[
        int, NotBool, Control(gettext_noop("Token"), gettext_noop("Or click a token, or press ← and →."))
    ] = Field(0, ge=0, le=9_999)
    """The token whose numbers are told, from 0."""
    other_run: Annotated[str | None, Control(gettext_noop("Compare with"))] = Field(
        None, max_length=40, alias="with"
    )
    """Id of the run that it is compared with; None is the same one."""
    other_epoch: Annotated[float | None, NotBool, Control(gettext_noop("at"))] = Field(
        None, ge=0, le=MOST_EPOCH, alias="at"
    )
    """The moment that it is compared with; None is before the first step of the same run, the newest of another."""

    formed: str = Field("", max_length=40)
    """Name of the annotation of which is shown how a unit came to follow it."""
    idea: Annotated[
        str, Control(gettext_noop("What it is called"), empty=gettext_noop("such as: long words"))
    ] = Field("", max_length=60)
    """A person's own idea of what units may follow."""
    pattern: Annotated[
        str,
        Control(
            gettext_noop("Regular expression"),
            gettext_noop("A token counts as inside where any of its characters lies in a match."),
            empty=r"\w{7,}",
        ),
    ] = Field("", max_length=200)
    """What the idea is: where this matches in the text."""


def fitted(choice: Choice, run: RunRecord) -> Choice:
    """The nearest look that this run has: another run may be smaller, or have other gates."""
    model = run.config.model
    cell = CELLS[model.cell]
    return choice.model_copy(
        update={
            "layer": min(choice.layer, model.num_layers - 1),
            "direction": min(choice.direction, 1 if model.bidirectional else 0),
            "gate": choice.gate if choice.gate in cell.quantities else cell.looked_at_first,
            "unit": min(choice.unit, model.hidden_size - 1),
            "view": choice.view if choice.view in views(run) else "cells",
        }
    )


def views(run: RunRecord) -> tuple[str, ...]:
    """What a run can be looked at in: without gates nothing is shut or open."""
    gated = CELLS[run.config.model.cell].is_gated
    return tuple(view for view in get_args(View) if gated or view != "memory")
