"""How far back a run's losses reach, at any checkpoint."""

from __future__ import annotations

from playground.errors import ConfigError, CorpusError
from playground.inference.reach import connectivity, reach, recurrent_matrices
from playground.records import Array, CheckpointRecord, Reach, RecurrentMatrix, RunRecord
from playground.runs.kept import Kept
from playground.runs.networks import Networks, cut
from playground.text.prepare import prepare

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


class ReachMeter:
    """Measures runs; keeps the latest results. Every method may be called from any thread.

    Every method raises ConfigError for a text that is empty, too long or too short, or a run that cannot be
    measured, and StoreError for a checkpoint that cannot be read.

    Args:
        networks: Whose weights are used.
    """

    def __init__(self, networks: Networks) -> None:
        self._networks = networks
        self._reaches: Kept[Reach] = Kept(_KEPT)

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
            run: One direction.
            checkpoint: One of the run's.
            text: Whose losses; None takes the run's held-out text, or its own where nothing is held out.
            furthest: K; at most half of the text, so that there are losses to average.
        """
        if run.config.model.bidirectional:
            raise ConfigError(
                "The run {name!r} reads from both ends, so its losses reach both ways. Look at the sentence's map, "
                "or choose a run with one direction.",
                name=run.name,
            )
        ids = self._ids(run, text, furthest)
        weights = self._networks.weights(run, checkpoint)
        back = min(furthest, len(ids) // 2)
        return self._reaches.get(
            (run.id, run.revision, checkpoint.step, tuple(ids), back),
            lambda: reach(weights, run.config.model, ids, furthest=back),
        )

    def sentence(
        self, run: RunRecord, checkpoint: CheckpointRecord, text: str
    ) -> tuple[tuple[str, ...], Array]:
        """The tokens of a sentence, and how each place's prediction moves with each token, (T, T)."""
        tokens = cut(text, run.config.corpus, most=MOST_MAP)
        ids = self._networks.vocab(run).ids(tokens)
        return tuple(tokens), connectivity(self._networks.weights(run, checkpoint), run.config.model, ids)

    def matrices(self, run: RunRecord, checkpoint: CheckpointRecord) -> list[RecurrentMatrix]:
        """Largest eigenvalue and singular value of every recurrent matrix."""
        return recurrent_matrices(self._networks.weights(run, checkpoint), run.config.model)

    def _ids(self, run: RunRecord, text: str | None, furthest: int) -> list[int]:
        vocab = self._networks.vocab(run)
        if text is None:
            try:
                found = prepare(
                    self._networks.store.library.load(run.config.corpus.corpus), run.config.corpus
                )
            except CorpusError:
                raise ConfigError(
                    "The text of the run {name!r} is gone. Give another.", name=run.name
                ) from None
            whole = found.heldout if len(found.heldout) > furthest + 1 else found.train
            ids = vocab.ids(found.vocab.tokens[id] for id in whole[: furthest + 1 + _SPREAD])
        else:
            ids = vocab.ids(cut(text, run.config.corpus, most=MOST_READ))
        if len(ids) < 3:
            raise ConfigError(
                "A loss that reaches back needs at least 3 tokens; the text has {tokens}.", tokens=len(ids)
            )
        return ids
