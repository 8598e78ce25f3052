"""Texts with blanks: how a blank is written, and how what looks like one but is meant as it stands.

A blank is `_`, `＿`, `——`, or `（）` with nothing but spaces inside. A backslash before one of them makes it a part of
the text: `\\_`. A backslash anywhere else is itself; before a blank, two of them are one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from playground.config import CorpusConfig
from playground.text.decoding import MARK
from playground.text.vocab import split

_SIGN = r"——|[_＿]|（[ \u3000]*）"
_WRITTEN = re.compile(rf"(\\*)({_SIGN})")
_HOLE = "\ud800"
"""Stands for a blank while a text is cut: half a surrogate pair, which no text has."""


def cut_cloze(text: str, config: CorpusConfig) -> list[str | None]:
    """As `cut_sentence`, for a text with blanks: a blank, or a word with one in it, becomes None."""
    text = text.replace(MARK, "").encode(errors="replace").decode()
    text = _WRITTEN.sub(_read, text)
    if config.normalize != "none":
        text = re.sub(f"[^A-Za-z{_HOLE}]+", " ", text).strip().lower()
    if config.token_level == "segmented":
        pieces = re.split(f"({_HOLE})", text)
        parts = ([None] if piece == _HOLE else split(piece, "segmented") for piece in pieces)
        return [token for part in parts for token in part]
    return [None if _HOLE in token else token for token in split(text, config.token_level)]


def write_cloze(pieces: Sequence[str | None]) -> str:
    """Pieces of a text, None for each blank, put together as `cut_cloze` reads them.

        >>> write_cloze(["a", None, "b_"])
        'a_b\\\\_'

    Args:
        pieces: Tokens, and what stands between them.
    """
    text = "".join(_HOLE if piece is None else piece for piece in pieces)
    text = re.sub(rf"(\\*)({_SIGN})", lambda found: 2 * found[1] + "\\" + found[2], text)
    return re.sub(rf"(\\*){_HOLE}", lambda found: 2 * found[1] + "_", text)


def _read(found: re.Match[str]) -> str:
    backslashes, sign = found.groups()
    is_literal = len(backslashes) % 2
    return "\\" * (len(backslashes) // 2) + (sign if is_literal else _HOLE)
