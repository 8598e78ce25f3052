"""Runs' weights in memory, as arrays: several rooms look through the same network."""

from __future__ import annotations

from playground.config import CorpusConfig
from playground.errors import ConfigError, StoreError
from playground.records import Array, CheckpointRecord, RunRecord
from playground.runs.kept import Kept
from playground.runs.store import RunStore
from playground.runs.weights import load_arrays
from playground.text.prepare import cut_sentence
from playground.text.vocab import Vocab

_WEIGHT_BYTES = 128 * 2**20


class Networks:
    """Keeps the latest weights that were read. Every method may be called from any thread.

    Args:
        store: Where the runs are.
    """

    def __init__(self, store: RunStore) -> None:
        self.store = store
        self._weights: Kept[dict[str, Array]] = Kept(_WEIGHT_BYTES, _size)

    def weights(self, run: RunRecord, checkpoint: CheckpointRecord) -> dict[str, Array]:
        """A checkpoint's weights by name.

        Raises:
            StoreError: It cannot be read (a rolling one may have been replaced meanwhile).
        """
        file = self.store.run_directory(run.id) / checkpoint.weights_file
        key = (file, run.revision)  # a resumed run may write a step's file anew
        return self._weights.get(key, lambda: load_arrays(file))

    def vocab(self, run: RunRecord) -> Vocab:
        """A run's tokens.

        Raises:
            StoreError: It has not started yet.
        """
        vocab = self.store.vocab(run.id)
        if vocab is None:
            raise StoreError("The run {name!r} has no weights yet. Wait until it has started.", name=run.name)
        return vocab


def cut(text: str, config: CorpusConfig, *, most: int) -> list[str]:
    """A person's text in the tokens of a corpus.

    Args:
        text: What was typed.
        config: Of the corpus.
        most: Tokens.

    Raises:
        ConfigError: Nothing to read, or too much.
    """
    characters = 10 * most  # words can be long
    if len(text) > characters:
        raise ConfigError(
            "The text has {characters:,} characters; at most {most:,} can be looked at. Shorten it by {over:,}.",
            characters=len(text),
            most=characters,
            over=len(text) - characters,
        )
    tokens = cut_sentence(text, config)
    require_tokens(tokens, text, config, most=most)
    return tokens


def cut_prefix(text: str, config: CorpusConfig, *, most: int) -> list[str]:
    """As `cut`, for a text that something comes after: white space at its end counts."""
    tokens = cut(text, config, most=most)
    if config.normalize != "none" and config.token_level == "char" and text[-1].isspace():
        tokens.append(" ")  # normalising strips it, but here it is what the next token follows
    return tokens


def require_tokens(tokens: list[str], text: str, config: CorpusConfig, *, most: int) -> None:
    """Raise ConfigError when a text has no tokens, or more than so many."""
    if not tokens:
        if config.normalize != "none" and text.strip():
            raise ConfigError("Only the letters a-z are read here, and the text has none. Type some.")
        raise ConfigError("The text is empty. Type at least one character.")
    if len(tokens) > most:
        raise ConfigError(
            "The text has {tokens:,} tokens; at most {most:,} can be looked at. Shorten it by {over:,}.",
            tokens=len(tokens),
            most=most,
            over=len(tokens) - most,
        )


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
    if (
        abs(nearest.epoch - epoch) < 1e-4 or f"{nearest.epoch:g}" == f"{epoch:g}"
    ):  # as a page, or the sentence below, has written it
        return nearest
    raise StoreError(
        "The run {name!r} has no checkpoint of epoch {epoch:g}. It has those of {epochs}.",
        name=run.name,
        epoch=epoch,
        epochs=", ".join(f"{one.epoch:g}" for one in found),
    )


def _size(weights: dict[str, Array]) -> int:
    return sum(array.nbytes for array in weights.values())
