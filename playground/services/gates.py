"""A sentence through a run's weights, as they were at any checkpoint."""

from __future__ import annotations

from contextlib import suppress

from playground.cache import Cache
from playground.config import ModelConfig
from playground.errors import CorpusError, StoreError
from playground.format import epoch_text
from playground.models.gates import trace_gates
from playground.records import CheckpointRecord, GateTrace, RunRecord
from playground.services.checkpoints import CheckpointCache, ResultCache, Weights
from playground.text.prepare import first_sentence, shorten
from playground.text.telling import telling_stretch
from playground.text.typed import cut
from playground.text.vocab import UNK_ID

MAX_TOKENS = 400
"""Longest sentence: more columns than that cannot be told apart on a screen."""
_TRACE_BYTES = 256 * 2**20
_KEPT = 64


class GateService:
    """Traces sentences; keeps the latest ones. Every method may be called from any thread.

    Args:
        checkpoints: The cache that the weights come from.
    """

    def __init__(self, checkpoints: CheckpointCache) -> None:
        self._checkpoints = checkpoints
        self._traces: ResultCache[GateTrace] = ResultCache(
            checkpoints, _TRACE_BYTES, lambda trace: trace.nbytes
        )
        self._sentences: Cache[str] = Cache(_KEPT)
        self._stretches: Cache[str] = Cache(16 * _KEPT)

    def trace(self, run: RunRecord, checkpoint: CheckpointRecord, text: str) -> GateTrace:
        """Every gate of every layer and direction over a sentence, from a zero state.

        Args:
            run: The run whose weights are read.
            checkpoint: A checkpoint of the run.
            text: The sentence; it is normalised and cut as the run's own text was.

        Raises:
            ConfigError: Nothing to read, or more than `MAX_TOKENS`.
            StoreError: The checkpoint cannot be read (a rolling one may have been replaced
                meanwhile), or its network has diverged.
        """
        tokens = cut(text, run.config.corpus, most=MAX_TOKENS)

        ids = self._checkpoints.vocab(run).ids(tokens)

        def compute(weights: Weights, config: ModelConfig) -> GateTrace:
            trace = trace_gates(weights, config, ids, tokens=tokens, known=[id != UNK_ID for id in ids])
            if not trace.is_finite:
                raise StoreError(
                    "At epoch {epoch} the states of {name!r} grow beyond what a number holds. "
                    "Choose an earlier checkpoint, or a shorter sentence.",
                    epoch=epoch_text(checkpoint.epoch),
                    name=run.name,
                )
            return trace

        return self._traces.of(run, checkpoint, compute, tuple(tokens))

    def usual_sentence(self, run: RunRecord, most: int = 70, *, may_read: bool = True) -> str:
        """The beginning of the run's own text; when that is gone, what the run wrote last.

        Args:
            run: The run that is to read the sentence.
            most: The characters of the sentence, at most.
            may_read: Whoever looks may read that text; else it is as if it were gone.
        """
        corpus, store = run.config.corpus, self._checkpoints.store
        known = frozenset(self._checkpoints.vocab(run).tokens)
        if may_read:
            with suppress(CorpusError):
                text = self._sentences.get(
                    corpus, lambda: first_sentence(store.library.load(corpus.corpus), corpus, known=known)
                )
                return shorten(text, most)
        samples = store.history(run.id).samples
        return shorten(samples[-1].prefix + samples[-1].text if samples else "", most)

    def telling_sentence(self, run: RunRecord, most: int, *, may_read: bool = True) -> str:
        """A short stretch of the run's own text with much in it that units may follow.

        Args:
            run: The run that is to read it.
            most: The characters, at most.
            may_read: Whoever looks may read that text.

        Returns:
            The stretch; empty where there is none: of letters alone, of words, or of a text that is gone.
        """
        corpus = run.config.corpus
        if not may_read or corpus.normalize != "none" or corpus.token_level != "char":
            return ""
        known = frozenset(self._checkpoints.vocab(run).tokens)
        with suppress(CorpusError):
            return self._stretches.get(
                (corpus, run.id, most),
                lambda: telling_stretch(
                    self._checkpoints.store.library.load(corpus.corpus).text, most, known
                ),
            )
        return ""
