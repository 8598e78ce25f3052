"""A person's own idea about a text: a regular expression, or a value for each token."""

from __future__ import annotations

import hashlib
import math
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NoReturn

import numpy as np
import regex

from playground.arrays import Array
from playground.config import BETWEEN, TokenLevel
from playground.errors import ConfigError
from playground.format import number
from playground.records.cells import Annotation
from playground.text.annotations import joined

MOST_SOURCE = 2**20
"""Characters of a table."""
MOST_PATTERN = 1_000
"""Characters of a regular expression."""
SECONDS = 1.0
"""Of the process's time on a processor, for which a regular expression may search."""
_SHOWN = 40
"""Characters of what cannot be read, in the sentence that says so."""
_LARGEST = float(np.finfo(np.float32).max)
_CALLS_ITSELF = re.compile(r"\(\?(?:R\)|[+-]?\d+\)|&|P[>&])")
_ITEMS = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]?|\{(?P<least>[0-9]{0,9})(?:,(?P<most>[0-9]{0,9}))?\}"
    r"|\((?:\?(?:[:=!>|]|<[=!]|P?<\w+>))?|[\s\S]"
)
"""An escaped mark, a class, a counted repeat, a group's beginning, or any other mark."""
_MOST_ITEMS = 20_000
"""Of an expression, repeats written out: each takes about 300 bytes before any limit of time is reached."""
_BETWEEN_CELLS = re.compile(r"[,;\t]")
_NO_VALUE = frozenset(["", "nan", "na"])


@dataclass(frozen=True)
class OwnIdea:
    """What a person thinks that units may follow."""

    kind: Literal["regex", "csv"]
    title: str
    """As it was typed."""
    source: str
    """The expression, or the table."""

    @property
    def name(self) -> str:
        """The word for it in links: the same source has the same one, whatever it is called."""
        return "own" + hashlib.sha256(f"{self.kind}\0{self.source}".encode(errors="replace")).hexdigest()[:8]


def own_annotation(idea: OwnIdea, tokens: Sequence[str], level: TokenLevel) -> Annotation:
    """What each token of a text is by a person's own idea.

    A regular expression is searched in the tokens' text, line by line for `^` and `$`: a token is 1 where any of its
    characters lies in a match, 0 elsewhere. A table has a value a line, in the tokens' order, or a token's position,
    counted from 0, and its value; a first line of words is taken for its heading. Tokens without a value are NaN.

        >>> own_annotation(OwnIdea("regex", "long words", r"\\w{5,}"), ["a", "brass", "clock"], "word").values.tolist()
        [0.0, 1.0, 1.0]
        >>> own_annotation(OwnIdea("csv", "stress", "1,0.5"), ["a", "brass", "clock"], "word").values.tolist()
        [nan, 0.5, nan]

    Args:
        idea: What it is judged by.
        tokens: A whole text, T tokens.
        level: How it was cut.

    Raises:
        ConfigError: The source is too long, cannot be read, or fits the text badly; an expression searches too long.
    """
    most = MOST_PATTERN if idea.kind == "regex" else MOST_SOURCE
    if len(idea.source) > most:
        raise ConfigError(
            "{title!r} has {characters:,} characters; at most {most:,} are read. Shorten it by {over:,}.",
            title=idea.title,
            characters=len(idea.source),
            most=most,
            over=len(idea.source) - most,
        )
    if not idea.source.strip():
        raise ConfigError("{title!r} is empty. Type a regular expression or paste values.", title=idea.title)
    if idea.kind == "regex":
        values = _matched(idea.source, tokens, level)
        return Annotation(idea.name, idea.title, values, is_binary=True, is_own=True)
    values = _pasted(idea.source, len(tokens))
    told = values[~np.isnan(values)]
    is_binary = bool(np.isin(told, (0, 1)).all())
    return Annotation(idea.name, idea.title, values, is_binary=is_binary, is_own=True)


def _unrolled(source: str) -> int:
    """How many items an expression becomes when counted repeats, `{2,5}`, are written out, as the compiler does it.

    >>> _unrolled("a{3}"), _unrolled("(?:(?:ab){10}c){10}"), _unrolled("[{]{2}")
    (3, 210, 2)
    """
    sizes, last = [[0, 0]], 0  # of each group that is open: all before its last item, and that item
    for found in _ITEMS.finditer(source):
        item = found[0]
        if item[0] == "(":
            sizes.append([0, 0])
        elif item == ")" and len(sizes) > 1:
            before, last = sizes.pop()
            sizes[-1] = [sum(sizes[-1]), before + last]
        elif found["least"] is not None:
            times = max(int(found["least"] or 0), int(found["most"] or 0), 1)
            sizes[-1][1] = min(sizes[-1][1] * times, _MOST_ITEMS + 1)
        else:
            sizes[-1] = [sum(sizes[-1]), 1]
    return sum(map(sum, sizes))


