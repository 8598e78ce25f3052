"""What is known already of the units of a layer, since somebody has looked at Cells; never computed here."""

from __future__ import annotations

import numpy as np

from pages.gates.cells.rows import ranked
from pages.gates.cells.words import title
from pages.gates.choice import Choice
from pages.shared.state import cell_service
from playground.arrays import Array
from playground.models.gate_statistics import unit_order
from playground.records import CheckpointRecord, LayerPlace, RunRecord


def named_units(run: RunRecord, checkpoint: CheckpointRecord, choice: Choice) -> dict[int, str]:
    """What units follow closely, by their number: what has to be remembered first, the closest first.

    Args:
        run: The run that is looked at.
        checkpoint: Its moment.
        choice: Has the layer and direction.
    """
    place = LayerPlace(choice.layer, choice.direction)
    findings = cell_service().known(run, checkpoint, place) or ()
    named: dict[int, str] = {}
    for finding in ranked(findings):
        if finding.verdict == "followed" and finding.best is not None:
            named.setdefault(finding.best.unit, title(finding))
    return named


def ordered(values: Array, choice: Choice, named: dict[int, str]) -> Array:
    """Units in the chosen order, (H,): those with names on top, where that is it, and the rest by similarity.

    Args:
        values: Of the chosen gate, (T, H).
        choice: Has the order.
        named: As `named_units`.
    """
    if choice.order != "follows":
        return unit_order(values, choice.order)
    first = [unit for unit in named if unit < values.shape[1]]
    alike = unit_order(values, "similarity")
    return np.concatenate([np.array(first, alike.dtype), alike[~np.isin(alike, first)]])
