"""A text → its vocabulary and its token ids, a block at a time.

No list of all tokens is made: a list takes eight bytes for each and a word fifty more, and a text of 20 MB may have
20 million of them. Ids take two.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playground.config import TokenLevel
from playground.text.normalize import BLOCK
from playground.text.vocab import UNK, Vocab, no_tokens, split

Ids = NDArray[np.unsignedinteger]
"""Token ids, in as few bytes as the vocabulary allows."""
_CODE_POINTS = 0x110000
_ENDS: dict[TokenLevel, re.Pattern[str]] = {
    "word": re.compile(r"\s"),
    # no dictionary has a word that goes on after these; CR LF is one token
    "segmented": re.compile(r"[^\S\r]|[。，！？；：]"),
}
"""After what a text can be cut without cutting a token."""


@dataclass(frozen=True)
class EncodedText:
    """A text's first tokens as ids in two parts, and the vocabulary of all of them."""

    vocab: Vocab
    parts: tuple[Ids, Ids]
    characters: tuple[int, int]
    """Of the tokens of each part, without what stands between them."""


def encode(
    text: str, level: TokenLevel, *, limit: int, most: int | None = None, cut: Callable[[int], int]
) -> EncodedText:
    """Number a text's tokens, the commonest first, as `Vocab.from_tokens` does.

    Args:
        text: Normalised as it is to be read.
        level: How it is cut into tokens.
        limit: As in `Vocab.from_tokens`.
        most: Only so many tokens from the beginning are encoded; None is all. The vocabulary is everything's.
        cut: How many of so many tokens are the first part.

    Raises:
        CorpusError: No token in the text.
    """
    number = _Characters() if level == "char" else _Words(level)
    counts, kept, left = np.zeros(0, np.int64), list[Ids](), most
    for block in blocks(text, level):
        numbers = number(block)
        counts = np.concatenate([counts, np.zeros(len(number) - len(counts), np.int64)])
        counts += np.bincount(numbers, minlength=len(counts))
        if left != 0:
            kept.append(numbers[:left].astype(np.min_scalar_type(len(number))))
            left = None if left is None else left - len(kept[-1])
    tokens = number.tokens
    order = np.argsort(-counts, kind="stable")[:limit].tolist()  # those as common as each other as they came
    chosen = [kind for kind in order if tokens[kind] != UNK][: limit - 1]
    if not chosen:
        raise no_tokens()
    new: Ids = np.zeros(len(tokens), np.min_scalar_type(len(chosen)))
    new[chosen] = np.arange(1, len(chosen) + 1)
    lengths = np.fromiter(map(len, tokens), np.int64, len(tokens))
    ids: Ids = np.empty(sum(map(len, kept)), new.dtype)
    first, end, characters = cut(len(ids)), len(ids), [0, 0]
    while kept:  # from the end, so that each block is let go
        kinds = kept.pop()
        start = end - len(kinds)
        ids[start:end] = new[kinds]
        border = max(0, first - start)
        characters[0] += int(lengths[kinds[:border]].sum())
        characters[1] += int(lengths[kinds[border:]].sum())
        end = start
    vocab = Vocab([tokens[kind] for kind in chosen], level)
    return EncodedText(vocab, (ids[:first], ids[first:]), (characters[0], characters[1]))


def count(text: str, level: TokenLevel, *, enough: int | None = None) -> int:
    """How many tokens a text has; counting ends once there are enough."""
    if level == "char":
        return len(text)
    counted = 0
    for block in blocks(text, level):
        counted += len(split(block, level))
        if enough is not None and counted >= enough:
            break
    return counted


def blocks(text: str, level: TokenLevel) -> Iterator[str]:
    """A text in parts that cut no token; one without any end is a single part."""
    start = 0
    while start < len(text):
        end = start + BLOCK
        if level != "char" and end < len(text):
            found = _ENDS[level].search(text, end)
            end = found.end() if found else len(text)
        yield text[start:end]
        start = end


class _Characters:
    """Numbers characters as they first come."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        self._numbers = np.full(256, -1, np.int32)  # of each code point

    def __len__(self) -> int:
        return len(self.tokens)

    def __call__(self, block: str) -> NDArray[np.int32]:
        codes = np.frombuffer(block.encode("utf-32-le", "surrogatepass"), "<u4")
        if codes.max() >= len(self._numbers):
            self._numbers = np.concatenate(
                [self._numbers, np.full(_CODE_POINTS - len(self._numbers), -1, np.int32)]
            )
        new = codes[self._numbers[codes] < 0]
        if len(new):
            kinds, first = np.unique(new, return_index=True)
            kinds = kinds[np.argsort(first)]
            self._numbers[kinds] = np.arange(len(self.tokens), len(self.tokens) + len(kinds))
            self.tokens.extend(map(chr, kinds.tolist()))
        numbers: NDArray[np.int32] = self._numbers[codes]
        return numbers


class _Words:
    """Numbers words as they first come."""

    def __init__(self, level: TokenLevel) -> None:
        self._level = level
        self._numbers: defaultdict[str, int] = defaultdict()
        self._numbers.default_factory = self._numbers.__len__  # the next one, for a word that is new

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def tokens(self) -> list[str]:
        return list(self._numbers)

    def __call__(self, block: str) -> NDArray[np.int32]:
        words = split(block, self._level)
        number: Callable[[str], int] = self._numbers.__getitem__
        return np.fromiter(map(number, words), np.int32, len(words))
