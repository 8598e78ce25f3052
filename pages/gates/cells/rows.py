"""Findings as the panel draws them: rows with a passage in a unit's colours, and ideas that nothing follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from pages.gates.cells import words
from pages.gates.cells.words import Loss
from pages.shared.i18n import _, sentences
from pages.shared.state import cell_service
from playground.figures.cells import formation_figure
from playground.figures.scales import Scale, scale_of
from playground.figures.sentence import colours
from playground.figures.theme import spec
from playground.format import fixed, number
from playground.records import (
    Annotation,
    CheckpointRecord,
    Finding,
    FormationPoint,
    LayerPlace,
    RunRecord,
)
from playground.text.own_annotations import OwnIdea

PASSAGE = 160
"""Tokens of the text beside each finding."""
LEVELS = 40
"""Steps of a colour scale: a passage is sent as whole numbers."""


@dataclass(frozen=True)
class Shown:
    """What is looked at."""

    run: RunRecord
    checkpoint: CheckpointRecord
    place: LayerPlace
    own: tuple[OwnIdea, ...] = ()


def panel_rows(
    shown: Shown,
    findings: Sequence[Finding],
    losses: Mapping[str, Loss],
    *,
    may_read: bool,
    actions: Sequence[str],
) -> list[dict[str, Any]]:
    """Rows of what is followed at all, in the order of the findings."""
    told = [finding for finding in findings if finding.verdict in ("followed", "weak")]
    annotations = {each.name: each for each in cell_service().annotations(*_args(shown))} if may_read else {}
    return [
        _row(shown, finding, losses[finding.name], annotations.get(finding.name), actions) for finding in told
    ]


def ranked(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """What has to be remembered before what a token says by itself; within each as they were, the closest first."""
    return tuple(sorted(findings, key=lambda finding: finding.is_of_token))


def rest(findings: Sequence[Finding]) -> list[dict[str, str]]:
    """Ideas that no unit follows, and those that the text has too little of."""
    return [
        {"title": words.title(finding), "says": words.nothing(finding)}
        for finding in findings
        if finding.verdict in ("none", "rare")
    ]


def passage_of(shown: Shown, name: str) -> tuple[int, int]:
    """Start and stop of the stretch that a finding is shown on."""
    run, checkpoint, place, own = _args(shown)
    return cell_service().passage(run, checkpoint, place, name, own, PASSAGE)


def formation(finding: Finding, points: Sequence[FormationPoint]) -> dict[str, Any] | None:
    """The figure of how a unit came to follow something; None where the text has too little of it."""
    return spec(formation_figure(finding, points, _)) if points else None


@cache
def palettes() -> dict[str, list[tuple[str, str]]]:
    """Background and text colour of every level, by the name of the scale."""
    steps = np.linspace(0, 1, LEVELS + 1)
    return {name: colours(steps, Scale(0, 1, name)) for name in ("Cividis", "RdBu_r")}


def _row(
    shown: Shown, finding: Finding, loss: Loss, annotation: Annotation | None, actions: Sequence[str]
) -> dict[str, Any]:
    best = finding.best
    assert best is not None
    base = 0.5 if finding.measure == "auc" else 0.0
    return {
        "name": finding.name,
        "title": words.title(finding),
        "group": "token" if finding.is_of_token else "memory",
        "kind": "cell" if words.is_cell(finding, loss) else finding.verdict,
        "badge": words.badge(finding, loss),
        "unit": words.unit(best),
        "score": words.score(best, finding),
        "chance": words.chance(finding),
        "gauge": [round((level - base) / (1 - base), 3) for level in (finding.strength, finding.chance)],
        "says": sentences(words.direction(best, finding), words.loss(finding, loss)),
        "next": words.others(finding),
        "passage": None if annotation is None else _passage(shown, finding, annotation),
        "actions": list(actions),
    }


def _passage(shown: Shown, finding: Finding, annotation: Annotation) -> dict[str, Any]:
    """A stretch of the text, each token with the level of its colour, and what holds of it."""
    best = finding.best
    assert best is not None
    trace = cell_service().trace(shown.run, shown.checkpoint, shown.place)
    start, stop = passage_of(shown, finding.name)
    values = trace.values[best.quantity][best.unit, start:stop].astype(np.float32)
    scale = scale_of(trace.spec.quantities[best.quantity], values)
    parts = np.clip((values - scale.low) / ((scale.high - scale.low) or 1.0), 0, 1)
    return {
        "tokens": list(trace.text(start, stop)),
        "between": shown.run.config.corpus.between,
        "levels": np.rint(parts * LEVELS).astype(int).tolist(),
        "values": [fixed(value, 2) for value in values.tolist()],
        "holds": (annotation.values[start:stop] > 0.5).tolist() if annotation.is_binary else None,
        "palette": scale.colours,
        "low": number(scale.low, 2),
        "high": number(scale.high, 2),
        "name": best.quantity,
    }


def _args(shown: Shown) -> tuple[RunRecord, CheckpointRecord, LayerPlace, tuple[OwnIdea, ...]]:
    return shown.run, shown.checkpoint, shown.place, shown.own
