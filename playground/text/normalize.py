"""A text → letters a-z and single spaces, in time that grows as the text does, whatever its lines are.

Nothing is done a line at a time: a text may have as many lines as characters. A block of characters is taken at a
time, and within it all of them at once.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

BLOCK = 2**18
"""Characters at a time: what is made of them on the way is many times as large."""
_SPACE, _LINE_END = ord(" "), ord("\n")
_LETTERS = bytes(
    code | 0x20 if chr(code).isalpha() and code < 128 else code if code == _LINE_END else _SPACE
    for code in range(256)
)
"""Each ASCII letter in lower case; everything else a space, but a line's end."""


def normalize_letters(text: str) -> str:
    """Keep a-z and single spaces, line by line, and join the lines without a space, as d2l does.

    >>> normalize_letters("The Tide-Clock,\\n\\n  by N. N.")
    'the tide clockby n n'
    """
    return "".join(letter_blocks(text, joins_lines=True))


def normalize_spaced(text: str) -> str:
    """As `normalize_letters`, but words of neighbouring lines stay apart."""
    return "".join(letter_blocks(text, joins_lines=False))


def letter_blocks(text: str, *, joins_lines: bool) -> Iterator[str]:
    """The normalised text in parts, each from one block of the text.

    Between two letters stands a space where anything else stood between them, but nothing where that was, or
    was beside, the end of a line that is joined to the next one.

    Args:
        text: What is normalised.
        joins_lines: Lines are joined without a space.
    """
    before = False  # a letter has come
    gap = ended = False  # since the last one: something else; the end of a line
    for start in range(0, len(text), BLOCK):
        codes = np.frombuffer(
            text[start : start + BLOCK].encode("ascii", "replace").translate(_LETTERS), np.uint8
        )
        places = np.flatnonzero(codes > _SPACE)
        if joins_lines:
            ends = np.zeros(len(codes) + 1, np.int32)
            np.cumsum(codes == _LINE_END, out=ends[1:])
        else:
            ends = np.zeros(1, np.int32)
        if not len(places):
            gap, ended = True, ended or bool(ends[-1])
            continue
        first, last = int(places[0]), int(places[-1])
        spaced = np.empty(len(places), bool)
        spaced[1:] = np.diff(places) > 1
        if joins_lines:
            spaced[1:] &= ends[places[1:]] == ends[places[:-1]]
            ended = ended or bool(ends[first])
        spaced[0] = before and (gap or first > 0) and not ended
        kept = np.full(len(places) + int(spaced.sum()), _SPACE, np.uint8)
        kept[np.arange(len(places)) + np.cumsum(spaced)] = codes[places]
        yield kept.tobytes().decode("ascii")
        before, gap = True, last < len(codes) - 1
        ended = joins_lines and bool(ends[-1] - ends[last])
