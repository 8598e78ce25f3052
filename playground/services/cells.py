"""Which units of a run follow what in its text, whether it needs them, and where else they are on."""

from __future__ import annotations

from math import nan

import numpy as np

from playground.errors import ConfigError, StoreBusy, StoreError
from playground.inference.held_units import LEAST_INSIDE, HeldCosts, check_unit, hold_each_unit
from playground.inference.matching import matches
from playground.inference.surgery import class_of
from playground.inference.unit_scores import find_units, has_enough, parts_of, score_units
from playground.records import (
    FIRST_LAYER,
    AblationCheck,
    Annotation,
    CheckpointRecord,
    CorpusTrace,
    Finding,
    FormationPoint,
    LayerPlace,
    Matches,
    RunRecord,
)
from playground.services.checkpoints import CheckpointCache, ResultCache, Weights
from playground.services.corpus_traces import CorpusTraces
from playground.text.own_annotations import OwnIdea

FORMATION_TOKENS = 12_000
"""Of a text, that are read at every checkpoint to see how a unit came to follow something."""
MOST_MATCHES = 50
_KEPT = 64
_COST_BYTES = 64 * 2**20


class CellService:
    """Finds, checks and searches; keeps the latest results. Every method may be called from any thread.

    Every method raises CorpusError for a text that is gone, ConfigError for one that is too short or an idea that cannot be
    read, and StoreError for a checkpoint that cannot be read or whose network has diverged.

    Args:
        checkpoints: The cache that the weights come from.
    """

    def __init__(self, checkpoints: CheckpointCache) -> None:
        self.traces = CorpusTraces(checkpoints)
        self._findings: ResultCache[tuple[Finding, ...]] = ResultCache(checkpoints, _KEPT)
        self._formations: ResultCache[FormationPoint] = ResultCache(checkpoints, 64 * _KEPT)
        self._matches: ResultCache[Matches] = ResultCache(checkpoints, _KEPT)
        self._costs: ResultCache[HeldCosts] = ResultCache(
            checkpoints, _COST_BYTES, lambda costs: costs.nbytes
        )

    def trace(
        self, run: RunRecord, checkpoint: CheckpointRecord, place: LayerPlace = FIRST_LAYER
    ) -> CorpusTrace:
        """What a layer did over the run's text; see `CorpusTraces.trace`."""
        return self.traces.trace(run, checkpoint, place)

    def annotations(
        self,
        run: RunRecord,
        checkpoint: CheckpointRecord,
        place: LayerPlace = FIRST_LAYER,
        own: tuple[OwnIdea, ...] = (),
    ) -> tuple[Annotation, ...]:
        """What the tokens of the run's text are by every idea, a person's own among them."""
        return self.traces.annotations(run, self.trace(run, checkpoint, place).count, own)

    def find(
        self,
        run: RunRecord,
        checkpoint: CheckpointRecord,
        place: LayerPlace = FIRST_LAYER,
        own: tuple[OwnIdea, ...] = (),
    ) -> tuple[Finding, ...]:
        """The units that follow each annotation most closely, the closest first.

        Args:
            run: The run whose weights are read.
            checkpoint: A checkpoint of the run.
            place: The layer and direction.
            own: A person's own ideas, beside the built-in ones.
        """
        built_in = self._found(run, checkpoint, place, None)
        if not own:
            return built_in
        return (
            *(finding for idea in own for finding in self._found(run, checkpoint, place, idea)),
            *built_in,
        )

    def known(
        self, run: RunRecord, checkpoint: CheckpointRecord, place: LayerPlace = FIRST_LAYER
    ) -> tuple[Finding, ...] | None:
        """As `find` without own ideas, where somebody has asked before; else None at once."""
        return self._findings.peek((*run.key_at(checkpoint.step), place, None))

    def _found(
        self, run: RunRecord, checkpoint: CheckpointRecord, place: LayerPlace, idea: OwnIdea | None
    ) -> tuple[Finding, ...]:
        def compute(_weights: Weights, _model: object) -> tuple[Finding, ...]:
            trace = self.trace(run, checkpoint, place)
            if idea is None:
                return find_units(trace, self.traces.annotations(run, trace.count))
            return find_units(trace, self.traces.annotations(run, trace.count, (idea,))[-1:])

        name = None if idea is None else (idea.name, idea.title)  # a digest: what was typed may be long
        return self._findings.of(run, checkpoint, compute, place, name)

    def check(
        self,
        run: RunRecord,
        checkpoint: CheckpointRecord,
        finding: Finding,
        place: LayerPlace = FIRST_LAYER,
        own: tuple[OwnIdea, ...] = (),
    ) -> AblationCheck | None:
        """Whether the network needs a finding's best unit where its annotation holds, more than it needs others.

        Of each unit h is held at its mean over the text, which is all that the rest of the network ever sees of it.

        Args:
            run: The run whose weights are read.
            checkpoint: A checkpoint of the run.
            finding: One of `find`.
            place: The layer and direction that it was found in.
            own: The own ideas that it was found among.

        Returns:
            None where the network does not predict the next token, or the predictions that were looked at have too few
            of the annotation.
        """
        if not run.config.can_write or finding.best is None:
            return None
        trace = self.trace(run, checkpoint, place)
        held = self._costs.of(
            run,
            checkpoint,
            lambda weights, model: hold_each_unit(weights, model, trace, place.layer),
            place,
        )
        annotation = self._annotation(run, trace, finding.name, own)
        if annotation is None:
            return None
        inside = class_of(annotation, held.at)
        if inside.sum() < LEAST_INSIDE:
            return None
        return check_unit(held, finding.best.unit, inside)

    def formation(
        self,
        run: RunRecord,
        finding: Finding,
        place: LayerPlace = FIRST_LAYER,
        own: tuple[OwnIdea, ...] = (),
    ) -> tuple[FormationPoint, ...]:
        """How close a finding's best unit, and the closest one, were at every checkpoint that is kept.

        Scored on the last third of the text's first `FORMATION_TOKENS` tokens.

        Args:
            run: The run.
            finding: One of `find`.
            place: The layer and direction that it was found in.
            own: The own ideas that it was found among.

        Returns:
            One point a checkpoint; none where so short a text has too little of the annotation.
        """
        best = finding.best
        if best is None:
            return ()
        points = []
        for checkpoint in self.traces.checkpoints.store.checkpoints(run.id):

            def compute(
                _weights: Weights, _model: object, checkpoint: CheckpointRecord = checkpoint
            ) -> FormationPoint:
                trace = self.traces.beginning(run, checkpoint, place, FORMATION_TOKENS)
                annotation = self._annotation(run, trace, finding.name, own)
                if annotation is None or not has_enough(annotation, trace.count):
                    return FormationPoint(checkpoint.epoch, nan, nan, nan, 0, "h")
                (found,) = find_units(trace, [annotation])
                row = {best.quantity: trace.values[best.quantity][best.unit : best.unit + 1]}
                score = score_units(row, annotation, parts_of(trace.count)[1])[best.quantity][0]
                then = found.units[0]
                return FormationPoint(
                    checkpoint.epoch, float(score), found.strength, found.chance, then.unit, then.quantity
                )

            names = tuple(idea.name for idea in own)
            key = (place, finding.name, best.quantity, best.unit, names)
            try:
                points.append(self._formations.of(run, checkpoint, compute, *key))
            except StoreBusy:
                raise
            except StoreError:  # it cannot be read any more, or its states had grown too large
                continue
        return tuple(point for point in points if not np.isnan(point.best))

    def passage(
        self,
        run: RunRecord,
        checkpoint: CheckpointRecord,
        place: LayerPlace,
        name: str,
        own: tuple[OwnIdea, ...] = (),
        length: int = 160,
    ) -> tuple[int, int]:
        """Where a stretch of the text begins and ends that shows an annotation well: of the scoring part, the one in which
        it changes most evenly.

        Args:
            run: The run.
            checkpoint: A checkpoint of the run.
            place: The layer and direction.
            name: The annotation's.
            own: A person's own ideas.
            length: Tokens of the stretch.
        """
        trace = self.trace(run, checkpoint, place)
        annotation = self._annotation(run, trace, name, own)
        part = parts_of(trace.count)[1]
        length = min(length, part.stop - part.start)
        if annotation is None:
            return part.start, part.start + length
        values = np.nan_to_num(annotation.values[part]).astype(np.float64)
        sums = np.concatenate([[0.0], values.cumsum()])
        squares = np.concatenate([[0.0], (values * values).cumsum()])
        mean = (sums[length:] - sums[:-length]) / length
        variance = (squares[length:] - squares[:-length]) / length - mean * mean
        start = part.start + int(variance.argmax())
        return start, start + length

    def match(
        self,
        run: RunRecord,
        checkpoint: CheckpointRecord,
        place: LayerPlace,
        quantity: str,
        start: int,
        stop: int,
        threshold: float,
        *,
        before: bool = False,
        after: bool = False,
        most: int = MOST_MATCHES,
    ) -> Matches:
        """The units that are on through a stretch of the text, and where else they are on together.

        Args:
            run: The run.
            checkpoint: A checkpoint of the run.
            place: The layer and direction.
            quantity: One of the trace's.
            start: The stretch's first token, in the text.
            stop: After its last one.
            threshold: A unit is on where it has at least this.
            before: Only units that are off just before.
            after: Only units that are off just after.
            most: Matches that are told.

        Raises:
            ConfigError: No such stretch, or no such quantity.
        """
        trace = self.trace(run, checkpoint, place)
        if quantity not in trace.values:
            raise ConfigError(
                "This network has no {name}. It has {known}.", name=quantity[:20], known=tuple(trace.values)
            )
        if not 0 <= start < stop:
            raise ConfigError(
                "The stretch ends at {stop}, before it begins at {start}. Mark at least one token.",
                start=start,
                stop=stop,
            )
        if stop > trace.count:
            raise ConfigError(
                "The stretch ends at token {stop:,}, and the text that was read has {tokens:,} tokens. Mark another.",
                stop=stop,
                tokens=trace.count,
            )
        return self._matches.of(
            run,
            checkpoint,
            lambda _weights, _model: matches(
                trace.values[quantity],
                quantity,
                start,
                stop,
                threshold,
                before=before,
                after=after,
                most=most,
            ),
            *(place, quantity, start, stop, threshold, before, after, most),
        )

    def _annotation(
        self, run: RunRecord, trace: CorpusTrace, name: str, own: tuple[OwnIdea, ...]
    ) -> Annotation | None:
        annotations = self.traces.annotations(run, trace.count, own)
        return next((annotation for annotation in annotations if annotation.name == name), None)
