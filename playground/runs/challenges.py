"""Challenges of a class: a teacher makes and ends them, everybody sees how they stand."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
    Entry,
    Exclusion,
    Person,
    default_name,
)
from playground.runs.challenge_rules import Line, exclusion, ranking, shown
from playground.runs.classroom import Classroom
from playground.runs.wall import owner_of
from playground.store.run_store import RunStore
from playground.text.prepare import prepare

_FRESH = 1.0
"""Seconds for which a board is good: thirty pages show one."""
_KEPT = 32
"""Boards."""


@dataclass(frozen=True)
class _Standing:
    """A board before it is somebody's."""

    challenge: Challenge
    lines: list[Line]
    excluded: list[tuple[Entry, Exclusion, Mapping[str, str]]]
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
        self._standings: LRUCache[str, Fresh[_Standing]] = LRUCache(_KEPT)

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
        """End a challenge; its board stays as it stands.

        Raises:
            NotAllowed: They are no teacher.
            ChallengeNotFound: There is no such challenge.
        """
        require_teacher(person, Action.CHALLENGE)
        self._store.challenges.end(id)
        with self._lock:
            self._standings.pop(id, None)

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

    def board(self, person: Person, id: str) -> Board:
        """How a challenge stands; worked out once a second, however many look.

        Args:
            person: Who looks: a run that is not theirs to open has no id.
            id: The challenge.

        Raises:
            ChallengeNotFound: There is no such challenge.
        """
        with self._lock:
            if id not in self._standings:
                self._standings[id] = Fresh(partial(self._stand, id), _FRESH, self._clock)
            fresh = self._standings[id]
        standing = fresh.get()
        return Board(
            standing.challenge.is_open,
            tuple(self._line(person, line, standing.people) for line in standing.lines),
            tuple(
                BoardExclusion(
                    owner_of(entry.run, standing.people),
                    _is_own(person, entry),
                    self._run(person, entry),
                    why,
                    params,
                )
                for entry, why, params in standing.excluded
            ),
        )

    def _stand(self, id: str) -> _Standing:
        challenge = self.get(id)
        counting, excluded = [], []
        for entry in self._store.challenges.entries(id):
            told = exclusion(challenge, entry)
            if told is None:
                counting.append(entry)
            else:
                excluded.append((entry, *told))
        return _Standing(challenge, ranking(counting), excluded, self._classroom.everybody())

    def _line(self, person: Person, line: Line, people: Mapping[str, Person]) -> BoardLine:
        best, *others = line.entries
        return BoardLine(
            line.rank,
            owner_of(best.run, people),
            _is_own(person, best),
            self._run(person, best),
            tuple(self._run(person, entry) for entry in others),
        )

    def _run(self, person: Person, entry: Entry) -> BoardRun:
        run, seconds = entry.run, entry.best_seconds
        return BoardRun(
            run.id
            if access.may(person, Action.LOOK, run.owner, self._classroom.sharing_with(person))
            else None,
            default_name(run.config),
            run.status,
            entry.best_loss if entry.best_loss is not None and math.isfinite(entry.best_loss) else None,
            shown(entry),
            None if run.facts is None else run.facts.parameters,
            None if seconds is None else round(seconds, 1),
        )


def _is_own(person: Person, entry: Entry) -> bool:
    return person.is_known and person.id == entry.run.owner
