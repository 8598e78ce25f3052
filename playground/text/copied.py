"""What of a written text stands in the text that was trained on: copied, or invented.

Every piece of so many characters of the written text gets a number, and so does every one of the training text, a block
at a time; where numbers agree the characters are compared, so that what is told is exact. Why not with an index of the
training text: docs/decisions/0029-copied-or-invented.md.
"""

from __future__ import annotations

import numpy as np

from playground.arrays import Array
from playground.records.cells import Copied

LEAST = 20
"""Characters: about four words, which hardly stand in two texts by chance."""
_BLOCK = 2**18
"""Characters of the training text at a time: what is made of them stays in a processor's cache."""
_BASE = 0x9E3779B97F4A7C15
"""Odd, so that it has an inverse modulo 2⁶⁴."""
_BITS = 18
"""Of a number, by which most of the training text is ruled out at one look."""


def copied(text: str, training: str, least: int = LEAST) -> Copied:
    """What of a text stands in the text that was trained on.

        >>> found = copied("I saw the tide go out", "the tide was out", least=4)
        >>> [found.text[start:stop] for start, stop in found.stretches], round(found.share, 2)
        (['the tide ', ' out'], 0.62)

    Args:
        text: What was written, n characters.
        training: What was trained on, m characters. The time grows as m does, and with n hardly: with its logarithm.
        least: The shortest piece that counts, in characters, at least 1.
    """
    starts = _standing(text, training, least)
    stretches = _covered(starts, least)
    longest = _longest(text, training, starts, stretches, least)
    return Copied(text, stretches, least, longest, training.find(text[slice(*longest)]))


def _covered(starts: Array, length: int) -> tuple[tuple[int, int], ...]:
    """Stretches that pieces of one length cover together; those that touch are one."""
    if not len(starts):
        return ()
    gaps = np.flatnonzero(np.diff(starts) > length)
    firsts = starts[np.concatenate([[0], gaps + 1])]
    lasts = starts[np.concatenate([gaps, [len(starts) - 1]])]
    return tuple(zip(firsts.tolist(), (lasts + length).tolist(), strict=True))


def _longest(
    text: str, training: str, starts: Array, stretches: tuple[tuple[int, int], ...], least: int
) -> tuple[int, int]:
    """The longest piece that stands in the training text; the first of equals.

    A piece of a text that stands there does so in all its parts: the length is sought by halving.
    """
    most = max((stop - start for start, stop in stretches), default=min(least - 1, len(text)))
    best, found = (least, starts) if stretches else (0, np.zeros(1, np.int64))
    length = most  # a text that is copied as a whole, or a stretch that is, is found at once
    while best < most:
        starts = _standing(text, training, length)
        if len(starts):
            best, found = length, starts
        else:
            most = length - 1
        length = (best + most + 1) // 2
    return int(found[0]), int(found[0]) + best


def _standing(text: str, training: str, length: int) -> Array:
    """Where in a text the pieces of one length begin that stand in the training text, in order."""
    if not 0 < length <= min(len(text), len(training)):
        return np.zeros(0, np.int64)
    powers, inverses = (
        _powers(base, max(_BLOCK + length, len(text))) for base in (_BASE, pow(_BASE, -1, 2**64))
    )
    numbers, number_of = np.unique(_numbers(text, length, powers, inverses), return_inverse=True)
    by_number = np.argsort(number_of, kind="stable")
    edges = np.searchsorted(number_of[by_number], np.arange(len(numbers) + 1))
    found = np.zeros(len(number_of), bool)
    is_open = np.ones(len(numbers), bool)  # no piece of the training text has had this number yet
    for begin in range(0, len(training) - length + 1, _BLOCK):
        here = _numbers(training[begin : begin + _BLOCK + length - 1], length, powers, inverses)
        table = np.zeros(2**_BITS, bool)
        table[_first_bits(numbers[is_open])] = True
        places = np.flatnonzero(table[_first_bits(here)])
        which = np.searchsorted(numbers, here[places]).clip(max=len(numbers) - 1)
        agrees = is_open[which] & (numbers[which] == here[places])
        told, first = np.unique(which[agrees], return_index=True)
        for number, at in zip(told.tolist(), (begin + places[agrees][first]).tolist(), strict=True):
            piece = training[at : at + length]
            for start in by_number[edges[number] : edges[number + 1]].tolist():
                written = text[start : start + length]
                found[start] = (
                    written == piece or written in training
                )  # another with the same number may stand there
        is_open[told] = False
        if not is_open.any():
            break
    return np.flatnonzero(found)


def _numbers(text: str, length: int, powers: Array, inverses: Array) -> Array:
    """A number for each piece of a text: equal pieces have equal ones, and others almost never.

    Σ cⱼ Bʲ over a piece is the difference of two sums that begin with the text; B⁻ⁱ makes it the same wherever the
    piece stands.
    """
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    sums = np.zeros(len(codes) + 1, np.uint64)
    np.cumsum(codes * powers[: len(codes)], out=sums[1:])
    count = len(codes) - length + 1
    numbers: Array = (sums[length:] - sums[:count]) * inverses[:count]
    return numbers


def _powers(base: int, count: int) -> Array:
    """B⁰ … modulo 2⁶⁴."""
    powers = np.full(count, base, np.uint64)
    powers[0] = 1
    return np.cumprod(powers, dtype=np.uint64)


def _first_bits(numbers: Array) -> Array:
    return (numbers >> np.uint64(64 - _BITS)).astype(np.int64)
