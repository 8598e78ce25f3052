"""A corpus → token ids, split into what is trained on and what is held out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playground.config import CorpusConfig, TrainConfig
from playground.errors import CorpusError
from playground.text.corpora import Corpus
from playground.text.vocab import Vocab


@dataclass(frozen=True)
class PreparedText:
    """Token ids, cut into what is trained on and what is held out."""

    name: str
    train: list[int]
    heldout: list[int]
    vocab: Vocab
    opening: str
    """The text's own beginning, which a sample continues when no prefix is given."""


def normalize_letters(text: str) -> str:
    """Keep a-z and single spaces, line by line, and join the lines without a space, as d2l does."""
    lines = (re.sub("[^A-Za-z]+", " ", line).strip().lower() for line in text.split("\n"))
    return "".join(lines)


def _letters_as_words(text: str) -> str:
    """As `normalize_letters`, but words of neighbouring lines stay apart."""
    return re.sub("[^A-Za-z]+", " ", text).strip().lower()


def prepare(corpus: Corpus, config: CorpusConfig) -> PreparedText:
    """Normalise, build the vocabulary on the whole text as d2l does, encode, cut, and split.

    Raises:
        CorpusError: Nothing is left after normalisation.
    """
    text = corpus.text
    if config.normalize == "letters":
        as_words = config.token_level == "word"
        text = _letters_as_words(text) if as_words else normalize_letters(text)
        if not text:
            raise CorpusError(
                "{name!r} has no letters a-z, so nothing is left of it. Choose normalisation: none.",
                name=corpus.title,
            )
    vocab = Vocab.from_text(text, config.token_level, limit=config.max_vocab)
    ids = vocab.encode(text)[: config.max_tokens]
    heldout = int(len(ids) * config.held_out)
    cut = len(ids) - heldout
    opening = vocab.decode(ids[: 12 if config.token_level == "char" else 3])
    return PreparedText(corpus.title, ids[:cut], ids[cut:], vocab, opening)


def require_enough(text: PreparedText, config: TrainConfig) -> None:
    """Raise CorpusError when a text cannot fill one batch."""
    tokens, batch_size, num_steps = len(text.train), config.batch_size, config.num_steps
    needed = batch_size * num_steps + 1
    if tokens < needed:
        raise CorpusError(
            "{name!r} has {tokens:,} training tokens; batch_size={batch_size} × num_steps={num_steps} "
            "needs {needed:,}. Choose a longer text, a smaller batch or fewer steps.",
            name=text.name,
            tokens=tokens,
            batch_size=batch_size,
            num_steps=num_steps,
            needed=needed,
        )
