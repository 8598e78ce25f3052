"""Tokens ↔ ids."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence

from playground.config import BETWEEN, TokenLevel
from playground.errors import CorpusError
from playground.files import parse_object
from playground.text.notes import as_unicode
from playground.text.segmentation import segment

UNK = "<unk>"
UNK_ID = 0


class Vocab:
    """Token ↔ id, the commonest token first after `<unk>` (id 0), as in d2l.

    `decode(encode(text)) == text` for text whose tokens are all known; at word
    level up to white space.

        >>> vocab = Vocab.from_tokens("banana", "char")
        >>> vocab.tokens
        ('<unk>', 'a', 'n', 'b')
        >>> vocab.encode("ban!"), vocab.decode([3, 1, 2])
        ([3, 1, 2, 0], 'ban')

    Args:
        tokens: Known tokens in the order of their ids, without `<unk>`.
        level: How text is cut.
    """

    def __init__(self, tokens: Iterable[str], level: TokenLevel) -> None:
        self.tokens: tuple[str, ...] = (UNK, *tokens)
        self.level: TokenLevel = level
        self._ids = {token: i for i, token in enumerate(self.tokens)}

    @classmethod
    def from_tokens(cls, tokens: Iterable[str], level: TokenLevel, *, limit: int = 5_000) -> Vocab:
        """Collect a text's tokens; beyond `limit` symbols the rarest become `<unk>`.

        Ties keep the order of first appearance.

        Args:
            tokens: All tokens of the text, in its order.
            level: How the text was cut.
            limit: Most symbols, `<unk>` among them.

        Raises:
            CorpusError: No token in the text.
        """
        counts = Counter(tokens)
        counts.pop(UNK, None)
        if not counts:
            raise no_tokens()
        return cls((token for token, _ in counts.most_common(limit - 1)), level)

    def __len__(self) -> int:
        return len(self.tokens)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocab) and (self.tokens, self.level) == (other.tokens, other.level)

    __hash__ = None  # type: ignore[assignment]  # compared by value

    def encode(self, text: str) -> list[int]:
        """Token ids; unknown tokens are `UNK_ID`."""
        return self.ids(split(text, self.level))

    def ids(self, tokens: Iterable[str]) -> list[int]:
        """As `encode`, for a text that is cut already."""
        return [self._ids.get(token, UNK_ID) for token in tokens]

    def decode(self, ids: Sequence[int]) -> str:
        """Text of the ids, joined as the level asks."""
        return BETWEEN[self.level].join(self.tokens[i] for i in ids)

    def to_json(self) -> str:
        """One line, kept with a run so that the run outlives its text."""
        return json.dumps({"level": self.level, "tokens": self.tokens[1:]}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Vocab:
        """Inverse of `to_json`.

        Raises:
            ValueError: It is none.
        """
        data = parse_object(text)
        tokens, level = data.get("tokens"), data.get("level")
        if (
            level not in BETWEEN
            or not isinstance(tokens, list)
            or not all(isinstance(t, str) for t in tokens)
        ):
            raise ValueError("no vocabulary")
        return cls(map(as_unicode, tokens), level)


def split(text: str, level: TokenLevel) -> list[str]:
    """Cut a text into characters, into words at white space, or into Chinese words.

    Raises:
        CorpusError: `segmented` without the package that does it.
    """
    if level == "segmented":
        return segment(text)
    return list(text) if level == "char" else text.split()


def no_tokens() -> CorpusError:
    """What is said of a text without any token."""
    return CorpusError("The text has no tokens. Choose a text with some words in it.")
