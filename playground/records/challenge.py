"""A challenge: a text and limits that are fixed, the runs that were started in it, and the board that they make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from playground.config import CorpusConfig
from playground.records.runs import RunRecord, RunStatus
from playground.records.wall import Owner


@dataclass(frozen=True)
class Challenge:
    """What a teacher has fixed; all else is free."""

    id: str
    title: str
    corpus: CorpusConfig
    """Text, tokens and held-out part: perplexities compare on the same ones alone."""
    vocab_size: int
    """V of that text: parameters follow from it and a network's settings."""
    most_parameters: int | None
    """None is no limit."""
    most_minutes: float | None
    """Of a run's own training time; None counts all of it."""
    made_at: float
    """Seconds since 1970."""
    ended_at: float | None
    """None while runs can be started in it and are measured."""

    @property
    def is_open(self) -> bool:
        """Runs can be started in it, and are measured."""
        return self.ended_at is None

    @property
    def most_seconds(self) -> float | None:
        """`most_minutes` in seconds."""
        return None if self.most_minutes is None else 60.0 * self.most_minutes


@dataclass(frozen=True)
class Entry:
    """A run that was started in a challenge."""

    run: RunRecord
    best_loss: float | None
    """Nats a token: the lowest held-out loss measured in time; None where nothing was measured in time."""
    best_seconds: float | None
    """Training time when it was measured."""


class Exclusion(StrEnum):
    """Why a run of a challenge does not count."""

    HELD_OUT = "held_out"
    """Another part of the text is held out."""
    DATA = "data"
    """Another text, or other tokens."""
    TRAP = "trap"
    """It has seen the token that it predicts."""
    BLANKS = "blanks"
    """It fills in blanks, which is another task."""
    PARAMETERS = "parameters"
    """It has more of them than allowed."""
    LATE = "late"
    """Its first measurement came after its time."""
    UNMEASURED = "unmeasured"
    """It ended before the first measurement."""
    ENDED = "ended"
    """The challenge ended before it was measured in time."""


@dataclass(frozen=True)
class BoardRun:
    """A run as the board tells it: figures as they are shown, so that ties can be seen."""

    id: str | None
    """None where whoever looks may not open it."""
    network: str
    """Cell and size: `2 × GRU 64`."""
    status: RunStatus
    loss: float | None
    """Best held-out loss in time, nats a token."""
    perplexity: str
    """Of that loss; `–` before the first measurement."""
    parameters: int | None
    """None before it has begun."""
    seconds: float | None
    """Training time when that was measured."""


@dataclass(frozen=True)
class BoardLine:
    """One person's best run, and their others that count."""

    rank: int | None
    """From 1; None before the first measurement."""
    owner: Owner | None
    """None is whoever owns the machine."""
    is_own: bool
    """Of whoever looks."""
    best: BoardRun
    others: tuple[BoardRun, ...]
    """Best first."""


@dataclass(frozen=True)
class BoardExclusion:
    """A run that does not count, and why."""

    owner: Owner | None
    is_own: bool
    run: BoardRun
    why: Exclusion
    params: Mapping[str, str]
    """Figures of the sentence that says why."""


@dataclass(frozen=True)
class Board:
    """How a challenge stands, for whoever looks."""

    is_open: bool
    lines: tuple[BoardLine, ...]
    """Ranked ones first."""
    excluded: tuple[BoardExclusion, ...]
    """Newest first."""
