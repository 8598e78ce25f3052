"""A run's whole text through one of its layers: read once a checkpoint, kept on disk, mapped into memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from playground.cache import Cache
from playground.config import ModelConfig
from playground.errors import ConfigError, CorpusError, StoreError
from playground.format import epoch_text
from playground.models.corpus_trace import trace_corpus, traced_names
from playground.records import (
    FIRST_LAYER,
    Annotation,
    Array,
    CheckpointRecord,
    CorpusTrace,
    LayerPlace,
    RunRecord,
)
from playground.services.checkpoints import CheckpointCache
from playground.store.trace_files import TraceFiles
from playground.text.annotations import annotate
from playground.text.own_annotations import OwnIdea, own_annotation
from playground.text.prepare import prepare

MOST_TOKENS = 500_000
"""Of a text, from its beginning, that are read."""
TRACE_BYTES = 512 * 2**20
"""Of one trace: an LSTM of 256 units reads 174,000 tokens in it."""
MEMORY_BYTES = 64 * 2**20
"""Of a trace for which the disk has no room; it is kept in memory alone."""
LEAST_TOKENS = 1_000
"""Of a text: from fewer nothing can be said."""
_OPEN = 12
"""Traces that stay mapped, at most: a file that gives way to another takes room on the disk as long as it is mapped."""
_HELD_BYTES = 128 * 2**20
"""Of traces that are in memory alone."""
_TEXTS_BYTES = 16 * 2**20
_ANNOTATION_BYTES = 96 * 2**20


@dataclass(frozen=True)
class RunText:
    """The beginning of a run's text in the tokens of its vocabulary."""

    tokens: tuple[str, ...]
    """Of each id, (V,)."""
    ids: Array
    of: int
    """Tokens of the whole text."""
    trained: int
    """So many of the first tokens were trained on."""

    @property
    def words(self) -> list[str]:
        """The text, token by token."""
        return [self.tokens[id] for id in self.ids.tolist()]

    @property
    def nbytes(self) -> int:
        """Memory that the ids take."""
        return self.ids.nbytes


