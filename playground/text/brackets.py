"""A text with a long memory: every closing bracket is decided by one that stands far before it."""

from __future__ import annotations

import random
from functools import cache

from playground.errors import gettext_noop

PAIRS = (("(", ")"), ("[", "]"), ("{", "}"), ("<", ">"))
LETTERS = "ab"
SHORTEST, LONGEST = 2, 30
"""Letters between two brackets."""
CHARACTERS = 30_000
TITLE = gettext_noop("Matched brackets")


@cache
def bracket_text(characters: int = CHARACTERS, seed: int = 0) -> str:
    """`(abba)[bab]<ba>`…: brackets of four kinds, and between them letters that tell nothing.

    The letters are drawn at random, so the kind of a closing bracket is the only thing that is worth
    remembering; whoever does not is right in one of four.

    Args:
        characters: The length of the text, at most; the last pair is whole.
        seed: The seed of every choice.
    """
    rng = random.Random(seed)  # noqa: S311
    parts: list[str] = []
    length = 0
    while True:
        opening, closing = rng.choice(PAIRS)
        letters = rng.choices(LETTERS, k=rng.randint(SHORTEST, LONGEST))
        length += len(letters) + 2
        if length > characters:
            return "".join(parts)
        parts.append(opening + "".join(letters) + closing)


def bracket_pairs(text: str) -> list[tuple[int, int]]:
    """Where each closing bracket and the opening one before it stand; the text may begin and end anywhere.

    Returns:
        (opening, closing) places, in the order of the text.
    """
    opening_of = {closing: opening for opening, closing in PAIRS}
    pairs = []
    opened: int | None = None
    for place, character in enumerate(text):
        if character in opening_of.values():
            opened = place
        elif character in opening_of:
            if opened is not None and text[opened] == opening_of[character]:
                pairs.append((opened, place))
            opened = None
    return pairs
