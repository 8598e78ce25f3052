"""A corpus → token ids, split into what is trained on and what is held out."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass

import numpy as np

from playground.config import CorpusConfig, TokenLevel, TrainConfig
from playground.errors import CorpusError
from playground.records import TextPart
from playground.text.corpora import Corpus
from playground.text.decoding import MARK
from playground.text.encode import Ids, count, encode
from playground.text.normalize import letter_blocks, normalize_letters, normalize_spaced
from playground.text.vocab import UNK_ID, Vocab, split

_REST_OF_WORD = re.compile(r"[^\W\u2e80-\u9fff\uac00-\ud7af]*")
"""Letters of scripts that part words."""
_SENTENCE_END = re.compile(r"(?<=[。！？.!?\n])")
_LONG_LINE = 40
_OPENING: dict[TokenLevel, int] = {"char": 12, "word": 3, "segmented": 6}
"""Tokens."""
_OPENING_CHARACTERS = 10_000
"""Of the prose, in which they are sought: a text of a single line may be long."""


@dataclass(frozen=True)
class PreparedText:
    """Token ids, cut into what is trained on and what is held out."""

    name: str
    train: Ids
    heldout: Ids
    vocab: Vocab
    opening: str
    """How the text's prose begins, which a sample continues when no prefix is given."""
    train_part: TextPart
    heldout_part: TextPart


def prepare(corpus: Corpus, config: CorpusConfig) -> PreparedText:
    """Normalise, build the vocabulary on the whole text as d2l does, encode, cut, and split.

        >>> corpus = Corpus("rain", "Rain", "Rain, rain again!")
        >>> text = prepare(corpus, CorpusConfig(normalize="letters", held_out=0.2))
        >>> text.vocab.decode(text.train), text.vocab.decode(text.heldout)
        ('rain rain ag', 'ain')

    Args:
        corpus: The text as it was read.
        config: How it is normalised and cut, and how much of it is held out.

    Raises:
        CorpusError: Nothing is left after normalisation.
    """
    text = _normalized(corpus, config)
    level = config.token_level
    encoded = encode(
        text,
        level,
        limit=config.max_vocab,
        most=config.max_tokens,
        cut=lambda tokens: _training_part(tokens, config),
    )
    vocab, (train, heldout) = encoded.vocab, encoded.parts
    opening = split(_prose(corpus, text, config)[:_OPENING_CHARACTERS], level)
    return PreparedText(
        corpus.title,
        train,
        heldout,
        vocab,
        vocab.decode(vocab.ids(opening[: _opening_tokens(opening, level)])),
        _measure(train, encoded.characters[0], config),
        _measure(heldout, encoded.characters[1], config),
    )


def _opening_tokens(prose: Sequence[str], level: TokenLevel) -> int:
    """How many tokens of the prose a sample continues: by characters not to the middle of a word."""
    least = _OPENING[level]
    if level != "char":
        return least
    rest = _REST_OF_WORD.match("".join(prose[least - 1 : 2 * least]))
    return least + (max(0, rest.end() - 1) if rest else 0)


def _measure(ids: Ids, characters: int, config: CorpusConfig) -> TextPart:
    """Count what a perplexity has to be read beside."""
    between = len(config.between) * len(ids)
    return TextPart(len(ids), characters + between, int(np.count_nonzero(ids == UNK_ID)))


def tokenize(corpus: Corpus, config: CorpusConfig) -> list[str]:
    """A whole corpus, normalised and cut into tokens.

    Raises:
        CorpusError: Nothing is left after normalisation.
    """
    return split(_normalized(corpus, config), config.token_level)


def count_training_tokens(corpus: Corpus, config: CorpusConfig, *, enough: int | None = None) -> int:
    """How many tokens `prepare` would train on, without encoding them; errors as there.

    Args:
        corpus: The text as it was read.
        config: How it is normalised and cut, and how much of it is held out.
        enough: Counting ends once so many are to be trained on; None counts them all.
    """
    most = config.max_tokens
    limits = [most] if most is not None else []
    if enough is not None:
        limits.append(_tokens_to_train_on(enough, config))
    tokens = _count(corpus, config, min(limits, default=None))
    return _training_part(min(tokens, most or tokens), config)


