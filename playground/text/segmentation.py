"""Where a text's words end: at white space, or where a dictionary says so, as in Chinese."""

from __future__ import annotations

from dataclasses import dataclass

from playground.config import TokenLevel
from playground.errors import CorpusError
from playground.text.corpora import Corpus

_LOOKED_AT = 20_000
"""Characters of a text's beginning."""
_LONGEST_WORD = 10
"""Characters on average, above which a text does not put white space between its words."""
_LONGEST_CJK_WORD = 4
"""The same for Chinese and Japanese, whose words are short: a verse has lines of five characters."""


@dataclass(frozen=True)
class Spacing:
    """How a text puts white space between its words."""

    mean_length: float
    """Characters between two white spaces, on average."""
    chinese: bool
    """Most of its letters are Chinese, and hardly any Japanese."""
    japanese: bool

    @property
    def separates_words(self) -> bool:
        """White space stands between the words, so that a text can be cut there."""
        longest = _LONGEST_CJK_WORD if self.chinese or self.japanese else _LONGEST_WORD
        return self.mean_length <= longest

    @property
    def fitting(self) -> tuple[TokenLevel, ...]:
        """The levels that cut such a text into what a person would call words or characters."""
        words: tuple[TokenLevel, ...] = ("word",) if self.separates_words else ()
        segments: tuple[TokenLevel, ...] = ("segmented",) if self.chinese else ()
        return (*words, "char", *segments)

    def suits(self, level: TokenLevel) -> bool:
        """The level cuts such a text into what it is called.

        A text with spaces may be segmented, too: its words and the white space between them are tokens then.
        """
        return level in self.fitting or (level == "segmented" and self.separates_words)


def spacing(corpus: Corpus) -> Spacing:
    """How a text puts white space between its words, by its beginning.

    >>> spacing(Corpus("x", "x", "雨下了一整夜，河水涨到了街上。")).fitting
    ('char', 'segmented')
    """
    words = corpus.text[:_LOOKED_AT].split()
    characters = sum(map(len, words))
    han = sum(map(_is_han, (character for word in words for character in word)))
    kana = sum("\u3040" <= character <= "\u30ff" for word in words for character in word)
    cjk = 2 * (han + kana) > characters
    japanese = cjk and 10 * kana > han + kana
    return Spacing(characters / len(words) if words else 0.0, cjk and not japanese, japanese)


def segment(text: str) -> list[str]:
    """Chinese words by jieba's dictionary and, for names that it lacks, a hidden Markov model.

    All that stands between them is kept, so that the parts joined are the text: digits and Latin letters
    in runs, white space and marks one by one.

        >>> segment("河水涨到了街上。 OK")
        ['河水', '涨到', '了', '街上', '。', ' ', 'OK']

    Raises:
        CorpusError: The package rjieba is not installed.
    """
    try:
        import rjieba  # its dictionary takes half a second and 60 MB: only who segments pays for it
    except ImportError:
        raise CorpusError(
            "Chinese is segmented by the package rjieba, which is not installed. Install it (pip install "
            "rjieba), or choose characters."
        ) from None
    whole = text.encode(
        "utf-8", errors="replace"
    ).decode()  # half a surrogate pair, as an address may have it
    words: list[str] = rjieba.cut(whole)
    return words


def _is_han(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff" or "\uf900" <= character <= "\ufaff" or character >= "\U00020000"
