"""Which units of a run follow what in its text, whether it needs them, and where else they are on."""

from __future__ import annotations

import numpy as np

from playground.config import ModelConfig
from playground.errors import ConfigError
from playground.inference.held_units import HeldCosts, can_hold, check_unit, hold_units
from playground.inference.matching import matches
from playground.inference.unit_scores import find_units, parts_of
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
from playground.services.formations import Formations
from playground.text.own_annotations import OwnIdea

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
        self._formations = Formations(self.traces)
        self._matches: ResultCache[Matches] = ResultCache(checkpoints, _KEPT)
        self._costs: ResultCache[HeldCosts | None] = ResultCache(
            checkpoints, _COST_BYTES, lambda costs: costs.nbytes if costs is not None else 1
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
        part = slice(0, self.trace(run, checkpoint, place).count)
        return self.traces.annotations(run, own, part=part)

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
            own = () if idea is None else (idea,)
            told = self.traces.annotations(run, own, part=slice(0, trace.count))
            return find_units(trace, told[-1:] if own else told)

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
            None where the network does not predict the next token or is too large, or where the predictions that were looked
            at have too few of the annotation.
        """
        if not run.config.can_write or finding.best is None:
            return None
        annotation = self._annotation(run, finding.name, own)
        costs = self._held(run, checkpoint, place, None)
        if annotation is None or costs is None:
            return None
        unit = finding.best.unit
        own_costs = None if unit in costs.units else self._held(run, checkpoint, place, unit)
        return check_unit(costs, unit, annotation, own_costs)

    def can_check(self, run: RunRecord) -> bool:
        """Its units can be held, one at a time, while somebody waits; a very large layer's cannot."""
        return can_hold(run.config.model, len(self.traces.checkpoints.vocab(run)))

    def _held(
        self, run: RunRecord, checkpoint: CheckpointRecord, place: LayerPlace, unit: int | None
    ) -> HeldCosts | None:
        """What predictions cost with units of a layer held at their means: of all of them, or of one."""

        def compute(weights: Weights, model: ModelConfig) -> HeldCosts | None:
            text, trace = self.traces.text(run), self.trace(run, checkpoint, place)
            means = np.asarray(trace.values["h"].mean(axis=1, dtype=np.float32))
            only = None if unit is None else np.array([unit])
            return hold_units(weights, model, text.ids, text.trained, means, place.layer, only)

        return self._costs.of(run, checkpoint, compute, place, unit)

    def formation(
        self,
        run: RunRecord,
        finding: Finding,
        place: LayerPlace = FIRST_LAYER,
        own: tuple[OwnIdea, ...] = (),
    ) -> tuple[FormationPoint, ...]:
        """How close a finding's best unit, and the closest one, were at every checkpoint; see `Formations.of`."""
        return self._formations.of(run, finding, place, own)

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
        annotation = self._annotation(run, name, own)
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

    def _annotation(self, run: RunRecord, name: str, own: tuple[OwnIdea, ...]) -> Annotation | None:
        """One of the whole text's; of a person's own ideas the one that is named."""
        told = self.traces.annotations(run, tuple(idea for idea in own if idea.name == name))
        return next((annotation for annotation in told if annotation.name == name), None)
