"""Which runs train and which wait: people take turns, and so do the runs of each."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class _Place:
    """What the queue knows of a run."""

    person: str
    priority: int
    has_begun: bool
    """It was taken off in the middle: its curve stands still."""


class RunQueue:
    """A few slots, and the runs that wait for one. Not thread-safe: its owner holds a lock.

    Whoever waits longest is served first, with one run; then comes the next person. Among a person's own runs those of
    a higher priority go first, and then those that have waited longest.

        >>> queue = RunQueue(1)
        >>> for id, person in (("a1", "Ann"), ("a2", "Ann"), ("b1", "Ben")):
        ...     queue.add(id, person)
        >>> queue.next(), queue.order()
        ('a1', ['b1', 'a2'])

    Args:
        slots: Runs that train at the same time.
    """

    def __init__(self, slots: int) -> None:
        self.slots = slots
        """Runs that train at the same time."""
        self._places: dict[str, _Place] = {}
        self._lines: dict[str, list[str]] = {}
        """Who waits, by person; the person whose turn is next comes first."""
        self._training: set[str] = set()

    def add(
        self, id: str, person: str = "", *, first: bool = False, has_begun: bool = False, priority: int = 0
    ) -> None:
        """Let a run wait.

        Args:
            id: The run's id.
            person: Whose it is.
            first: Before the person's other runs of the same priority, and not behind them.
            has_begun: It has trained before, and is in the middle of its curve.
            priority: A higher one goes before a lower one among the person's own; what nobody looks at has less than 0.
        """
        self._places[id] = _Place(person, priority, has_begun)
        line = self._lines.setdefault(person, [])
        others = [self._places[other].priority for other in line]
        at = sum(other > priority or (other == priority and not first) for other in others)
        line.insert(at, id)

    def next(self) -> str | None:
        """Give a free slot to the run whose turn it is; None when no slot is free or nobody waits."""
        if not self._lines or len(self._training) >= self.slots:
            return None
        person = min(self._lines, key=self._trained_by)
        id = self._lines[person][0]
        self._leave(id)
        self._to_the_end(person)
        self._training.add(id)
        return id

    def hand_over(self, id: str, person: str) -> None:
        """Count a run as somebody else's; one that waits comes to the end of their line."""
        place, is_waiting = self._places[id], self.is_waiting(id)
        self.leave(id)
        self._places[id] = replace(place, person=person)
        if is_waiting:
            self.add(id, person, priority=place.priority, has_begun=place.has_begun)

    def yield_slot(self, id: str) -> None:
        """Take a run's slot away, if it has one, and let it wait at the end of the line."""
        place = self._places[id]
        self.leave(id)
        self._training.discard(id)
        self._to_the_end(place.person)
        self.add(id, place.person, priority=place.priority, has_begun=True)

    def occupy(self, id: str) -> None:
        """Count a run among those that train."""
        self._training.add(id)

    def release(self, id: str) -> None:
        """Free a run's slot; it neither trains nor waits for another."""
        self._training.discard(id)

    def leave(self, id: str) -> None:
        """Let a run wait no more; it may come back."""
        if self.is_waiting(id):
            self._leave(id)

    def remove(self, id: str) -> None:
        """Forget a run, whether it trains or waits."""
        self.leave(id)
        self._training.discard(id)
        self._places.pop(id, None)

    def clear(self) -> None:
        """Let nobody wait any more."""
        self._lines.clear()

    def is_waiting(self, id: str) -> bool:
        """The run waits for a slot."""
        return id in self._places and id in self._lines.get(self._places[id].person, ())

    def is_training(self, id: str) -> bool:
        """The run has a slot."""
        return id in self._training

    def training(self) -> list[str]:
        """The runs that have a slot."""
        return list(self._training)

    def person(self, id: str) -> str:
        """Whose run it is."""
        return self._places[id].person

    def order(self) -> list[str]:
        """Those who wait, in the order of their turns."""
        lines = [list(self._lines[person]) for person in sorted(self._lines, key=self._trained_by)]
        return [
            line[turn]
            for turn in range(max(map(len, lines), default=0))
            for line in lines
            if turn < len(line)
        ]

    def position(self, id: str) -> int | None:
        """1 for the next to start; None when not waiting."""
        return self.order().index(id) + 1 if self.is_waiting(id) else None

    def count_in_need(self, id: str) -> int:
        """For how many of those who wait a run that trains has to make room once its time is over.

        For other people's runs, for one's own that stand still in the middle, and for one's own of a higher priority.
        A person who is alone sees one run after another, each undisturbed.
        """
        own = self._places[id]
        waiting = [self._places[other] for line in self._lines.values() for other in line]
        return sum(
            place.person != own.person or place.has_begun or place.priority > own.priority
            for place in waiting
        )

    def _trained_by(self, person: str) -> int:
        return sum(self._places[id].person == person for id in self._training)

    def _leave(self, id: str) -> None:
        person = self._places[id].person
        self._lines[person].remove(id)
        if not self._lines[person]:
            del self._lines[person]

    def _to_the_end(self, person: str) -> None:
        if person in self._lines:
            self._lines[person] = self._lines.pop(person)
