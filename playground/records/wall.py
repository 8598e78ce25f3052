"""The wall: every run of the last hour as a small card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from playground.records.runs import RunStatus

Column = tuple[float | None, ...]
"""Four significant digits; None where a value is no finite number, which JSON has not."""


class Trouble(StrEnum):
    """What a teacher should look at, the worst first."""

    FAILED = "failed"
    """It ended for a reason from outside, or lost its server."""
    DIVERGED = "diverged"
    """Its loss is no number any more."""
    EXPLODED = "exploded"
    """Its loss has become worse than guessing."""
    SILENT = "silent"
    """It has a place to train, and has told nothing for a while."""
    STUCK = "stuck"
    """Its loss is near guessing's and does not fall."""


class Caveat(StrEnum):
    """Why a perplexity must not stand beside others unmarked."""

    TRAP = "trap"
    """It predicts a token that its second direction has read."""
    BLANKS = "blanks"
    """It fills in blanks, from both sides."""


@dataclass(frozen=True)
class Curve:
    """A curve of a few points, epochs and nats a token."""

    epoch: Column
    loss: Column


@dataclass(frozen=True)
class Owner:
    """Whose a run is; a name if they chose one, else a number."""

    name: str
    number: int | None


@dataclass(frozen=True)
class WallCard:
    """One run on the wall."""

    id: str
    name: str
    owner: Owner | None
    """None is whoever owns the machine."""
    status: RunStatus
    trouble: Trouble | None
    caveat: Caveat | None
    created_at: float
    """Seconds since 1970."""
    epoch: float
    epochs: int | None
    """None trains until it is stopped."""
    seconds: float
    place: int | None
    """In the queue, from 1; None for a run that does not wait."""
    guessing: float | None
    """Nats a token of a guess among all tokens; None before the run has begun."""
    parameters: int | None
    train_loss: float | None
    """Nats a token of the last epoch; before there is one, of the last step."""
    heldout_loss: float | None
    settings: Mapping[str, object]
    """Those in which the runs on the wall differ, by their flat names."""
    train: Curve
    heldout: Curve


@dataclass(frozen=True)
class WallView:
    """The wall, as far as it has changed."""

    cursor: int
    """What to ask with next."""
    ids: tuple[str, ...]
    """All runs on the wall, newest first."""
    left_off: int
    """Older ones for which the wall has no room."""
    is_held: bool
    """The teacher has paused everything."""
    cards: tuple[WallCard, ...]
    """Those that have changed since."""
    texts: Mapping[str, str]
    """What the texts are called that these cards name, by id: a page that is open knows no text that came later."""