class CorpusTraces:
    """Reads runs' texts; keeps the latest traces mapped. Every method may be called from any thread.

    What units do is in files, of which the system keeps in memory what is looked at and fits; what this keeps
    itself is bounded: ids, annotations, and traces that found no room on the disk.

    Args:
        checkpoints: The cache that the weights come from.
        trace_bytes: Of one trace, at most.
    """

    def __init__(self, checkpoints: CheckpointCache, *, trace_bytes: int = TRACE_BYTES) -> None:
        self.checkpoints = checkpoints
        self._trace_bytes = trace_bytes
        self._files = TraceFiles(checkpoints.store.directory, checkpoints.store.space)
        self._texts: Cache[RunText] = Cache(_TEXTS_BYTES, lambda text: text.nbytes)
        self._traces: Cache[CorpusTrace] = Cache(_HELD_BYTES, _held)
        self._annotations: Cache[tuple[Annotation, ...]] = Cache(
            _ANNOTATION_BYTES, lambda several: sum(a.values.nbytes for a in several)
        )

    def trace(
        self, run: RunRecord, checkpoint: CheckpointRecord, place: LayerPlace = FIRST_LAYER
    ) -> CorpusTrace:
        """What a layer did over the run's text, or as much of its beginning as the limits allow.

        Args:
            run: The run whose weights are read.
            checkpoint: A checkpoint of the run.
            place: The layer and direction, such as the run has.

        Raises:
            CorpusError: The text is gone.
            ConfigError: The text is too short.
            StoreError: The checkpoint cannot be read, its network has diverged, or the disk refused.
        """
        self._require_text(run)
        key = (*run.key_at(checkpoint.step), place)
        return self._traces.get(key, lambda: self._found(run, checkpoint, place))

    def beginning(
        self, run: RunRecord, checkpoint: CheckpointRecord, place: LayerPlace, tokens: int
    ) -> CorpusTrace:
        """As `trace`, of the first so many tokens, in memory and for the caller alone."""
        text = self.text(run, tokens)
        weights = self.checkpoints.weights(run, checkpoint)
        traced = trace_corpus(
            weights, run.config.model, text.ids, layer=place.layer, direction=place.direction
        )
        return self._checked(
            run,
            checkpoint,
            CorpusTrace(
                run.config.model.cell,
                text.tokens,
                text.ids,
                traced.values,
                text.of,
                text.trained,
                traced.seam,
            ),
        )

    def text(self, run: RunRecord, most: int = MOST_TOKENS) -> RunText:
        """The run's text, or its first so many tokens; errors as `trace`."""
        self._require_text(run)
        text = self._texts.get((run.id, run.config.corpus), lambda: self._read(run))
        return RunText(text.tokens, text.ids[:most], text.of, min(text.trained, most))

    def annotations(
        self, run: RunRecord, count: int, own: tuple[OwnIdea, ...] = ()
    ) -> tuple[Annotation, ...]:
        """What the tokens of a text are by every idea that it has something of, and by a person's own.

        Args:
            run: The run whose text it is.
            count: How many of its first tokens.
            own: A person's own ideas.

        Raises:
            ConfigError: An own idea that cannot be read.
        """
        level = run.config.corpus.token_level
        text = self.text(run, count)

        def compute_own(idea: OwnIdea) -> Callable[[], tuple[Annotation, ...]]:
            return lambda: (own_annotation(idea, text.words, level),)

        key = (run.config.corpus, count)
        told = self._annotations.get(key, lambda: annotate(text.words, level))
        for idea in own:  # the name is a digest of what was typed, which may be long
            told += self._annotations.get((*key, idea.name, idea.title), compute_own(idea))
        return told

    def _require_text(self, run: RunRecord) -> None:
        """What is kept of a text that is gone or damaged is not shown: nobody can say any more who may read it."""
        if not self.checkpoints.store.library.is_here(run.config.corpus.corpus):
            raise _gone(run)

    def _found(self, run: RunRecord, checkpoint: CheckpointRecord, place: LayerPlace) -> CorpusTrace:
        """Look on the disk, or read the text."""
        model = run.config.model
        name = f"{run.revision}-{checkpoint.step}-l{place.layer}d{place.direction}"
        text = self.text(run, MOST_TOKENS)
        kept = self._files.find(run.id, name)
        if kept is not None and len(kept[0]) == len(traced_names(model)):
            return self._checked(run, checkpoint, _as_trace(model, text, place, *kept))
        bytes_a_token = 2 * len(traced_names(model)) * model.hidden_size
        room = self._files.room()
        is_kept = room >= min(self._trace_bytes, len(text.ids) * bytes_a_token)
        most = (self._trace_bytes if is_kept else max(MEMORY_BYTES, room)) // bytes_a_token
        read = self.text(run, min(MOST_TOKENS, most))
        if not is_kept:
            return self.beginning(run, checkpoint, place, len(read.ids))
        notes: dict[str, Any] = {"tokens": len(read.ids)}
        weights = self.checkpoints.weights(run, checkpoint)
        with self._files.writing(run.id, name, notes) as allocate:
            traced = trace_corpus(
                weights,
                model,
                read.ids,
                layer=place.layer,
                direction=place.direction,
                allocate=allocate,
            )
            notes["seam"] = traced.seam
        kept = self._files.find(run.id, name)
        if kept is None:
            raise StoreError(
                "What the units of {name!r} do over its text was kept, and is gone. Try again.", name=run.name
            )
        return self._checked(run, checkpoint, _as_trace(model, text, place, *kept))

    def _checked(self, run: RunRecord, checkpoint: CheckpointRecord, trace: CorpusTrace) -> CorpusTrace:
        if not all(np.isfinite(trace.values[name]).all() for name in ("h", "c") if name in trace.values):
            raise StoreError(
                "At epoch {epoch} the states of {name!r} grow beyond what is kept of them over a whole text. "
                "Choose an earlier checkpoint.",
                epoch=epoch_text(checkpoint.epoch),
                name=run.name,
            )
        return trace

    def _read(self, run: RunRecord) -> RunText:
        corpus = run.config.corpus
        try:
            text = prepare(self.checkpoints.store.library.load(corpus.corpus), corpus)
        except CorpusError:
            raise _gone(run) from None
        vocab = self.checkpoints.vocab(run)
        numbers = np.array(vocab.ids(text.vocab.tokens), np.int32)
        ids = numbers[np.concatenate([text.train, text.heldout]).astype(np.intp)]
        if len(ids) < LEAST_TOKENS:
            raise ConfigError(
                "The text of the run {name!r} has {tokens:,} tokens; at least {least:,} are needed to say what units "
                "follow. Train on a longer one.",
                name=run.name,
                tokens=len(ids),
                least=LEAST_TOKENS,
            )
        return RunText(vocab.tokens, ids[:MOST_TOKENS], len(ids), len(text.train))


def _gone(run: RunRecord) -> CorpusError:
    return CorpusError(
        "The text of the run {name!r} is gone, so nobody can say what its units follow in it. "
        "Add the text again, or look at a sentence of your own.",
        name=run.name,
    )


def _held(trace: CorpusTrace) -> int:
    """Bytes that a trace takes; of a mapped one its part of `_OPEN`."""
    in_memory = sum(array.nbytes for array in trace.values.values() if not isinstance(array, np.memmap))
    return max(in_memory, _HELD_BYTES // _OPEN)


def _as_trace(
    model: ModelConfig, text: RunText, place: LayerPlace, whole: Array, notes: dict[str, Any]
) -> CorpusTrace:
    """What is kept, as it was read: a backward reader's padding lies before its beginning."""
    tokens = int(notes["tokens"])
    first = whole.shape[2] - tokens if place.direction else 0
    values = {
        name: array[:, first : first + tokens] for name, array in zip(traced_names(model), whole, strict=True)
    }
    return CorpusTrace(
        model.cell,
        text.tokens,
        text.ids[:tokens],
        values,
        text.of,
        min(text.trained, tokens),
        float(notes["seam"]),
    )
