"""A run's whole text through one of its layers: read once a checkpoint, kept on disk, mapped into memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from playground.cache import Cache
from playground.config import ModelConfig
from playground.errors import ConfigError, CorpusError, StoreError
from playground.format import epoch_text
from playground.models.corpus_trace import FORMAT, trace_corpus, traced_names
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
_ANNOTATION_BYTES = 64 * 2**20
_REFUSED_BYTES = 4_096
_EVERYTHING = slice(None)


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
        self._own: Cache[Annotation | ConfigError] = Cache(
            _ANNOTATION_BYTES // 2,
            lambda told: told.values.nbytes if isinstance(told, Annotation) else _REFUSED_BYTES,
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
        self.text(run)  # says so where it is gone
        key = (*run.key_at(checkpoint.step), place)
        return self._traces.get(key, lambda: self._found(run, checkpoint, place))

    def excerpt(
        self, run: RunRecord, checkpoint: CheckpointRecord, place: LayerPlace, part: slice
    ) -> CorpusTrace:
        """As `trace`, of a part of the text, in memory and for the caller alone."""
        text, weights = self.text(run), self.checkpoints.weights(run, checkpoint)
        ids = text.ids[part]
        traced = trace_corpus(weights, run.config.model, ids, layer=place.layer, direction=place.direction)
        trained = min(max(text.trained - part.start, 0), len(ids))
        trace = CorpusTrace(
            run.config.model.cell, text.tokens, ids, traced.values, text.of, trained, traced.seam
        )
        return self._checked(run, checkpoint, trace)

    def text(self, run: RunRecord) -> RunText:
        """The run's text, or as much of its beginning as is read at all; errors as `trace`."""
        if not self.checkpoints.store.library.is_here(run.config.corpus.corpus):
            raise _gone(run)  # what is kept of it is not shown: nobody can say any more who may read it
        return self._texts.get((run.id, run.config.corpus), lambda: self._read(run))

    def traced_tokens(self, run: RunRecord) -> int:
        """How many of the first tokens a trace holds, where the disk has room for it."""
        return min(len(self.text(run).ids), self._trace_bytes // _bytes_a_token(run.config.model))

    def annotations(
        self, run: RunRecord, own: tuple[OwnIdea, ...] = (), *, part: slice = _EVERYTHING
    ) -> tuple[Annotation, ...]:
        """What the tokens of a text are by every idea that it has something of, and by a person's own.

        Args:
            run: The run whose text it is.
            own: A person's own ideas, about the whole text.
            part: The tokens that are asked for.

        Raises:
            ConfigError: An own idea that cannot be read.
        """
        level, text = run.config.corpus.token_level, self.text(run)
        told = self._annotations.get(run.config.corpus, lambda: annotate(text.words, level))
        told += tuple(self._own_annotation(run, text, idea) for idea in own)
        return tuple(replace(annotation, values=annotation.values[part]) for annotation in told)

    def _own_annotation(self, run: RunRecord, text: RunText, idea: OwnIdea) -> Annotation:
        """One that is refused is remembered too: a search that was ended is not begun anew at every look."""

        def compute() -> Annotation | ConfigError:
            try:
                return own_annotation(idea, text.words, run.config.corpus.token_level)
            except ConfigError as error:
                return error

        # the name is a digest of what was typed, which may be long
        told = self._own.get((run.config.corpus, idea.name, idea.title), compute)
        if isinstance(told, ConfigError):
            raise told
        return told

    def _found(self, run: RunRecord, checkpoint: CheckpointRecord, place: LayerPlace) -> CorpusTrace:
        """Look on the disk, or read the text."""
        model, text = run.config.model, self.text(run)
        name = f"{FORMAT}-{run.revision}-{checkpoint.step}-l{place.layer}d{place.direction}"
        kept = self._files.find(run.id, name)
        if kept is None:
            try:
                kept = self._made(run, checkpoint, place, name)
            except StoreError:  # no room after all: as much of it as memory bears
                most = max(LEAST_TOKENS, MEMORY_BYTES // _bytes_a_token(model))
                return self.excerpt(run, checkpoint, place, slice(0, most))
        return self._checked(run, checkpoint, _as_trace(model, text, place, *kept))

    def _made(
        self, run: RunRecord, checkpoint: CheckpointRecord, place: LayerPlace, name: str
    ) -> tuple[Array, dict[str, Any]]:
        """Read the text, and keep what the layer does on the disk.

        Raises:
            StoreError: The disk refused.
        """
        ids = self.text(run).ids[: self.traced_tokens(run)]
        notes: dict[str, Any] = {"tokens": len(ids)}
        weights = self.checkpoints.weights(run, checkpoint)
        with self._files.writing(run.id, name, notes) as allocate, self._files.scratch() as scratch:
            traced = trace_corpus(
                weights,
                run.config.model,
                ids,
                layer=place.layer,
                direction=place.direction,
                allocate=allocate,
                scratch=scratch,
            )
            notes["seam"] = traced.seam
        kept = self._files.find(run.id, name)
        if kept is None:
            raise StoreError(
                "What the units of {name!r} do over its text was kept, and is gone. Try again.", name=run.name
            )
        return kept

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


def _bytes_a_token(model: ModelConfig) -> int:
    return 2 * len(traced_names(model)) * model.hidden_size


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
