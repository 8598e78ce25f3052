"""How a challenge stands, in plain figures: what a board is drawn from, and what is kept of one that has ended."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from playground.records import BoardRun, Challenge, Entry, Exclusion, default_name
from playground.runs.challenge_rules import exclusion, ranking, shown

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class StandingLine:
    """One person's runs that count or may yet."""

    owner: str | None
    """Their id; None is the machine's owner."""
    rank: int | None
    """From 1; None before the first measurement."""
    best: BoardRun
    others: tuple[BoardRun, ...]
    """Best first."""


@dataclass(frozen=True)
class StandingExclusion:
    """A run that does not count, and why."""

    owner: str | None
    """Id of its owner; None is the machine's."""
    run: BoardRun
    why: Exclusion
    params: Mapping[str, str]
    """Figures of the sentence that says why."""


@dataclass(frozen=True)
class Standing:
    """A board before it is somebody's: with every run's id, and its owner's in the place of a name."""

    lines: tuple[StandingLine, ...]
    """Ranked ones first."""
    excluded: tuple[StandingExclusion, ...]
    """Newest first."""

    def to_json(self) -> str:
        """As it is kept."""
        return _STANDING.dump_json(self).decode()


_STANDING = TypeAdapter(Standing)


def stand(challenge: Challenge, entries: Iterable[Entry]) -> Standing:
    """How a challenge stands by its runs.

    Args:
        challenge: What is fixed and allowed.
        entries: The runs that were started in it, newest first.
    """
    counting, excluded = [], []
    for entry in entries:
        told = exclusion(challenge, entry)
        if told is None:
            counting.append(entry)
        else:
            excluded.append(StandingExclusion(entry.run.owner, _run(entry), *told))
    lines = []
    for line in ranking(counting):
        best, *others = map(_run, line.entries)
        lines.append(StandingLine(line.owner, line.rank, best, tuple(others)))
    return Standing(tuple(lines), tuple(excluded))


def read(kept: str | None) -> Standing | None:
    """What `Standing.to_json` wrote; None, and a line in the log, where it is damaged."""
    if kept is None:
        return None
    try:
        return _STANDING.validate_json(kept)
    except ValidationError as error:
        _log.warning("what is kept of a challenge's board is passed over: %s", error)
        return None


def _run(entry: Entry) -> BoardRun:
    run, seconds = entry.run, entry.best_seconds
    return BoardRun(
        run.id,
        default_name(run.config),
        run.status,
        entry.best_loss if entry.best_loss is not None and math.isfinite(entry.best_loss) else None,
        shown(entry),
        None if run.facts is None else run.facts.parameters,
        None if seconds is None else round(seconds, 1),
    )
