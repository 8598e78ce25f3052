"""How much of a text a vocabulary covers: what a perplexity has to be read beside."""

from __future__ import annotations

import math
from dataclasses import dataclass

MOST_UNKNOWN = 0.02
"""Share of `<unk>` above which a perplexity says more about the vocabulary than about the text."""


@dataclass(frozen=True)
class TextPart:
    """The part of a text that is trained on, or the one that is held out.

    >>> words = TextPart(tokens=1_000, characters=5_000, unknown=30)
    >>> words.unknown_share, words.hides_much, round(words.bits_per_character(3.4657), 3)
    (0.03, True, 1.0)
    """

    tokens: int
    characters: int | None
    """Of its tokens, and of the white space between words as one each; None where nobody counted them."""
    unknown: int | None
    """Tokens that are `<unk>`; None where nobody counted them."""

    @property
    def unknown_share(self) -> float | None:
        """From 0 to 1; None where nobody counted, or nothing is there."""
        return None if self.unknown is None or not self.tokens else self.unknown / self.tokens

    @property
    def hides_much(self) -> bool:
        """So many tokens are `<unk>` that a perplexity tells little."""
        return (self.unknown_share or 0.0) > MOST_UNKNOWN

    def bits_per_character(self, loss: float | None) -> float | None:
        """A loss that does not depend on how the text was cut, so that words and characters compare, as long as few
        tokens are `<unk>`: that one is guessed without the characters that it stands for.

        Args:
            loss: Nats a token; None where there is none.
        """
        if loss is None or not self.characters:
            return None
        return loss / math.log(2) * self.tokens / self.characters