def _matched(source: str, tokens: Sequence[str], level: TokenLevel) -> Array:
    text, ends = joined(tokens, level)
    covered = np.zeros(len(text) + 1, np.int64)
    for start, stop in _matches(_compiled(source), text):
        covered[start] += 1
        covered[stop] -= 1
    matched = np.zeros(len(text) + 1, np.int64)  # characters in a match before each place
    np.cumsum(np.cumsum(covered[:-1]) > 0, out=matched[1:])
    starts = np.concatenate([[0], ends[:-1] + len(BETWEEN[level])])
    values: Array = (matched[ends] > matched[starts]).astype(np.float32)
    return values


def _compiled(source: str) -> regex.Pattern[str]:
    if _CALLS_ITSELF.search(source):  # takes a gigabyte before any limit of time is reached
        raise ConfigError(
            "A regular expression that calls itself is not searched for here. Write it without (?R), (?1) or (?&name)."
        )
    if _unrolled(source) > _MOST_ITEMS:  # so does one that repeats repeats
        raise ConfigError(
            "The regular expression repeats more than {most:,} times when its repeats are written out. Take smaller numbers "
            "in {braces}, or * and +.",
            most=_MOST_ITEMS,
            braces="{ }",
        )
    try:
        return regex.compile(source, regex.MULTILINE, cache_pattern=False)
    except (regex.error, ValueError) as error:  # ValueError: flags that exclude each other
        place = min(getattr(error, "pos", None) or 0, len(source) - 1)
        raise ConfigError(
            "The regular expression cannot be read at character {position} (“{shown}”). Close every bracket, and put "
            "a backslash before a mark that stands for itself.",
            position=place + 1,
            shown=source[place:][:_SHOWN],
        ) from None
    except (RecursionError, MemoryError, OverflowError):
        raise ConfigError(
            "The regular expression is nested too deeply to be read. Write it with fewer brackets."
        ) from None


def _matches(pattern: regex.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    """Where matches begin and end, for as long as a search may take."""
    limit = time.process_time() + SECONDS
    try:
        for count, found in enumerate(pattern.finditer(text, timeout=SECONDS)):
            if count % 1024 == 0 and time.process_time() > limit:
                raise TimeoutError
            yield found.span()
    except (TimeoutError, MemoryError):
        raise ConfigError(
            "The regular expression was still searching after {seconds} s. Write it so that each character can "
            "be matched in one way alone: a+ and not (a+)+.",
            seconds=number(SECONDS),
        ) from None


def _pasted(source: str, count: int) -> Array:
    """A table's values, (T,)."""
    lines = source.removeprefix("\ufeff").splitlines()
    while lines and not lines[-1].strip():
        lines.pop()
    rows = [[cell.strip().strip("\"'") for cell in _BETWEEN_CELLS.split(line)] for line in lines]
    first = 1 if rows and _is_heading(rows[0]) else 0
    if not any(any(row) for row in rows[first:]):
        raise ConfigError("The table has no values. Paste one a line, or a position, a comma and a value.")
    values = np.full(count, np.nan, np.float32)
    if len(rows[first]) == 1:
        if len(rows) - first > count:
            raise ConfigError(
                "The table has {rows:,} values; the text has {tokens:,} tokens. Remove the last {over:,}.",
                rows=len(rows) - first,
                tokens=count,
                over=len(rows) - first - count,
            )
        for place, row in enumerate(rows[first:]):
            values[place] = _value(row, 1, lines[first + place], first + place + 1)
        return values
    seen: dict[int, int] = {}
    for line, row in enumerate(rows[first:], start=first + 1):
        if not any(row):
            continue
        value = _value(row, 2, lines[line - 1], line)
        place = _position(row[0], lines[line - 1], line, count)
        if place in seen:
            raise ConfigError(
                "Lines {first} and {line} of the table both have a value for position {position}. Remove one.",
                first=seen[place],
                line=line,
                position=place,
            )
        seen[place] = line
        values[place] = value
    return values


def _is_heading(row: Sequence[str]) -> bool:
    """Words, none of which is a value."""
    return any(row) and not any(cell.lower() in _NO_VALUE or _number(cell) is not None for cell in row)


def _value(row: Sequence[str], cells: int, shown: str, line: int) -> float:
    """The last cell; NaN where it is empty.

    Args:
        row: A line's cells.
        cells: So many there should be.
        shown: The line as it was pasted.
        line: Its number, counted from 1.
    """
    value = math.nan if row[-1].lower() in _NO_VALUE else _number(row[-1])
    if value is None or len(row) != cells:
        _refuse(shown, line)
    return value


def _position(cell: str, shown: str, line: int, count: int) -> int:
    if not (cell.isascii() and cell.isdigit()):
        _refuse(shown, line)
    place = int(cell.lstrip("0")[:12] or "0")
    if place >= count:
        raise ConfigError(
            "Line {line} of the table names position {position:,}; the text has {tokens:,} tokens, the first of which "
            "is at 0.",
            line=line,
            position=place,
            tokens=count,
        )
    return place


def _number(cell: str) -> float | None:
    """What float32 can hold; None for anything else."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if abs(value) <= _LARGEST else None


def _refuse(shown: str, line: int) -> NoReturn:
    raise ConfigError(
        "Line {line} of the table is “{shown}”: a number, or a position, a comma and a number, can be read there, and "
        "every line has to be of the same kind.",
        line=line,
        shown=shown.strip()[:_SHOWN],
    )
