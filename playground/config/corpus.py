"""Which text a run reads, and how it becomes tokens."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field

from playground.controls import Control
from playground.errors import gettext_noop as _
from playground.settings import NotBool, OffIsNone, Settings

Normalize = Literal["none", "letters", "spaced"]
NORMALIZATIONS: tuple[Normalize, ...] = get_args(Normalize)
TokenLevel = Literal["char", "word", "segmented"]
BETWEEN: dict[TokenLevel, str] = {"char": "", "word": " ", "segmented": ""}
"""What stands between two tokens when they are joined to a text."""


class CorpusConfig(Settings):
    """Which text, and how it becomes tokens."""

    corpus: Annotated[str, Control(_("Text"), _("What the network reads."))] = Field(
        "the_tide_clock", min_length=1, max_length=80
    )
    """Id of a bundled text, or of one that a person added."""
    token_level: Annotated[
        TokenLevel,
        Control(
            _("Token"),
            _(
                "What is predicted one at a time. Words are cut at white space, which Chinese, Japanese and Thai "
                "do not have: take characters there, or, for Chinese, words segmented by a dictionary."
            ),
            words={
                "char": _("character"),
                "word": _("word"),
                "segmented": _("word, segmented (Chinese)"),
            },
        ),
    ] = "char"
    """One token a character, one a word (split at white space), or one a Chinese word (segmented)."""
    normalize: Annotated[
        Normalize,
        Control(
            _("Normalisation"),
            _(
                "“Letters a–z” keeps only these and single spaces and joins the lines without one, as d2l "
                "does; “a–z, lines apart” puts a space between two lines."
            ),
            words={"none": _("none"), "letters": _("letters a–z"), "spaced": _("a–z, lines apart")},
        ),
    ] = "none"
    """`letters`: only a-z and single spaces, lines joined without one, as d2l does it; `spaced`: with one;
    `none`: the text as it is."""
    max_tokens: Annotated[
        int | None,
        NotBool,
        OffIsNone,
        Control(
            _("First tokens only"),
            _("Only so many tokens from the beginning; empty takes all. d2l takes 10,000."),
            step=1000,
            empty=_("all"),
            more=True,
        ),
    ] = Field(None, ge=100, le=20_000_000)
    """Use only this many tokens from the start; None takes all."""
    held_out: Annotated[
        float,
        NotBool,
        Control(
            _("Held-out part"),
            _("Part at the end that is never trained on: the honest test."),
            step=0.05,
            more=True,
        ),
    ] = Field(0.1, ge=0.0, le=0.5)
    """Fraction kept aside at the end and never trained on; 0 turns it off."""
    max_vocab: Annotated[
        int,
        NotBool,
        Control(
            _("Vocabulary limit"),
            _("So many of the commonest tokens are kept; every other one becomes <unk>, the unknown token."),
            step=500,
            more=True,
        ),
    ] = Field(5_000, ge=2, le=50_000)
    """Most different tokens, the commonest first; the rest become `<unk>`."""

    @property
    def is_cut_by_spacing(self) -> bool:
        """Where its tokens end depends on white space that a text may not have."""
        return self.token_level != "char" and self.normalize == "none"

    @property
    def between(self) -> str:
        """What stands between two tokens when they are joined to a text."""
        return BETWEEN[self.token_level]
