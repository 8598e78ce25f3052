"""Tables as CSV that a spreadsheet opens without calculating what a person typed."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import Protocol

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""A spreadsheet takes a cell that begins like this for a formula, or drops the sign and takes what follows for one."""
_INVISIBLE = "\u2060"


class _Out(Protocol):
    def write(self, text: str, /) -> object: ...


class CsvWriter:
    r"""Writes rows; text that a spreadsheet would take for a formula begins with `'`, and numbers stay numbers.

        >>> import sys
        >>> CsvWriter(sys.stdout, "\n").writerow(["=1+1", -1, "a,b"])
        '=1+1,-1,"a,b"

    Args:
        out: What is written to.
        end: Ends each row; `\r\n` keeps a cell that is a line break itself in quotes.
    """

    def __init__(self, out: _Out, end: str = "\r\n") -> None:
        self._writer = csv.writer(out, lineterminator=end)

    def writerow(self, cells: Iterable[object]) -> None:
        """Write one row."""
        self._writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in cells])


def guarded(text: str) -> str:
    """Text for a cell of a file: never a formula.

    >>> guarded("@SUM(A1)"), guarded("tide")
    ("'@SUM(A1)", 'tide')
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def guarded_unseen(text: str) -> str:
    """The same for a table on a page, which a browser offers as a file too: the guard cannot be seen."""
    return f"{_INVISIBLE}{text}" if text.startswith(_FORMULA) else text
