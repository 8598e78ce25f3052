"""The text of matched brackets: kept in the library, trained on, and asked about."""

from __future__ import annotations

from typing import Protocol

from playground.config import Cell, RunConfig, from_flat
from playground.errors import ConfigError
from playground.inference.brackets import recall
from playground.records import CheckpointRecord, CorpusInfo, Recall, RunRecord
from playground.services.checkpoints import CheckpointCache, ResultCache
from playground.text.brackets import PAIRS, TITLE, bracket_pairs, bracket_text
from playground.text.corpora import Corpus, own_id

_ASKED_SEED = 1
_ASKED_CHARACTERS = 3_000
"""Of a text that no run was trained on, of the same kind."""
_KEPT = 64
_TRAINED: dict[str, object] = {
    "hidden_size": 64,
    "optimizer": "adamw",
    "lr": 0.01,
    "epochs": 40,
    "batch_size": 16,
    "num_steps": 60,
    "sample_every": 0,
}


class Library(Protocol):
    """Where texts are, for whoever asks."""

    def all(self) -> list[CorpusInfo]:
        """Those that are here."""
        ...

    def add(self, title: str, text: str) -> Corpus:
        """Keep one."""
        ...


def add(library: Library) -> None:
    """Put the text among a person's own ones."""
    library.add(TITLE, bracket_text())


def is_here(library: Library) -> bool:
    """It has been added."""
    id = own_id(bracket_text())
    return any(info.id == id for info in library.all())


def config_of(cell: Cell, seed: int = 0) -> RunConfig:
    """How a cell is trained on it: about a quarter of a minute."""
    return from_flat({**_TRAINED, "corpus": own_id(bracket_text()), "cell": cell, "seed": seed})


def is_about(run: RunRecord) -> bool:
    """The run was trained on it, a character a token, and reads in one direction."""
    corpus, model = run.config.corpus, run.config.model
    return (
        corpus.corpus == own_id(bracket_text())
        and (corpus.normalize, corpus.token_level) == ("none", "char")
        and not model.bidirectional
    )


class BracketService:
    """Asks runs; keeps the latest results. Every method may be called from any thread.

    Args:
        checkpoints: The cache that the weights come from.
    """

    def __init__(self, checkpoints: CheckpointCache) -> None:
        self._checkpoints = checkpoints
        self._recalls: ResultCache[Recall] = ResultCache(checkpoints, _KEPT)

    def recall(self, run: RunRecord, checkpoint: CheckpointRecord) -> Recall:
        """Every closing bracket of another text of the same kind.

        Args:
            run: A run that was trained on matched brackets.
            checkpoint: A checkpoint of the run.

        Raises:
            ConfigError: The run was trained on something else.
            StoreError: The checkpoint cannot be read.
        """
        if not is_about(run):
            raise ConfigError("The run {name!r} was not trained on matched brackets.", name=run.name)
        vocab = self._checkpoints.vocab(run)
        text = bracket_text(_ASKED_CHARACTERS, _ASKED_SEED)
        return self._recalls.of(
            run,
            checkpoint,
            lambda weights, model: recall(
                weights,
                model,
                vocab.encode(text),
                pairs=bracket_pairs(text),
                kinds=vocab.encode("".join(closing for _opening, closing in PAIRS)),
            ),
        )
