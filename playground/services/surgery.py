"""A run with some of its units held, clamped or swapped: what it writes, and what it loses."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from playground.config import Intervention, ModelConfig, Surgery, WriteConfig
from playground.errors import ConfigError
from playground.inference.generate import Stepper, write
from playground.inference.surgery import changed_predictions, class_losses, costs, measured_part, stretches_of
from playground.models.edits import Edit
from playground.models.reader import Reader
from playground.records import (
    Array,
    CheckpointRecord,
    Effects,
    LayerPlace,
    RunRecord,
    WrittenToken,
)
from playground.services.cells import CellService
from playground.services.checkpoints import CheckpointCache, ResultCache, Weights
from playground.text.own_annotations import OwnIdea
from playground.text.typed import cut, cut_prefix

MOST_WRITTEN = 2_000
"""Tokens: both texts are on one page, and whoever looks waits for them."""
MOST_PREFIX = 1_000
MOST_DONOR = 400
MEASURED = 4_000
"""Predictions whose cost is told by class."""
_KEPT = 128
_WRITTEN = 30_000
"""Tokens of all texts that are kept, a kilobyte each."""


class SurgeryService:
    """Operates on copies: a run's weights stay as they are. Every method may be called from any thread.

    Every method raises ConfigError for a run that does not predict the next token or a text that is empty or too long, and
    StoreError for a checkpoint that cannot be read.

    Args:
        checkpoints: The cache that the weights come from.
        cells: Has the traces, of which units' means are taken.
    """

    def __init__(self, checkpoints: CheckpointCache, cells: CellService) -> None:
        self._checkpoints, self._cells = checkpoints, cells
        self._texts: ResultCache[list[WrittenToken]] = ResultCache(checkpoints, _WRITTEN, len)
        self._effects: ResultCache[Effects] = ResultCache(checkpoints, _KEPT)

    def write(
        self,
        run: RunRecord,
        checkpoint: CheckpointRecord,
        prefix: str,
        settings: WriteConfig,
        surgery: Surgery,
    ) -> list[WrittenToken]:
        """What the run writes with its units changed; an empty surgery writes what `TextService.write` does.

        Args:
            run: The run whose network writes.
            checkpoint: A checkpoint of the run.
            prefix: The text that is continued.
            settings: How much is written, and how each token is chosen.
            surgery: What is done, from its `start` on, counted in tokens of the prefix and of what is written.
        """
        _require_writer(run)
        if settings.length > MOST_WRITTEN:
            raise ConfigError(
                "A text of {length:,} tokens is too long to be compared; at most {most:,} can be. Shorten it.",
                length=settings.length,
                most=MOST_WRITTEN,
            )
        vocab = self._checkpoints.vocab(run)
        tokens = tuple(vocab.ids(cut_prefix(prefix, run.config.corpus, most=MOST_PREFIX)))

        def compute(weights: Weights, model: ModelConfig) -> list[WrittenToken]:
            stepper = Stepper(weights, model, self._edits(run, checkpoint, surgery))
            return list(write(stepper, vocab.tokens, tokens, settings))

        return self._texts.of(run, checkpoint, compute, tokens, settings, surgery)

    def effects(
        self,
        run: RunRecord,
        checkpoint: CheckpointRecord,
        surgery: Surgery,
        own: tuple[OwnIdea, ...] = (),
    ) -> Effects:
        """What predictions cost with the surgery, by class of text, and which changed most.

        Held-out text is taken where there is enough of it (`measured_part`), else the end of what was trained on.

        Args:
            run: The run.
            checkpoint: A checkpoint of the run.
            surgery: What is done at every token; a state that is swapped once has no place in a whole text.
            own: A person's own ideas, which become classes too.

        Raises:
            CorpusError: The text of the run is gone.
        """
        _require_writer(run)
        if any(each.value == "donor" for each in surgery.interventions):
            raise ConfigError(
                "Another sentence's state is put in once, so there is no loss over a whole text. Hold units at a number or at "
                "their mean to see one."
            )

        def compute(weights: Weights, model: ModelConfig) -> Effects:
            text = self._cells.traces.text(run)
            ids = text.ids
            part, is_held_out = measured_part(len(ids), text.trained)
            starts, length = stretches_of(part, MEASURED)
            plain = costs(weights, model, ids, starts, length)[0]
            edits = self._edits(run, checkpoint, Surgery(surgery.interventions, surgery.layer))
            edited = costs(weights, model, ids, starts, length, edits)[0] if edits else plain
            at = starts[:, None] + np.arange(length)
            annotations = self._cells.traces.annotations(run, own)
            return Effects(
                class_losses(plain, edited, at, annotations),
                changed_predictions(plain, edited, at, ids, text.tokens),
                plain.size,
                is_held_out,
            )

        return self._effects.of(run, checkpoint, compute, surgery, own)

    def _edits(self, run: RunRecord, checkpoint: CheckpointRecord, surgery: Surgery) -> list[Edit]:
        return [self._edit(run, checkpoint, surgery, each) for each in surgery.interventions]

    def _edit(
        self, run: RunRecord, checkpoint: CheckpointRecord, surgery: Surgery, each: Intervention
    ) -> Edit:
        size = run.config.model.hidden_size
        units: NDArray[np.intp] = np.arange(size) if each.units is None else np.array(each.units, np.intp)
        values: Array
        if each.value == "mean":
            trace = self._cells.trace(run, checkpoint, LayerPlace(surgery.layer))
            values = trace.values[each.quantity][units].mean(axis=1, dtype=np.float64)
        elif each.value == "donor":
            values = self._donated(run, checkpoint, surgery)[each.quantity][units]
        else:
            values = np.full(len(units), float(each.value))
        return Edit(
            each.quantity, units, values, None, surgery.layer, surgery.start, once=each.value == "donor"
        )

    def _donated(self, run: RunRecord, checkpoint: CheckpointRecord, surgery: Surgery) -> dict[str, Array]:
        """What the donor sentence leaves in the layer, (H,) each."""
        tokens = cut(surgery.donor, run.config.corpus, most=MOST_DONOR)
        reader = Reader(self._checkpoints.weights(run, checkpoint), run.config.model)
        for token in self._checkpoints.vocab(run).ids(tokens):
            reader.feed(token)
        return reader.state(surgery.layer)


def _require_writer(run: RunRecord) -> None:
    if not run.config.can_write:
        raise ConfigError(
            "The run {name!r} does not predict the next token from what stands before it, so there is nothing to "
            "compare. Choose a run with one direction.",
            name=run.name,
        )
