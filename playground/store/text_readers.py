"""Which runs read a text, which challenges are on it, and what is said where it stays because of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playground.errors import CorpusError
from playground.store.challenges import ChallengeTable
from playground.store.database import Database


@dataclass(frozen=True)
class Reader:
    """A run that reads a text."""

    name: str
    owner: str | None
    """Their id; None is the machine's owner."""
    is_hidden: bool
    """It was deleted just now, which can be undone."""


def readers(database: Database, corpus: str) -> list[Reader]:
    """The runs that read a text, newest first; damaged ones among them, for they may be repaired."""
    rows = database.rows(
        "SELECT name, owner, deleted_at FROM runs WHERE instr(config, ?) ORDER BY created_at DESC",
        f'"{corpus}"',
    )
    return [
        Reader(
            str(row["name"]),
            row["owner"] if isinstance(row["owner"], str) else None,
            row["deleted_at"] is not None,
        )
        for row in rows
    ]


def text_stays(title: str, found: list[Reader], may_name: Callable[[str | None], bool]) -> CorpusError:
    """Why a text cannot be removed.

    Args:
        title: The text's title.
        found: The runs that read it; one at least.
        may_name: Whether whoever asks may be told the name of a run of this owner.
    """
    here = [reader for reader in found if not reader.is_hidden]
    told = [reader for reader in here if may_name(reader.owner)]
    if told:
        return CorpusError(
            "{title!r} stays: the run {name!r} reads it (runs that do: {count}). Delete them first.",
            title=title,
            count=len(here),
            name=told[0].name,
        )
    if here:
        return CorpusError(
            "{title!r} stays: runs of other people read it ({count}). It can be removed when they are deleted.",
            title=title,
            count=len(here),
        )
    return CorpusError(
        "{title!r} stays for another minute: runs that read it were deleted just now ({count}), and that can still be "
        "undone.",
        title=title,
        count=len(found),
    )


def require_no_challenge(challenges: ChallengeTable, corpus: str, title: str) -> None:
    """Make sure that no class is at work on a text.

    Args:
        challenges: Knows which are open.
        corpus: The text's id.
        title: What it is called.

    Raises:
        CorpusError: An open challenge is on it.
    """
    challenge = challenges.open_on(corpus)
    if challenge is not None:
        raise CorpusError(
            "{title!r} stays as it is: the challenge {challenge!r} is on it. End the challenge first.",
            title=title,
            challenge=challenge.title,
        )
