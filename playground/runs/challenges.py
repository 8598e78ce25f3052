"""Challenges of a class: a teacher makes and ends them, everybody sees how they stand."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from cachetools import LRUCache

from playground import access
from playground.access import Action, require_teacher
from playground.cache import Fresh
from playground.config import ChallengeLimits, CorpusConfig
from playground.errors import ConfigError
from playground.records import (
    Board,
    BoardExclusion,
    BoardLine,
    BoardRun,
    Challenge,
    Person,
    RunRecord,
)
from playground.runs import standing
from playground.runs.classroom import Classroom
from playground.runs.standing import Standing, StandingLine
from playground.runs.wall import owner_of
from playground.store.run_store import RunStore
from playground.text.prepare import prepare

_FRESH = 1.0
"""Seconds for which a board is good: thirty pages show one."""
_KEPT = 32
"""Boards."""


@dataclass(frozen=True)
class _Look:
    """A challenge as it stands now, for whoever looks."""

    is_open: bool
    standing: Standing
    runs: Mapping[str, RunRecord]
    """Those of it that are still here, by id."""
    people: Mapping[str, Person]


class Challenges:
    """The challenges of a server. Every method may be called from any thread.

    Args:
        store: Keeps them, and the runs.
        classroom: Knows whose runs are, and whom they are shown to.
        clock: Seconds that only grow.
    """

    def __init__(
        self, store: RunStore, classroom: Classroom, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._classroom = classroom
        self._clock = clock
        self._lock = threading.Lock()
        self._looks: LRUCache[str, Fresh[_Look]] = LRUCache(_KEPT)

    def make(self, person: Person, title: str, corpus: CorpusConfig, limits: ChallengeLimits) -> Challenge:
        """Make a challenge, which is open at once.

        Args:
            person: Who makes it.
            title: What to call it; empty takes the text's title.
            corpus: Text, tokens and held-out part of every run in it.
            limits: What is allowed.

        Raises:
            NotAllowed: They are no teacher.
            ConfigError: Nothing is held out, or the text is not everybody's.
            CorpusError: The text does not exist, or nothing is left of it.
        """
        require_teacher(person, Action.CHALLENGE)
        if not corpus.held_out:
            raise ConfigError(
                "A challenge is measured on held-out text, and nothing is held out. Hold a part of it out."
            )
        text = self._store.library.load(corpus.corpus)
        info = next((info for info in self._store.library.all() if info.id == corpus.corpus), None)
        if info is not None and info.owners is not None and not info.is_shared:
            raise ConfigError(
                "The text {title!r} is not shared with the class, so nobody else could train on it. Share it on the Train "
                "page first.",
                title=text.title,
            )
        vocab = prepare(text, corpus).vocab
        return self._store.challenges.make(title.strip() or text.title, corpus, len(vocab), limits)

    def end(self, person: Person, id: str) -> None:
        """End a challenge; its board is kept as it stands, whatever becomes of its runs.

        Raises:
            NotAllowed: They are no teacher.
            ChallengeNotFound: There is no such challenge.
        """
        require_teacher(person, Action.CHALLENGE)
        self._store.challenges.end(id, lambda *ended: standing.stand(*ended).to_json())
        with self._lock:
            self._looks.pop(id, None)

    def get(self, id: str) -> Challenge:
        """One challenge, for everybody who has its link.

        Raises:
            ChallengeNotFound: There is no such challenge.
        """
        return self._store.challenges.get(id)

    def all(self, person: Person) -> list[Challenge]:
        """All challenges, newest first.

        Raises:
            NotAllowed: They are no teacher: what is known of a challenge stands in its link.
        """
        require_teacher(person, Action.CHALLENGE)
        return self._store.challenges.all()

    def open_of(self, run_id: str) -> Challenge | None:
        """The open challenge in which a run was started, from whose board it goes when it is deleted; None of none."""
        return self._store.challenges.open_of(run_id)

    def board(self, person: Person, id: str) -> Board:
        """How a challenge stands; worked out once a second, however many look.

        Args:
            person: Who looks: a run that is not theirs to open, or is not here any more, has no id.
            id: The challenge.

        Raises:
            ChallengeNotFound: There is no such challenge.
        """
        with self._lock:
            if id not in self._looks:
                self._looks[id] = Fresh(partial(self._look, id), _FRESH, self._clock)
            fresh = self._looks[id]
        look = fresh.get()
        return Board(
            look.is_open,
            tuple(self._line(person, line, look) for line in look.standing.lines),
            tuple(
                BoardExclusion(
                    owner_of(told.owner, look.people),
                    _is_own(person, told.owner),
                    self._run(person, told.run, look),
                    told.why,
                    told.params,
                )
                for told in look.standing.excluded
            ),
        )

    def _look(self, id: str) -> _Look:
        challenge = self.get(id)
        entries = self._store.challenges.entries(id)
        kept = standing.read(self._store.challenges.kept_board(id))  # None while it is open
        return _Look(
            challenge.is_open,
            standing.stand(challenge, entries) if kept is None else kept,
            {entry.run.id: entry.run for entry in entries},
            self._classroom.everybody(),
        )

    def _line(self, person: Person, line: StandingLine, look: _Look) -> BoardLine:
        return BoardLine(
            line.rank,
            owner_of(line.owner, look.people),
            _is_own(person, line.owner),
            self._run(person, line.best, look),
            tuple(self._run(person, run, look) for run in line.others),
        )

    def _run(self, person: Person, told: BoardRun, look: _Look) -> BoardRun:
        run = None if told.id is None else look.runs.get(told.id)
        if run is None:
            return replace(told, id=None)
        may_open = access.may(person, Action.LOOK, run.owner, self._classroom.sharing_with(person))
        return replace(told, id=run.id if may_open else None, status=run.status)


def _is_own(person: Person, owner: str | None) -> bool:
    return person.is_known and person.id == owner