def _count(corpus: Corpus, config: CorpusConfig, enough: int | None) -> int:
    """Count a text's tokens until there are enough; its letters are then normalised no further."""
    if config.token_level != "char" or config.normalize == "none":
        return count(_normalized(corpus, config), config.token_level, enough=enough)
    letters = 0
    for block in letter_blocks(corpus.text, joins_lines=config.normalize == "letters"):
        letters += len(block)
        if enough is not None and letters >= enough:
            break
    return letters or len(_normalized(corpus, config))  # which says why there are none


def cut_sentence(text: str, config: CorpusConfig) -> list[str]:
    """Tokens of a person's sentence, normalised and cut as the run's own text was."""
    text = text.replace(MARK, "")
    if config.normalize != "none":
        text = normalize_spaced(text)
    return split(text, config.token_level)


def first_sentence(
    corpus: Corpus, config: CorpusConfig, *, most: int = 70, known: Container[str] | None = None
) -> str:
    """How the text's prose begins, in at most so many characters and whole words where there are any.

    Args:
        corpus: The text.
        config: How it is normalised and cut.
        most: The most characters.
        known: Tokens of a vocabulary: the first sentence of these alone is taken, where there is one.

    Raises:
        CorpusError: Nothing is left after normalisation.
    """
    first = shorten(_prose(corpus, _normalized(corpus, config), config).strip(), most)
    if known is None or config.normalize != "none":
        return first
    sentences = (
        shorten(sentence.strip(), most) for sentence in _SENTENCE_END.split(corpus.text[:_OPENING_CHARACTERS])
    )
    fitting = [first, *(sentence for sentence in sentences if len(sentence) > most // 4)]
    tokens_known = (s for s in fitting if all(token in known for token in split(s, config.token_level)))
    return next(tokens_known, first)


def shorten(line: str, most: int) -> str:
    """At most so many characters of a line, and whole words where there are any."""
    if len(line) <= most:
        return line
    cut = line[:most]
    return cut[: cut.rfind(" ")] if " " in cut[most // 2 :] else cut


def _normalized(corpus: Corpus, config: CorpusConfig) -> str:
    if config.normalize == "none":
        return corpus.text
    as_words = config.token_level != "char" or config.normalize == "spaced"
    text = normalize_spaced(corpus.text) if as_words else normalize_letters(corpus.text)
    if not text:
        raise CorpusError(
            "{name!r} has no letters a-z, so nothing is left of it. Choose normalisation: none.",
            name=corpus.title,
        )
    return text


def _prose(corpus: Corpus, normalized: str, config: CorpusConfig) -> str:
    """Where the prose begins: a title in capitals is a poor thing to go on from.

    It is sought before lines are joined, where a title would run into the prose.
    """
    line = next((line for line in corpus.text[:10_000].split("\n") if len(line) >= _LONG_LINE), "")
    if config.normalize != "none":
        line = normalize_spaced(line)
    return line or normalized


def _training_part(tokens: int, config: CorpusConfig) -> int:
    return tokens - int(tokens * config.held_out)


def _tokens_to_train_on(count: int, config: CorpusConfig) -> int:
    """How many tokens a text has to have for so many to be trained on."""
    tokens = count
    while (missing := count - _training_part(tokens, config)) > 0:
        tokens += missing
    return tokens


def tokens_of_a_batch(config: TrainConfig) -> int:
    """How many tokens fill one batch, the last target among them."""
    return config.batch_size * config.num_steps + 1


def require_enough(name: str, tokens: int, config: TrainConfig) -> None:
    """Raise CorpusError when a text's training tokens cannot fill one batch."""
    batch_size, num_steps = config.batch_size, config.num_steps
    needed = tokens_of_a_batch(config)
    if tokens < needed:
        raise CorpusError(
            "{name!r} has {tokens:,} training tokens; {batch_size} rows (batch size) of {num_steps} tokens (time steps) "
            "need {needed:,}. Choose a longer text, a smaller batch or fewer steps.",
            name=name,
            tokens=tokens,
            batch_size=batch_size,
            num_steps=num_steps,
            needed=needed,
        )
