"""The wall of a class: what every run of the last hour looks like now, kept up to date for whoever looks."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from playground.access import Action, require_teacher
from playground.config import RunConfig, flatten
from playground.errors import RunNotFound, StoreDamaged
from playground.records import Person, RunRecord, RunStatus
from playground.records.wall import Caveat, Column, Curve, Owner, Trouble, WallCard, WallView
from playground.runs.classroom import Classroom
from playground.runs.manager import RunManager
from playground.runs.sketch import Sketch

SECONDS = 3600.0
"""A run is on the wall for so long after it was started, and while it is under way."""
MOST_RUNS = 300
"""On the wall."""
SILENT_SECONDS = 60.0
"""Without news after which a run that has a place to train is worth a look."""
TRAIN_POINTS, HELDOUT_POINTS = 48, 20
"""Of a small curve."""
_FRESH = 0.5
"""Seconds for which a look is good: several screens show one wall."""
_WHOLE = 100_000
"""Points of a curve that are read at once."""
_STUCK_ABOVE = 0.75
"""Of what guessing costs: a loss below it has learnt something, however slowly it goes on."""
_STUCK_FALL = 0.99
"""The last quarter of a stuck curve is no lower than this share of the quarter before."""
_STUCK_POINTS = 200
"""Steps before which nothing is said."""


@dataclass
class _Followed:
    """A run's curves as far as they were read."""

    revision: int
    heard_at: float
    cursor: int = 0
    at: tuple[int, float | None] = (-1, None)
    """The step and the epoch's loss up to which they were read."""
    train: Sketch = field(default_factory=lambda: Sketch(TRAIN_POINTS))
    heldout: Sketch = field(default_factory=lambda: Sketch(HELDOUT_POINTS))


@dataclass(frozen=True)
class _Shown:
    card: WallCard
    cursor: int
    """Of the look at which it became so."""


