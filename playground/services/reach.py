"""How far back losses reach: a run's at any checkpoint, and a cell's before its first step."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from playground.cache import Cache
from playground.config import Cell, CorpusConfig, ModelConfig
from playground.errors import ConfigError, CorpusError, StoreError
from playground.format import epoch_text
from playground.inference.reach import connectivity, reach, recurrent_matrices
from playground.lesson_settings import FreshConfig
from playground.models.initial import initial_weights
from playground.presets import CHINESE_STORY, STORY
from playground.records import Array, CheckpointRecord, Reach, RecurrentMatrix, RunRecord
from playground.services.checkpoints import CheckpointCache, ResultCache, Weights, weight_bytes
from playground.text.prepare import PreparedText, first_sentence, prepare
from playground.text.typed import cut
from playground.text.vocab import Vocab

FURTHEST = 100
"""K: tokens back, unless asked otherwise."""
MOST_BACK = 200
MOST_READ = 1_000
"""Tokens of a text that losses are averaged over."""
MOST_MAP = 120
"""Tokens of a sentence's map: more cells than that cannot be told apart."""
_SPREAD = 100
"""Tokens, beyond K, over which the averaged losses are spread when nobody gives a text."""
_KEPT = 64
_FRESH_BYTES = 32 * 2**20
STORIES: Mapping[str, CorpusConfig] = {
    STORY: CorpusConfig(corpus=STORY),
    CHINESE_STORY: CorpusConfig(corpus=CHINESE_STORY, normalize="none"),
}
"""What a fresh cell reads, by `FreshConfig.story`: the bundled stories with every kind of character."""


