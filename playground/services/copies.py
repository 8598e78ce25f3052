"""What of a text stands in what a run was trained on: asked by thirty, worked out once."""

from __future__ import annotations

import sys

from playground.cache import Cache
from playground.errors import ConfigError, CorpusError
from playground.records import RunRecord
from playground.records.cells import Copied
from playground.services.checkpoints import CheckpointCache
from playground.text.copied import copied
from playground.text.prepare import cut_sentence, prepare

MOST_READ = 50_000
"""Characters of a text that is compared."""
_TRAINING_BYTES = 128 * 2**20
"""Of the training texts that are kept. The longest text that the library takes, 20 MB: 20 MB in English, 80 MB with
a single emoji in it."""
_ANSWER_BYTES = 8 * 2**20


class CopyService:
    """Compares written texts with training texts; keeps the latest. Every method may be called from any thread.

    Args:
        checkpoints: The cache whose store has the texts.
    """

    def __init__(self, checkpoints: CheckpointCache) -> None:
        self._library = checkpoints.store.library
        self._training: Cache[str] = Cache(_TRAINING_BYTES, sys.getsizeof)
        self._answers: Cache[Copied] = Cache(_ANSWER_BYTES, _size)

    def copied(self, run: RunRecord, text: str) -> Copied:
        """What of a text stands in the part of its text that a run is trained on, as its network reads it.

        Args:
            run: The run whose text it is compared with.
            text: What was written, in the run's own letters; `as_read` makes them of any.

        Raises:
            ConfigError: The text is too long.
            CorpusError: The run's own is gone.
        """
        if not self._library.is_here(run.config.corpus.corpus):  # what is kept of it is not told any more
            raise _gone(run)
        if len(text) > MOST_READ:
            raise ConfigError(
                "The text has {characters:,} characters; at most {most:,} can be looked at. Shorten it by "
                "{over:,}.",
                characters=len(text),
                most=MOST_READ,
                over=len(text) - MOST_READ,
            )
        return self._answers.get((run.config.corpus, text), lambda: copied(text, self._training_text(run)))

    def as_read(self, run: RunRecord, text: str) -> str:
        """Any text in the letters, and with the gaps between words, that a run reads and writes."""
        corpus = run.config.corpus
        return corpus.between.join(cut_sentence(text, corpus))

    def _training_text(self, run: RunRecord) -> str:
        config = run.config.corpus

        def compute() -> str:
            try:
                text = prepare(self._library.load(config.corpus), config)
            except CorpusError:
                raise _gone(run) from None
            return text.vocab.decode(text.train.tolist())

        return self._training.get(config, compute)


def _size(answer: Copied) -> int:
    return sys.getsizeof(answer.text) + 200 * (len(answer.stretches) + 2)


def _gone(run: RunRecord) -> CorpusError:
    return CorpusError(
        "The text of the run {name!r} is gone: nothing can be compared with it.", name=run.name
    )