class Wall:
    """Follows the runs of the last hour. Every method may be called from any thread.

    Args:
        manager: Keeps and trains the runs.
        classroom: Knows whose they are.
        now: Seconds since 1970.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        manager: RunManager,
        classroom: Classroom,
        *,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._manager = manager
        self._classroom = classroom
        self._now = now
        self._clock = clock
        self._lock = threading.Lock()
        self._followed: dict[str, _Followed] = {}
        self._shown: dict[str, _Shown] = {}
        self._left_off = 0
        self._cursor = (
            time.time_ns() // 1_000_000
        )  # a server that was started anew goes on above the last one's
        self._looked_at = -math.inf

    def look(self, person: Person, since: int = 0) -> WallView:
        """What has changed since a cursor.

        Args:
            person: Who looks.
            since: The last view's cursor; 0 is the whole wall.

        Raises:
            NotAllowed: They are no teacher.
        """
        require_teacher(person, Action.WALL)
        with self._lock:
            if self._clock() - self._looked_at >= _FRESH:
                self._read()
                self._looked_at = self._clock()
            changed = tuple(shown.card for shown in self._shown.values() if shown.cursor > since)
            return WallView(
                self._cursor,
                tuple(self._shown),
                self._left_off,
                self._manager.is_held,
                changed,
                self._titles(changed),
            )

    def _titles(self, cards: Sequence[WallCard]) -> dict[str, str]:
        """What their texts are called; a teacher may read them all."""
        named = {str(card.settings["corpus"]) for card in cards if "corpus" in card.settings}
        return {id: self._manager.store.library.title(id) for id in sorted(named)}

    def runs(self, person: Person) -> list[RunRecord]:
        """The runs on the wall, newest first; errors as `look`."""
        require_teacher(person, Action.WALL)
        return self._recent()[:MOST_RUNS]

    def _recent(self) -> list[RunRecord]:
        return self._manager.store.table.recent(self._now() - SECONDS)

    def _read(self) -> None:
        recent = self._recent()
        newest = recent[:MOST_RUNS]
        self._left_off = len(recent) - len(newest)
        followed = {run.id: found for run in newest if (found := self._follow(run)) is not None}
        self._followed, runs = followed, [run for run in newest if run.id in followed]
        differing = differences([run.config for run in runs])
        people = self._classroom.everybody()
        self._cursor += 1
        shown = {}
        for run, settings in zip(runs, differing, strict=True):
            card = self._card(run, owner_of(run.owner, people), settings)
            before = self._shown.get(run.id)
            shown[run.id] = before if before and before.card == card else _Shown(card, self._cursor)
        self._shown = shown

    def _follow(self, run: RunRecord) -> _Followed | None:
        """Read what is new of a run's curves; None of one that was deleted just now."""
        try:
            return self._read_on(run)
        except RunNotFound:
            return None
        except StoreDamaged:  # its card stays, without a curve
            return _Followed(run.revision, self._clock())

    def _read_on(self, run: RunRecord) -> _Followed:
        followed = self._followed.get(run.id)
        if followed is None or followed.revision != run.revision:
            followed = _Followed(run.revision, self._clock())
        at = run.step, run.train_loss
        if at == followed.at:  # most runs of a class have ended or wait
            return followed
        history = self._manager.store.history(run.id, after=followed.cursor, most=_WHOLE, is_shared=False)
        if history.revision != followed.revision:  # taken back to a checkpoint just now
            followed = _Followed(history.revision, self._clock())
            history = self._manager.store.history(run.id, most=_WHOLE, is_shared=False)
        if history.cursor > followed.cursor:
            followed.heard_at = self._clock()
        followed.cursor, followed.at = history.cursor, at
        followed.train.add(history.step_epoch, history.step_loss)
        followed.heldout.add(history.epoch, history.heldout_loss)
        return followed

    def _card(self, run: RunRecord, owner: Owner | None, settings: Mapping[str, object]) -> WallCard:
        followed = self._followed[run.id]
        place = self._manager.queue_position(run.id)
        if place is not None or run.status not in (RunStatus.STARTING, RunStatus.RUNNING):
            followed.heard_at = self._clock()  # who waits has nothing to tell
        return WallCard(
            id=run.id,
            name=run.name,
            owner=owner,
            status=run.status,
            trouble=self._trouble(run, followed),
            caveat=caveat_of(run.config),
            created_at=run.created_at,
            epoch=_short(run.epoch) or 0.0,
            epochs=run.config.train.epochs,
            seconds=round(run.seconds, 1),
            place=place,
            guessing=None if run.facts is None else _short(math.log(run.facts.vocab_size)),
            parameters=None if run.facts is None else run.facts.parameters,
            train_loss=_short(run.step_loss if run.train_loss is None else run.train_loss),
            heldout_loss=_short(run.heldout_loss),
            settings=settings,
            train=_curve(followed.train),
            heldout=_curve(followed.heldout),
        )

    def _trouble(self, run: RunRecord, followed: _Followed) -> Trouble | None:
        if run.status in (RunStatus.FAILED, RunStatus.INTERRUPTED):
            return Trouble.FAILED
        if run.status is RunStatus.DIVERGED:
            return Trouble.DIVERGED
        if self._manager.store.clipping.explosion(run) is not None:
            return Trouble.EXPLODED
        if self._clock() - followed.heard_at >= SILENT_SECONDS:
            return Trouble.SILENT
        if run.status is RunStatus.RUNNING and run.facts is not None:
            return Trouble.STUCK if is_stuck(followed.train, math.log(run.facts.vocab_size)) else None
        return None


def is_stuck(curve: Sketch, guessing: float) -> bool:
    """Whether a loss is near guessing's and does not fall.

    Args:
        curve: The loss of every step so far, nats a token.
        guessing: What guessing among all tokens costs, ln V.
    """
    quarter = len(curve.loss) // 4
    if curve.points < _STUCK_POINTS or not quarter:
        return False
    last, before = curve.loss[-quarter:].mean(), curve.loss[-2 * quarter : -quarter].mean()
    return bool(last > _STUCK_ABOVE * guessing and last >= _STUCK_FALL * before)


def differences(configs: Sequence[RunConfig]) -> list[dict[str, object]]:
    """Of each set-up, the settings in which not all of them are the same, by their flat names."""
    flat = [flatten(config) for config in configs]
    names = dict.fromkeys(name for settings in flat for name in settings)
    differing = [name for name in names if any(s.get(name) != flat[0].get(name) for s in flat)]
    return [{name: settings[name] for name in differing if name in settings} for settings in flat]


def caveat_of(config: RunConfig) -> Caveat | None:
    """Why a run's perplexity is none to compare with; None where it tells the next token from those before it."""
    if config.is_trap:
        return Caveat.TRAP
    return None if config.can_write else Caveat.BLANKS


def owner_of(id: str | None, people: Mapping[str, Person]) -> Owner | None:
    """What a run's owner is called, by their id; None is whoever owns the machine."""
    if id is None:
        return None
    person = people.get(id, Person(id))
    return Owner(person.name, person.number)


def _curve(sketch: Sketch) -> Curve:
    return Curve(_column(sketch.epoch), _column(sketch.loss))


def _column(values: NDArray[np.float64]) -> Column:
    return tuple(_short(value) for value in values.tolist())


def _short(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(f"{value:.4g}")
