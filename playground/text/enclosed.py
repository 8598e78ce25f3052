"""What stands inside quotes, brackets and comments: the state of a text after each of its characters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import numpy as np

from playground.arrays import Array

Comments = Literal["hash", "slash"]
"""What begins a comment: `#`, as in Python, or `//` and `/*`, as in C."""

_STRAIGHT = '"'
_QUOTES = {"”": "“", "」": "「", "』": "『", "»": "«"}
"""Closing → opening. Single quotes are none: they are apostrophes as well."""
_LOW = "„"
_GERMAN = str.maketrans({_LOW: "“", "“": "”"})
_BRACKETS = {")": "(", "]": "[", "}": "{", "）": "（", "】": "【", "》": "《", "〉": "〈", "］": "［"}
_ANGLES = {">": "<"}
"""Brackets in prose; in code they compare."""

_LOOKED_AT = 20_000
"""Characters of a text's beginning by which code is told from prose."""
_HASH_LINE = re.compile(
    r"(?:def |class |import |from \S+ import |return\b|elif |else:|try:|except\b|@\w|for .+ in .+:|if .+:$|while .+:$"
    r"|with .+:$|[\w.\[\]\"']+ (?:[-+*/]?=) \S|[\w.]+\(.*\)$)"
)
_SLASH_LINE = re.compile(r".*[;{}]$")
_CODE_LINES = 0.2
"""Of the lines that are neither empty nor a comment, so many look like code; of prose hardly any do."""
_FEWEST_LINES = 5
"""In less than these nothing can be told."""
_STRING = r"\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?"
_SCANNERS: dict[Comments, re.Pattern[str]] = {
    "hash": re.compile(rf"\"\"\"[\s\S]*?(?:\"\"\"|\Z)|'''[\s\S]*?(?:'''|\Z)|{_STRING}|(?P<line>#)[^\n]*"),
    "slash": re.compile(rf"{_STRING}|(?P<line>//)[^\n]*|(?P<block>/\*)[\s\S]*?(?:\*(?P<closed>/)|\Z)"),
}
"""Strings are read first: `#` inside one begins no comment. Whatever is not closed goes on to the text's end, or a
pattern would be tried anew from each of many beginnings."""


def inside_quotes(text: str) -> Array:
    """1 from an opening quote up to, not including, the closing one, (characters,).

    A straight quote opens and closes in turn; “ ”, „ “, « », 「 」 and 『 』 nest. At a blank line nothing is open any more: a
    quote that goes on over paragraphs opens anew in each, and one that is forgotten spoils only its own.

    >>> inside_quotes('a "b" c').tolist()
    [0, 0, 1, 1, 0, 0, 0]
    """
    blank = set(_blank_lines(text))
    if _LOW in text:  # „German“: its closing mark is English's opening one
        text = text.translate(_GERMAN)
    straight = False
    nest: list[str] = []
    places: list[int] = []
    states: list[int] = []
    marks = {_STRAIGHT, *_QUOTES, *_QUOTES.values()}
    for place in sorted(blank.union(_places(text, marks))):
        mark = text[place]
        if place in blank:
            straight = False
            nest.clear()
        elif mark == _STRAIGHT:
            straight = not straight
        elif mark not in _QUOTES:
            nest.append(mark)
        elif _QUOTES[mark] in nest:
            while nest.pop() != _QUOTES[mark]:
                pass
        places.append(place)
        states.append(int(straight or bool(nest)))
    return _held(places, states, len(text))


def bracket_depth(text: str) -> Array:
    """How many brackets are open after each character, (characters,); one that is never closed opens nothing.

    >>> bracket_depth("a(b[c]) :( d").tolist()
    [0, 1, 1, 2, 2, 1, 0, 0, 0, 0, 0, 0]
    """
    pairs = _BRACKETS if comment_style(text) else _BRACKETS | _ANGLES
    change = np.zeros(len(text) + 1, np.int32)
    opened: list[int] = []
    waiting = dict.fromkeys(pairs.values(), 0)
    for place in _places(text, {*pairs, *pairs.values()}):
        mark = text[place]
        if mark in waiting:
            opened.append(place)
            waiting[mark] += 1
        elif waiting[pairs[mark]]:
            while True:  # what was opened since then is never closed
                last = opened.pop()
                waiting[text[last]] -= 1
                if text[last] == pairs[mark]:
                    break
            change[last] += 1
            change[place] -= 1
    return change[:-1].cumsum(dtype=np.int32)


def comment_style(text: str) -> Comments | None:
    """How a text's comments begin; None for one that does not look like code."""
    lines = [line.strip() for line in text[:_LOOKED_AT].split("\n")]
    for style, code, comment in (("slash", _SLASH_LINE, ("//", "/*", "*")), ("hash", _HASH_LINE, ("#",))):
        told = [line for line in lines if line and not line.startswith(comment)]
        if len(told) >= _FEWEST_LINES and sum(
            code.match(line) is not None for line in told
        ) >= _CODE_LINES * len(told):
            return "slash" if style == "slash" else "hash"
    return None


def inside_comments(text: str, style: Comments) -> Array:
    """1 from the last character of a comment's opening mark up to, not including, its end, (characters,).

    >>> inside_comments("a # b\\nc", "hash").tolist()
    [0, 0, 1, 1, 1, 0, 0]
    """
    change = np.zeros(len(text) + 1, np.int32)
    for found in _SCANNERS[style].finditer(text):
        groups = found.groupdict()
        mark = groups.get("line") or groups.get("block")
        if mark:
            start = found.start() + len(mark) - 1
            stop = found.start("closed") if groups.get("closed") else found.end()
            change[start] += 1
            change[max(start, stop)] -= 1
    return change[:-1].cumsum(dtype=np.int32)


def _places(text: str, marks: set[str]) -> list[int]:
    """Where any of the marks stands, in order."""
    return [found.start() for found in re.finditer(f"[{re.escape(''.join(sorted(marks)))}]", text)]


def _blank_lines(text: str) -> list[int]:
    """Where lines end that have nothing but white space."""
    return [found.end() - 1 for found in re.finditer(r"(?<=\n)[^\S\n]*\n", text)]


def _held(places: Sequence[int], states: Sequence[int], length: int) -> Array:
    """Each state from its place up to the next one; 0 before the first."""
    bounds = np.array([0, *places, length])
    return np.repeat(np.array([0, *states], np.int32), np.diff(bounds))
