"""Two texts side by side: where they part, and what of them is the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Literal

from playground.config import TokenLevel

LEAST_SAME: Mapping[TokenLevel, int] = {"char": 8, "word": 2, "segmented": 2}
"""Tokens in a row that are called the same, by token level: a few letters coincide everywhere."""
Kind = Literal["same", "changed"]


@dataclass(frozen=True)
class Piece:
    """Tokens in a row that are all the same in both texts, or all not."""

    tokens: tuple[str, ...]
    kind: Kind


@dataclass(frozen=True)
class Difference:
    """Two texts, aligned."""

    before: tuple[Piece, ...]
    after: tuple[Piece, ...]
    parts_at: int | None
    """The first token in which they differ, from 0; None where they are the same."""
    share: float
    """Of the second text's tokens, those that are changed."""


@lru_cache(maxsize=64)
def difference(before: tuple[str, ...], after: tuple[str, ...], least: int) -> Difference:
    """Align two texts, the longest common stretches first.

    >>> [piece.kind for piece in difference(tuple("the tide"), tuple("the time"), 4).after]
    ['same', 'changed']

    Args:
        before: Tokens of one.
        after: Tokens of the other.
        least: Tokens in a row that are called the same; the common beginning always is.
    """
    start = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), None)
    if start is None:
        start = min(len(before), len(after))
    blocks = [(0, 0, start)] + [
        (start + block.a, start + block.b, block.size)
        for block in SequenceMatcher(
            None, before[start:], after[start:], autojunk=False
        ).get_matching_blocks()
        if block.size >= least
    ]
    same = sum(size for _a, _b, size in blocks)
    return Difference(
        _pieces(before, [(a, a + size) for a, _b, size in blocks]),
        _pieces(after, [(b, b + size) for _a, b, size in blocks]),
        None if before == after else start,
        1 - same / len(after) if after else 0.0,
    )


def _pieces(tokens: tuple[str, ...], same: Sequence[tuple[int, int]]) -> tuple[Piece, ...]:
    """Cut a text at the stretches that are the same, which are in order and apart."""
    pieces, at = [], 0
    for start, stop in same:
        pieces += [Piece(tokens[at:start], "changed"), Piece(tokens[start:stop], "same")]
        at = stop
    pieces.append(Piece(tokens[at:], "changed"))
    return tuple(piece for piece in pieces if piece.tokens)
