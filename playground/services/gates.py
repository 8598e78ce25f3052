"""A sentence through a run's weights, as they were at any checkpoint."""

from __future__ import annotations

from playground.cache import Cache
from playground.config import CorpusConfig
from playground.errors import CorpusError, StoreError
from playground.models.gates import trace_gates
from playground.records import CheckpointRecord, GateTrace, RunRecord
from playground.services.checkpoints import CheckpointCache
from playground.text.prepare import first_sentence, shorten
from playground.text.typed import cut
from playground.text.vocab import UNK_ID

MAX_TOKENS = 400
"""Longest sentence: more columns than that cannot be told apart on a screen."""
_TRACE_BYTES = 256 * 2**20


class GateService:
    """Traces sentences; keeps the latest ones. Every method may be called from any thread.

    Args:
        checkpoints: Whose gates are looked at.
    """

    def __init__(self, checkpoints: CheckpointCache) -> None:
        self._checkpoints = checkpoints
        self._store = checkpoints.store
        self._traces: Cache[GateTrace] = Cache(_TRACE_BYTES, lambda trace: trace.nbytes)
        self._sentences: dict[CorpusConfig, str] = {}

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
        tokens = cut(text, run.config.corpus, most=MAX_TOKENS)
        key = (run.id, run.revision, checkpoint.step, tuple(tokens))
        return self._traces.get(key, lambda: self._compute(run, checkpoint, tokens))

    def _compute(self, run: RunRecord, checkpoint: CheckpointRecord, tokens: list[str]) -> GateTrace:
        ids = self._checkpoints.vocab(run).ids(tokens)
        trace = trace_gates(
            self._checkpoints.weights(run, checkpoint),
            run.config.model,
            ids,
            tokens=tokens,
            known=[id != UNK_ID for id in ids],
        )
        if not trace.is_finite:
            raise StoreError(
                "At epoch {epoch:g} the states of {name!r} grow beyond what a number holds. "
                "Choose an earlier checkpoint, or a shorter sentence.",
                epoch=checkpoint.epoch,
                name=run.name,
            )
        return trace

    def usual_sentence(self, run: RunRecord, most: int = 70) -> str:
        """The beginning of the run's own text; when that is gone, what the run wrote last.

        Args:
            run: Whose.
            most: Characters.
        """
        corpus = run.config.corpus
        if corpus not in self._sentences:
            try:
                text = first_sentence(self._store.library.load(corpus.corpus), corpus)
            except CorpusError:
                samples = self._store.history(run.id).samples
                return shorten(samples[-1].prefix + samples[-1].text, most) if samples else ""
            self._sentences[corpus] = text
        return shorten(self._sentences[corpus], most)
