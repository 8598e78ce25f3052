"""A short stretch of a text in which there is much to follow: quotes, a line's end, a comma, a long word."""

from __future__ import annotations

from collections.abc import Callable, Container

import numpy as np

from playground.arrays import Array

LONG_WORD = 7
"""Letters from which a word is long enough to see a position in it grow."""
_QUOTES = frozenset('"“”„«»「」『』')
_COMMAS = frozenset(",，、;；")
_MOST_READ = 40_000
"""Characters from the text's beginning among which is chosen."""


def telling_stretch(text: str, most: int, known: Container[str] | None = None) -> str:
    r"""Of all stretches of whole words, the first one that has the most kinds of what units may follow.

        >>> telling_stretch('the tide came\nin, and he said:\n"Mistaken," no more', 24)
        'and he said:\n"Mistaken,"'

    Args:
        text: The text.
        most: Characters of the stretch.
        known: Characters that may stand in it; None is all of them.

    Returns:
        The stretch; empty where the text has none of those kinds, or of what may stand in it.
    """
    text = text[:_MOST_READ]
    starts, stops = _borders(text)
    ends = np.concatenate([[0], stops])[np.searchsorted(stops, starts + most, side="right")]  # of whole words
    is_whole = ends > starts
    starts, ends = starts[is_whole], ends[is_whole]
    if known is not None:
        strange = _sums(_each(text, lambda c: c not in known))
        is_known = strange[ends] == strange[starts]
        starts, ends = starts[is_known], ends[is_known]
    if not len(starts):
        return ""
    kinds = sum((sums[ends] > sums[starts]).astype(int) for sums in map(_sums, _marks(text)))
    best = int(np.argmax(kinds))
    return text[starts[best] : ends[best]] if np.asarray(kinds)[best] else ""


def _marks(text: str) -> list[Array]:
    """Where each kind is, (T,); a long word is at the letter that makes it long."""
    letter = _each(text, str.isalpha)
    run = np.arange(len(text)) - np.maximum.accumulate(np.where(letter, -1, np.arange(len(text))))
    return [
        _each(text, _QUOTES.__contains__),
        _each(text, lambda c: c == "\n"),
        _each(text, _COMMAS.__contains__),
        letter & (run == LONG_WORD) & _each(text, str.isascii),
    ]


def _borders(text: str) -> tuple[Array, Array]:
    """Where words begin and end; between two signs of a script without spaces is a border too."""
    blank = np.concatenate([[True], _each(text, str.isspace), [True]])
    wide = np.concatenate([[False], _each(text, lambda c: c >= "\u2e80"), [False]])
    inside = ~blank
    begins = inside[1:-1] & (blank[:-2] | wide[:-2] | wide[1:-1])
    ends = inside[1:-1] & (blank[2:] | wide[2:] | wide[1:-1])
    return np.flatnonzero(begins), np.flatnonzero(ends) + 1


def _each(text: str, is_so: Callable[[str], bool]) -> Array:
    return np.fromiter(map(is_so, text), bool, len(text))


def _sums(marks: Array) -> Array:
    return np.concatenate([[0], np.cumsum(marks)])