class ReachService:
    """Measures runs and fresh cells; keeps the latest results. Every method may be called from any thread.

    Every method raises ConfigError for a text that is empty, too long or too short, or a run that cannot be
    measured, and StoreError for a checkpoint that cannot be read or whose network has diverged.

    Args:
        checkpoints: The cache that the weights come from.
    """

    def __init__(self, checkpoints: CheckpointCache) -> None:
        self._checkpoints = checkpoints
        self._reaches: ResultCache[Reach] = ResultCache(checkpoints, _KEPT)
        self._matrices: ResultCache[list[RecurrentMatrix]] = ResultCache(checkpoints, _KEPT)
        self._fresh: Cache[Weights] = Cache(_FRESH_BYTES, weight_bytes)
        self._stories: Cache[PreparedText] = Cache(len(STORIES))
        self._usual: Cache[list[int]] = Cache(_KEPT)

    def reach(
        self,
        run: RunRecord,
        checkpoint: CheckpointRecord,
        text: str | None = None,
        *,
        furthest: int = FURTHEST,
    ) -> Reach:
        """Gradient norms k tokens back, k = 0 … K.

        Args:
            run: A run with one direction.
            checkpoint: A checkpoint of the run.
            text: The text whose losses are looked at; None takes the run's held-out text, or its training
                text where nothing is held out.
            furthest: K; at most half of the text, so that there are losses to average.
        """
        if run.config.model.bidirectional:
            raise ConfigError(
                "The run {name!r} reads from both ends, so its losses reach both ways. Look at the "
                "sentence's map, "
                "or choose a run with one direction.",
                name=run.name,
            )
        ids = self._ids(run, text, furthest)
        back = min(furthest, len(ids) // 2)
        measured = self._reaches.of(
            run,
            checkpoint,
            lambda weights, model: reach(weights, model, ids, furthest=back),
            tuple(ids),
            back,
        )
        if not all(np.isfinite(norms).all() for layer in measured.layers for norms in layer.paths.values()):
            raise _beyond(run, checkpoint)
        return measured

    def sentence(
        self, run: RunRecord, checkpoint: CheckpointRecord, text: str
    ) -> tuple[tuple[str, ...], Array]:
        """The tokens of a sentence, and how each place's prediction moves with each token, (T, T)."""
        tokens = cut(text, run.config.corpus, most=MOST_MAP)
        ids = self._checkpoints.vocab(run).ids(tokens)
        norms = connectivity(self._checkpoints.weights(run, checkpoint), run.config.model, ids)
        if not np.isfinite(norms).all():
            raise _beyond(run, checkpoint)
        return tuple(tokens), norms

    def matrices(self, run: RunRecord, checkpoint: CheckpointRecord) -> list[RecurrentMatrix]:
        """Largest eigenvalue and singular value of every recurrent matrix."""
        return self._matrices.of(run, checkpoint, recurrent_matrices)

    def fresh_reach(
        self, fresh: FreshConfig, cell: Cell, text: str | None = None, *, furthest: int = FURTHEST
    ) -> Reach:
        """As `reach`, of one layer of a cell before its first step.

        Args:
            fresh: The cell's size and first weights.
            cell: The kind of cell.
            text: The text whose losses are looked at; None takes the beginning of its story.
            furthest: K, as in `reach`.
        """
        if text is None:
            ids = self._story(fresh).train[: furthest + 1 + _SPREAD].tolist()
        else:
            ids = _enough(self.fresh_vocab(fresh).ids(cut(text, STORIES[fresh.story], most=MOST_READ)))
        back = min(furthest, len(ids) // 2)
        weights, model = self._fresh_weights(fresh, cell)
        return self._reaches.get(
            (fresh, cell, tuple(ids), back), lambda: reach(weights, model, ids, furthest=back)
        )

    def fresh_sentence(self, fresh: FreshConfig, cell: Cell, text: str) -> tuple[tuple[str, ...], Array]:
        """As `sentence`, of a cell before its first step."""
        tokens = cut(text, STORIES[fresh.story], most=MOST_MAP)
        ids = self.fresh_vocab(fresh).ids(tokens)
        return tuple(tokens), connectivity(*self._fresh_weights(fresh, cell), ids)

    def fresh_matrices(self, fresh: FreshConfig, cell: Cell) -> list[RecurrentMatrix]:
        """As `matrices`, of a cell before its first step."""
        return self._matrices.get(
            (fresh, cell), lambda: recurrent_matrices(*self._fresh_weights(fresh, cell))
        )

    def fresh_usual_sentence(self, fresh: FreshConfig, most: int) -> str:
        """How the story of fresh cells begins, in so many characters."""
        story = STORIES[fresh.story]
        return first_sentence(self._checkpoints.store.library.load(story.corpus), story, most=most)

    def fresh_vocab(self, fresh: FreshConfig) -> Vocab:
        """What fresh cells can read."""
        return self._story(fresh).vocab

    def _fresh_weights(self, fresh: FreshConfig, cell: Cell) -> tuple[Weights, ModelConfig]:
        model = ModelConfig(cell=cell, hidden_size=fresh.hidden_size)

        def compute() -> Weights:
            return initial_weights(
                model,
                len(self.fresh_vocab(fresh)),
                seed=fresh.seed,
                gain=fresh.gain,
                forget_bias=fresh.forget_bias,
            )

        return self._fresh.get((fresh, cell), compute), model

    def _story(self, fresh: FreshConfig) -> PreparedText:
        library, story = self._checkpoints.store.library, STORIES[fresh.story]
        return self._stories.get(fresh.story, lambda: prepare(library.load(story.corpus), story))

    def _ids(self, run: RunRecord, text: str | None, furthest: int) -> list[int]:
        if text is not None:
            return _enough(self._checkpoints.vocab(run).ids(cut(text, run.config.corpus, most=MOST_READ)))
        return self._usual.get((run.id, furthest), lambda: self._usual_ids(run, furthest))

    def _usual_ids(self, run: RunRecord, furthest: int) -> list[int]:
        try:
            text = prepare(self._checkpoints.store.library.load(run.config.corpus.corpus), run.config.corpus)
        except CorpusError:
            raise ConfigError("The text of the run {name!r} is gone. Give another.", name=run.name) from None
        ids = text.heldout if len(text.heldout) > furthest + 1 else text.train
        tokens = (text.vocab.tokens[id] for id in ids[: furthest + 1 + _SPREAD])
        return _enough(self._checkpoints.vocab(run).ids(tokens))


def _beyond(run: RunRecord, checkpoint: CheckpointRecord) -> StoreError:
    return StoreError(
        "At epoch {epoch} the states or gradients of {name!r} grow beyond what a number holds. "
        "Choose an earlier checkpoint, or a shorter text.",
        epoch=epoch_text(checkpoint.epoch),
        name=run.name,
    )


def _enough(ids: list[int]) -> list[int]:
    if len(ids) < 3:
        raise ConfigError(
            "A loss that reaches back needs at least 3 tokens; the text has {tokens}.", tokens=len(ids)
        )
    return ids
