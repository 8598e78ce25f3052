"""The text as the network writes it, and beside it the one that it writes with the changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pages.gates.surgery.diff import LEAST_SAME, Difference, Piece, difference
from pages.shared.i18n import _
from pages.shared.panels import Panel
from playground.format import percent
from playground.records import RunRecord, WrittenToken

_PANEL = Panel("surgery")


def compare(run: RunRecord, before: Sequence[WrittenToken], after: Sequence[WrittenToken]) -> Difference:
    """Align what was written without and with the changes."""
    return difference(
        tuple(token.token for token in before),
        tuple(token.token for token in after),
        LEAST_SAME[run.config.corpus.token_level],
    )


def draw(run: RunRecord, prefix: Sequence[str], found: Difference, changes: str) -> None:
    """Draw both texts, or the untouched one alone where nothing is changed.

    Args:
        run: For how its tokens are joined.
        prefix: The tokens that both go on from.
        found: The two, aligned.
        changes: What is done, in words; empty for nothing.
    """
    between = run.config.corpus.between
    lanes = [{"title": _("As it is"), "pieces": _told(found.before, between)}]
    if changes:
        lanes.append(
            {
                "title": _("With {changes}").format(changes=changes),
                "pieces": _told(found.after, between),
                "note": _note(found),
            }
        )
    _PANEL.draw(
        "surgery_panel",
        {
            "lanes": lanes,
            "prefix": between.join(prefix) + between,
            "labels": {
                "panel": _("What the network writes, without and with the changes"),
                "legend": _("Coloured and underlined: what is not the same in both.") if changes else "",
            },
        },
    )


def _told(pieces: Sequence[Piece], between: str) -> list[dict[str, Any]]:
    return [
        {"text": between.join(piece.tokens) + between, "isSame": piece.kind == "same"} for piece in pieces
    ]


def _note(found: Difference) -> str:
    if found.parts_at is None:
        return _("It writes the same text, token for token.")
    return _("It parts from the other text at written token {n}; {share} of it is changed.").format(
        n=found.parts_at + 1, share=percent(found.share, 0)
    )
