"""What each token of a text is: inside quotes, so far into its line, a vowel. What units may be found to follow."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

import numpy as np

from playground.arrays import Array
from playground.config import BETWEEN, TokenLevel
from playground.errors import gettext_noop
from playground.records.cells import Annotation
from playground.text.enclosed import bracket_depth, comment_style, inside_comments, inside_quotes
from playground.text.vocab import UNK

UNREAD = "\N{REPLACEMENT CHARACTER}"
"""Stands for `<unk>`, whose own brackets and letters are none of the text's."""
_COMMAS = frozenset(",，、")
_VOWELS = frozenset("aeiouаеёиоуыэюяαεηιουω")
_ZH_MARKS = frozenset("“”‘’…—·")
"""Marks of Chinese that other scripts have as well."""


def annotate(tokens: Sequence[str], level: TokenLevel) -> tuple[Annotation, ...]:
    """Everything that is known about a text's tokens; what is the same all over it is left out.

    A value is the state after a token has been read, since that is what a network can hold then: inside quotes is 1
    at the opening quote and no longer at the closing one. Of a word that is the state after its last character.

        >>> [a.name for a in annotate(list('"Tide," he said'), "char")]
        ['quotes', 'word_position', 'since_comma', 'capital', 'vowel', 'space', 'punctuation']

    Args:
        tokens: A whole text, T tokens.
        level: How it was cut.
    """
    if not tokens:
        return ()
    text, ends = joined(tokens, level)
    found = [
        *_enclosed(text, ends - 1, level),
        *_positions(tokens, level),
        *_classes(tokens, level, has_zh_marks=_is_mostly_han(text)),
    ]
    return tuple(annotation for annotation in found if _varies(annotation.values))


def joined(tokens: Sequence[str], level: TokenLevel) -> tuple[str, Array]:
    """A text of its tokens, and where in it each of them ends, (T,); `<unk>` is a single mark.

    >>> text, ends = joined(["tick", "<unk>", "tock"], "word")
    >>> text.replace(UNREAD, "?"), ends.tolist()
    ('tick ? tock', [4, 6, 11])
    """
    shown = [UNREAD if token == UNK else token for token in tokens]
    between = BETWEEN[level]
    lengths = np.fromiter(map(len, shown), np.int64, len(shown))
    return between.join(shown), np.cumsum(lengths + len(between)) - len(between)


def _enclosed(text: str, last: Array, level: TokenLevel) -> list[Annotation]:
    """Args: text: Joined. last: Place of each token's last character."""
    depth = bracket_depth(text)[last]
    found = [
        _binary("quotes", gettext_noop("inside quotes"), inside_quotes(text)[last]),
        _binary("brackets", gettext_noop("inside brackets"), depth > 0),
    ]
    if depth.max() > 1:  # else it says what `brackets` says
        found.append(_numeric("bracket_depth", gettext_noop("depth of brackets"), depth))
    style = comment_style(text)
    if style and level != "word":  # words have lost the ends of lines
        found.append(_binary("comment", gettext_noop("inside a comment"), inside_comments(text, style)[last]))
    return found


def _positions(tokens: Sequence[str], level: TokenLevel) -> list[Annotation]:
    newline = _each(tokens, lambda token: "\n" in token)
    comma = _each(tokens, lambda token: not _COMMAS.isdisjoint(token))
    found = []
    if newline.any():
        found.append(
            _numeric("line_position", gettext_noop("position in the line"), _since(newline, before=-1))
        )
    if level == "char":
        outside = ~_each(tokens, lambda token: len(token) == 1 and token.isalpha() and not _is_han(token))
        found.append(
            _numeric("word_position", gettext_noop("position in the word"), _since(outside, before=-1))
        )
    if comma.any():  # before the first one, since the beginning: of a text that has all its values more can be asked at once
        found.append(
            _numeric("since_comma", gettext_noop("distance from the last comma"), _since(comma, before=-1))
        )
    return found


def _classes(tokens: Sequence[str], level: TokenLevel, *, has_zh_marks: bool) -> list[Annotation]:
    """What tokens are by themselves, whatever stands before them."""

    def is_zh_mark(token: str) -> bool:
        return _is_wide_mark(token[-1]) or (has_zh_marks and token[-1] in _ZH_MARKS)

    found = [
        _binary("capital", gettext_noop("capital letter"), _each(tokens, _is_capital)),
        _binary(
            "space", gettext_noop("space"), _each(tokens, lambda token: token.isspace() and "\n" not in token)
        ),
        _binary("newline", gettext_noop("end of a line"), _each(tokens, lambda token: "\n" in token)),
        _binary("digit", gettext_noop("digit"), _each(tokens, lambda token: any(map(str.isdigit, token)))),
        _binary(
            "punctuation",
            gettext_noop("punctuation"),
            _each(tokens, lambda token: _is_mark(token[-1]) and not is_zh_mark(token)),
        ),
        _binary("zh_punctuation", gettext_noop("Chinese punctuation"), _each(tokens, is_zh_mark)),
    ]
    if level == "char":
        found.insert(1, _binary("vowel", gettext_noop("vowel"), _each(tokens, _is_vowel)))
    return found


def _each(tokens: Sequence[str], is_one: Callable[[str], bool]) -> Array:
    """Whether each token is one, (T,); asked once of each distinct token, and never of `<unk>`."""
    answers = {token: token not in (UNK, "") and is_one(token) for token in set(tokens)}
    return np.fromiter(map(answers.__getitem__, tokens), bool, len(tokens))


def _since(event: Array, *, before: int) -> Array:
    """Tokens since the last event, 0 at it, (T,).

    Args:
        event: Where it happens, (T,).
        before: Where the last one before the text is taken to be.
    """
    places = np.arange(len(event))
    return places - np.maximum.accumulate(np.where(event, places, before))


def _is_capital(token: str) -> bool:
    """A word's first letter counts."""
    return next((letter.isupper() for letter in token if letter.isalpha()), False)


def _is_vowel(letter: str) -> bool:
    return unicodedata.normalize("NFD", letter.lower())[0] in _VOWELS


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("P")


def _is_wide_mark(character: str) -> bool:
    """Of the blocks of ideographic and of full-width marks."""
    return _is_mark(character) and ("\u3000" <= character <= "\u303f" or "\uff00" <= character <= "\uffef")


def _is_han(letter: str) -> bool:
    """Chinese or Japanese: between words stands nothing by which a letter's place in its word could be told."""
    return "\u2e80" <= letter <= "\u9fff" or "\uf900" <= letter <= "\ufaff" or letter >= "\U00020000"


def _is_mostly_han(text: str) -> bool:
    letters = [letter for letter in text[:10_000] if letter.isalpha()]
    return 2 * sum(map(_is_han, letters)) > len(letters)


def _varies(values: Array) -> bool:
    told = values[~np.isnan(values)]
    return len(told) > 0 and bool(told.min() < told.max())


def _binary(name: str, title: str, values: Array) -> Annotation:
    return Annotation(name, title, values.astype(np.float32), is_binary=True)


def _numeric(name: str, title: str, values: Array) -> Annotation:
    return Annotation(name, title, values.astype(np.float32), is_binary=False)
