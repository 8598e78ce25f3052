"""A run's network at work on text: it writes, is surprised, fills in blanks, and falls into the trap."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from itertools import islice
from types import MappingProxyType

from playground.config import ModelConfig, WriteConfig
from playground.errors import ConfigError, CorpusError
from playground.inference.cloze import fill
from playground.inference.generate import Stepper, write
from playground.inference.surprise import accuracy, surprise
from playground.inference.trap import leak, write_anyway
from playground.records import (
    Accuracy,
    Candidate,
    CheckpointRecord,
    Cloze,
    Leak,
    RunRecord,
    SurpriseTrace,
    WrittenToken,
)
from playground.services.checkpoints import CheckpointCache, ResultCache, Weights
from playground.text.cloze import cut_cloze
from playground.text.prepare import prepare
from playground.text.typed import cut, cut_prefix, require_tokens
from playground.text.vocab import UNK_ID

MOST_PREFIX = 1_000
"""Tokens that a text can be begun with."""
MOST_READ = 3_000
"""Tokens of a text whose surprise is told."""
MOST_CLOZE = 400
MOST_LEAK = 120
"""Tokens of a sentence that is read anew, scrambled, for each of them."""
SCORED = 5_000
"""Held-out tokens that an accuracy is counted on."""
_KEPT = 256


class TextService:
    """Puts runs to work. Every method may be called from any thread.

    Every method raises ConfigError for a text that is empty or too long, or a run that cannot do it, and
    StoreError for a checkpoint that cannot be read (a rolling one may have been replaced meanwhile).

    Args:
        checkpoints: The cache that the weights come from.
    """

    def __init__(self, checkpoints: CheckpointCache) -> None:
        self._checkpoints = checkpoints
        lock = threading.Lock()  # one result after the other; a text that is written waits for none
        self._surprises: ResultCache[SurpriseTrace] = ResultCache(checkpoints, _KEPT, lock=lock)
        self._fills: ResultCache[list[tuple[Candidate, ...]]] = ResultCache(checkpoints, _KEPT, lock=lock)
        self._scores: ResultCache[Accuracy | None] = ResultCache(checkpoints, _KEPT, lock=lock)
        self._leaks: ResultCache[Leak] = ResultCache(checkpoints, _KEPT, lock=lock)

    def write(
        self, run: RunRecord, checkpoint: CheckpointRecord, prefix: str, settings: WriteConfig
    ) -> Iterator[WrittenToken]:
        """Continue a prefix. What is wrong with the request is raised at once, divergence on the way.

        Tokens come a few at once; how many texts are written at the same time is their reader's business.

        Args:
            run: The run whose network writes.
            checkpoint: A checkpoint of the run.
            prefix: The text that is continued.
            settings: How much is written, and how each token is chosen.
        """
        _require_writer(run)
        vocab = self._checkpoints.vocab(run)
        tokens = self.prefix(run, prefix)
        stepper = Stepper(self._checkpoints.weights(run, checkpoint), run.config.model)
        return write(stepper, vocab.tokens, vocab.ids(tokens), settings)

    def prefix(self, run: RunRecord, text: str) -> list[str]:
        """A prefix in the tokens of a run."""
        return cut_prefix(text, run.config.corpus, most=MOST_PREFIX)

    def surprise(self, run: RunRecord, checkpoint: CheckpointRecord, text: str) -> SurpriseTrace:
        """What each token of a text costs the network."""
        _require_honest(run)
        tokens = cut(text, run.config.corpus, most=MOST_READ)
        vocab = self._checkpoints.vocab(run)
        ids = vocab.ids(tokens)
        known = [id != UNK_ID for id in ids]
        return self._surprises.of(
            run,
            checkpoint,
            lambda weights, model: surprise(
                weights, model, ids, tokens=tokens, known=known, names=vocab.tokens
            ),
            tuple(tokens),
        )

    def fill(
        self,
        run: RunRecord,
        checkpoint: CheckpointRecord,
        text: str,
        *,
        most: int = 5,
        hidden: Mapping[int, str] = MappingProxyType({}),
    ) -> Cloze:
        """What a network would put into each `_` of a text; a one-direction one from the left alone.

        Args:
            run: The run whose network fills.
            checkpoint: A checkpoint of the run.
            text: The text with its blanks.
            most: Candidates a blank.
            hidden: What stood at blanks, by position, where that is known; it is told beside the likeliest.
        """
        _require_honest(run)
        tokens = cut_cloze(text, run.config.corpus)
        require_tokens([token or "_" for token in tokens], text, run.config.corpus, most=MOST_CLOZE)
        vocab = self._checkpoints.vocab(run)
        ids = [None if token is None else vocab.ids([token])[0] for token in tokens]
        known = tuple(id != UNK_ID for id in ids)
        if None not in ids:
            return Cloze(tuple(tokens), known, ())
        wanted = [
            vocab.ids([hidden[at]])[0] if at in hidden else None for at, id in enumerate(ids) if id is None
        ]
        wanted = [None if id == UNK_ID else id for id in wanted]  # it cannot say what it never read
        fills = self._fills.of(
            run,
            checkpoint,
            lambda weights, model: fill(
                weights, model, ids, hole=UNK_ID, names=vocab.tokens, most=most, hidden=wanted
            ),
            tuple(tokens),
            most,
            tuple(wanted),
        )
        return Cloze(tuple(tokens), known, tuple(fills))

    def score(self, run: RunRecord, checkpoint: CheckpointRecord) -> Accuracy | None:
        """How often the likeliest token of held-out text is right; None without such text."""
        _require_honest(run)

        def compute(weights: Weights, model: ModelConfig) -> Accuracy | None:
            corpus = run.config.corpus
            try:
                text = prepare(self._checkpoints.store.library.load(corpus.corpus), corpus)
            except CorpusError:  # the text was deleted
                return None
            ids = self._checkpoints.vocab(run).ids(text.vocab.tokens[id] for id in text.heldout[:SCORED])
            score = accuracy(weights, model, ids, unknown=UNK_ID)
            return score if score.of else None

        return self._scores.of(run, checkpoint, compute)

    def leak(self, run: RunRecord, checkpoint: CheckpointRecord, text: str) -> Leak:
        """What a trap's predictions are worth once the answer is out of sight."""
        _require_trap(run)
        tokens = cut(text, run.config.corpus, most=MOST_LEAK)
        if len(tokens) < 2:
            raise ConfigError(
                "The text has a single token, so there is nothing to predict. Type a longer one."
            )
        ids = self._checkpoints.vocab(run).ids(tokens)
        return self._leaks.of(
            run,
            checkpoint,
            lambda weights, model: leak(weights, model, ids, tokens=tokens),
            tuple(tokens),
        )

    def write_anyway(
        self, run: RunRecord, checkpoint: CheckpointRecord, prefix: str, length: int
    ) -> list[str]:
        """What a trap writes: its tokens."""
        _require_trap(run)
        vocab = self._checkpoints.vocab(run)
        weights = self._checkpoints.weights(run, checkpoint)
        ids = write_anyway(weights, run.config.model, vocab.ids(self.prefix(run, prefix)))
        return [vocab.tokens[id] for id in islice(ids, length)]


def _require_writer(run: RunRecord) -> None:
    _require_honest(run)
    if not run.config.can_write:
        raise ConfigError(
            "The run {name!r} fills in blanks from both sides, so it cannot continue a text. "
            "Choose a run with one direction.",
            name=run.name,
        )


def _require_honest(run: RunRecord) -> None:
    if run.config.is_trap:
        raise ConfigError(
            "The run {name!r} reads from both ends: its second direction has already seen what it is "
            "asked for. Choose a run with one direction, or one that fills in blanks.",
            name=run.name,
        )


def _require_trap(run: RunRecord) -> None:
    if not run.config.is_trap:
        raise ConfigError(
            "The run {name!r} is no trap. Choose one with two directions that predicts the next token.",
            name=run.name,
        )
