"""A sentence through a run's weights, as they were at any checkpoint."""

from __future__ import annotations

import threading
from pathlib import Path

from cachetools import LRUCache

from playground.config import CorpusConfig
from playground.errors import ConfigError, CorpusError, StoreError
from playground.models.gates import trace_gates
from playground.records import Array, CheckpointRecord, GateTrace, RunRecord
from playground.runs.store import RunStore
from playground.runs.weights import load_arrays
from playground.text.prepare import cut_sentence, first_sentence
from playground.text.vocab import UNK_ID

MAX_TOKENS = 400
"""Longest sentence: more columns than that cannot be told apart on a screen."""
MAX_CHARACTERS = 4_000
"""Of a sentence: words can be long."""
_TRACE_BYTES = 256 * 2**20
_WEIGHT_BYTES = 128 * 2**20


class GateLens:
    """Traces sentences; keeps the latest ones. Every method may be called from any thread.

    Args:
        store: Where the runs are.
    """

    def __init__(self, store: RunStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._computing = threading.Lock()
        self._traces: LRUCache[tuple[str, int, tuple[str, ...]], GateTrace] = LRUCache(
            _TRACE_BYTES, lambda t: t.nbytes
        )
        self._sentences: dict[CorpusConfig, str] = {}
        self._weights: LRUCache[tuple[Path, int], dict[str, Array]] = LRUCache(_WEIGHT_BYTES, _size)

    def trace(self, run: RunRecord, checkpoint: CheckpointRecord, text: str) -> GateTrace:
        """Every gate of every layer and direction over a sentence, from a zero state.

        Args:
            run: For its settings and its vocabulary.
            checkpoint: One of the run's.
            text: Normalised and cut as the run's own text was.

        Raises:
            ConfigError: Nothing to read, or more than `MAX_TOKENS`.
            StoreError: The checkpoint cannot be read (a rolling one may have been replaced
                meanwhile), or its network has diverged.
        """
        _require_short(text)
        tokens = cut_sentence(text, run.config.corpus)
        _require_some(tokens, text, letters=run.config.corpus.normalize == "letters")
        key = (f"{run.id}/{run.revision}", checkpoint.step, tuple(tokens))
        with self._lock:
            kept = self._traces.get(key)
        if kept is not None:
            return kept
        with self._computing:  # whoever waited for the same one finds it
            with self._lock:
                kept = self._traces.get(key)
            return kept if kept is not None else self._compute(run, checkpoint, tokens, key)

    def _compute(
        self,
        run: RunRecord,
        checkpoint: CheckpointRecord,
        tokens: list[str],
        key: tuple[str, int, tuple[str, ...]],
    ) -> GateTrace:
        vocab = self._store.vocab(run.id)
        if vocab is None:
            raise StoreError("The run {name!r} has no weights yet. Wait until it has started.", name=run.name)
        ids = vocab.ids(tokens)
        trace = trace_gates(
            self._read(run, checkpoint), run.config.model, ids,
            tokens=tokens, known=[id != UNK_ID for id in ids],
        )  # fmt: skip
        if not trace.is_finite:
            raise StoreError(
                "At epoch {epoch:g} the states of {name!r} grow beyond what a number holds. "
                "Choose an earlier checkpoint, or a shorter sentence.",
                epoch=checkpoint.epoch,
                name=run.name,
            )
        with self._lock:
            if trace.nbytes <= self._traces.maxsize:
                self._traces[key] = trace
        return trace

    def usual_sentence(self, run: RunRecord) -> str:
        """The beginning of the run's own text; when that is gone, what the run wrote last."""
        corpus = run.config.corpus
        if corpus not in self._sentences:
            try:
                text = first_sentence(self._store.library.load(corpus.corpus), corpus)
            except CorpusError:
                samples = self._store.history(run.id).samples
                return (samples[-1].prefix + samples[-1].text)[:MAX_TOKENS] if samples else ""
            self._sentences[corpus] = text
        return self._sentences[corpus]

    def _read(self, run: RunRecord, checkpoint: CheckpointRecord) -> dict[str, Array]:
        file = self._store.run_directory(run.id) / checkpoint.weights_file
        key = (file, run.revision)  # a resumed run may write a step's file anew
        with self._lock:
            kept = self._weights.get(key)
        if kept is not None:
            return kept
        weights = load_arrays(file)
        with self._lock:
            if _size(weights) <= self._weights.maxsize:
                self._weights[key] = weights
        return weights


def checkpoint_at(store: RunStore, run: RunRecord, epoch: float | None) -> CheckpointRecord:
    """The checkpoint of an epoch; None is the newest.

    Raises:
        StoreError: No checkpoint yet, or none of that epoch.
    """
    found = store.checkpoints(run.id)
    if not found:
        raise StoreError("The run {name!r} has no weights yet. Wait until it has started.", name=run.name)
    if epoch is None:
        return found[-1]
    nearest = min(found, key=lambda one: abs(one.epoch - epoch))
    if f"{nearest.epoch:g}" == f"{epoch:g}":  # as the sentence below, or a page, has written it
        return nearest
    raise StoreError(
        "The run {name!r} has no checkpoint of epoch {epoch:g}. It has those of {epochs}.",
        name=run.name,
        epoch=epoch,
        epochs=", ".join(f"{one.epoch:g}" for one in found),
    )


def _require_short(text: str) -> None:
    if len(text) > MAX_CHARACTERS:
        raise ConfigError(
            "The sentence has {characters:,} characters; at most {most:,} can be looked at. Shorten it by {over:,}.",
            characters=len(text),
            most=MAX_CHARACTERS,
            over=len(text) - MAX_CHARACTERS,
        )


def _require_some(tokens: list[str], text: str, *, letters: bool) -> None:
    if not tokens:
        if letters and text.strip():
            raise ConfigError("This run reads only the letters a-z, and the sentence has none. Type some.")
        raise ConfigError("The sentence is empty. Type at least one character.")
    if len(tokens) > MAX_TOKENS:
        raise ConfigError(
            "The sentence has {tokens:,} tokens; at most {most} can be looked at. Shorten it by {over:,}.",
            tokens=len(tokens),
            most=MAX_TOKENS,
            over=len(tokens) - MAX_TOKENS,
        )


def _size(weights: dict[str, Array]) -> int:
    return sum(array.nbytes for array in weights.values())
