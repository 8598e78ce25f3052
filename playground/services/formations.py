"""How a unit came to follow something: its score at every checkpoint of its run."""

from __future__ import annotations

from math import isnan, nan

from playground.errors import StoreBusy, StoreError
from playground.inference.unit_scores import find_units, has_enough, parts_of, score_units
from playground.records import (
    CheckpointRecord,
    Finding,
    FormationPoint,
    LayerPlace,
    RunRecord,
    UnitScore,
)
from playground.services.checkpoints import ResultCache, Weights
from playground.services.corpus_traces import CorpusTraces
from playground.text.own_annotations import OwnIdea

TOKENS = 12_000
"""Of a text, from its end, that are read at every checkpoint."""
_KEPT = 4_096


class Formations:
    """Scores units through training; keeps what was read. Every method may be called from any thread.

    Args:
        traces: Reads the runs' texts.
    """

    def __init__(self, traces: CorpusTraces) -> None:
        self._traces = traces
        self._points: ResultCache[FormationPoint] = ResultCache(traces.checkpoints, _KEPT)

    def of(
        self, run: RunRecord, finding: Finding, place: LayerPlace, own: tuple[OwnIdea, ...]
    ) -> tuple[FormationPoint, ...]:
        """How close a finding's best unit, and the closest one of that moment, were at every checkpoint that is kept.

        Read are the last `TOKENS` tokens of what was searched; they are scored on their own last third, which lies within the
        part by which the unit was not chosen.

        Args:
            run: The run.
            finding: One of `CellService.find`.
            place: The layer and direction that it was found in.
            own: The own ideas that it was found among.

        Returns:
            One point a checkpoint that can be read; none where so short a text has too little of the annotation.
        """
        if finding.best is None:
            return ()
        idea = tuple(each for each in own if each.name == finding.name)
        best, names = finding.best, tuple(each.name for each in idea)
        points = []
        for checkpoint in self._traces.checkpoints.store.checkpoints(run.id):

            def compute(
                _weights: Weights, _model: object, checkpoint: CheckpointRecord = checkpoint
            ) -> FormationPoint:
                return self._point(run, checkpoint, finding, place, idea)

            key = (place, finding.name, best.quantity, best.unit, best.fitted, names)
            try:
                points.append(self._points.of(run, checkpoint, compute, *key))
            except StoreBusy:
                raise
            except StoreError:  # it cannot be read any more, or its states had grown too large
                continue
        return tuple(point for point in points if not isnan(point.best))

    def _point(
        self,
        run: RunRecord,
        checkpoint: CheckpointRecord,
        finding: Finding,
        place: LayerPlace,
        idea: tuple[OwnIdea, ...],
    ) -> FormationPoint:
        best = finding.best
        assert best is not None
        searched = self._traces.traced_tokens(run)
        part = slice(max(0, searched - TOKENS), searched)
        told = self._traces.annotations(run, idea, part=part)
        annotation = next((each for each in told if each.name == finding.name), None)
        trace = self._traces.excerpt(run, checkpoint, place, part)
        if annotation is None or not has_enough(annotation, trace.count):
            return FormationPoint(checkpoint.epoch, nan, nan, nan, 0, "h")
        (found,) = find_units(trace, [annotation])
        row = {best.quantity: trace.values[best.quantity][best.unit : best.unit + 1]}
        score = float(score_units(row, annotation, parts_of(trace.count)[1])[best.quantity][0])
        then = UnitScore(best.quantity, best.unit, best.fitted, score)
        closest = found.units[0]
        return FormationPoint(
            checkpoint.epoch,
            then.strength(finding.measure),
            found.strength,
            found.chance,
            closest.unit,
            closest.quantity,
        )
