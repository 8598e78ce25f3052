"""Who may let a network write, and when: a few texts at a time, turns go round people, on threads that nothing else needs."""

from __future__ import annotations

import math
import os
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TypeVar

import anyio
from anyio import CapacityLimiter, to_thread

T = TypeVar("T")
QUEUE = 12
"""Texts that want the processor at the same time; whoever comes beyond them is asked to come again."""
_LONGEST_RETRY = 30
_FIRST_TURN = 0.1
"""Seconds that a turn is taken to last before one has been measured."""
_WEIGHT = 0.2
"""Of the last turn in the running mean of what turns take."""
_STOPPED_SECONDS = 3.0
"""A text that has wanted no turn for so long has been stopped by its reader, and does not count."""
_REMEMBERED = 256
"""People whose last turn is remembered."""
Person = str | None
"""Id of whoever lets a network write; None for all those of whom nothing is told."""


class TooManyWriters(Exception):
    """Too many texts want the processor, or too many of them are one person's."""

    def __init__(self, retry_after: int, *, of_person: int | None = None) -> None:
        self.retry_after = retry_after
        """Whole seconds after which it is worth asking again."""
        self.of_person = of_person
        """Texts of this person's that are being written, where they are too many."""
        super().__init__(f"again in {retry_after} s")


class Writers:
    """Lets texts take turns: some lines of one person's, then some of the next. Belongs to the server's event loop.

    Whoever waits for a turn holds no thread, and whoever has one holds a thread of writing's own, so that pages and
    histories find theirs free however many texts are written. A text that its reader has stopped wants no turn, and
    stands in nobody's way. Where several people wait, the next turn is of whoever had theirs longest ago, however many
    texts they have.

    Args:
        at_once: Turns at the same time; None takes one for four cores: pages and runs need the others.
        queue: Texts that may want a turn at the same time, those who have one among them.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        *,
        at_once: int | None = None,
        queue: int = QUEUE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._free = at_once or max(1, (os.cpu_count() or 1) // 4)
        self._threads = CapacityLimiter(self._free)
        self._queue = queue
        self.wanting = 0
        """Texts that have a turn or wait for one."""
        self._waiting: dict[Person, deque[anyio.Event]] = {}
        self._turns = 0
        self._last_turn: dict[Person, int] = {}
        self._texts: dict[Person, list[Text]] = {}
        self._clock = clock
        self._turn_seconds = _FIRST_TURN

    def admit(self, person: Person = None, most: int | None = None) -> Text:
        """Let a person have another text written.

        Args:
            person: Whoever asks.
            most: Texts that may be written for one person at the same time; None sets no limit.

        Raises:
            TooManyWriters: It would have to wait for long, or so many are being written for this person.
        """
        if self.wanting >= self._queue:
            turns = self._turn_seconds * self.wanting / self._threads.total_tokens
            raise TooManyWriters(max(1, min(_LONGEST_RETRY, math.ceil(turns))))
        texts = [text for text in self._texts.get(person, []) if text.is_being_written]
        if most is not None and len(texts) >= most:
            raise TooManyWriters(1, of_person=len(texts))
        text = Text(self, person, self._clock)
        self._texts[person] = [*texts, text]
        return text

    def forget(self, text: Text) -> None:
        """A text is whole, or nobody wants more of it."""
        texts = self._texts.get(text.person, [])
        if text in texts:
            texts.remove(text)
        if not texts:
            self._texts.pop(text.person, None)

    async def run(self, work: Callable[[], T], person: Person = None) -> T:
        """Do some work on a thread of writing's own, when its turn has come; what it raises is raised here."""
        turn = anyio.Event()
        self._waiting.setdefault(person, deque()).append(turn)
        self.wanting += 1
        try:
            self._give_turns()
            await turn.wait()
            return await to_thread.run_sync(self._timed, work, limiter=self._threads)
        finally:
            self.wanting -= 1
            if turn.is_set():
                self._free += 1
            else:
                self._leave(person, turn)
            self._give_turns()

    def _give_turns(self) -> None:
        while self._free and self._waiting:
            person = min(self._waiting, key=lambda waiting: self._last_turn.get(waiting, 0))
            turn = self._waiting[person][0]
            self._leave(person, turn)
            self._turns += 1
            self._last_turn.pop(person, None)  # the newest stand last
            self._last_turn[person] = self._turns
            while len(self._last_turn) > _REMEMBERED:
                del self._last_turn[next(iter(self._last_turn))]
            self._free -= 1
            turn.set()

    def _leave(self, person: Person, turn: anyio.Event) -> None:
        self._waiting[person].remove(turn)
        if not self._waiting[person]:
            del self._waiting[person]

    def _timed(self, work: Callable[[], T]) -> T:
        started = self._clock()
        try:
            return work()
        finally:
            self._turn_seconds += _WEIGHT * (self._clock() - started - self._turn_seconds)


class Text:
    """One text that is being written; `Writers.admit` makes it.

    Args:
        writers: Give turns.
        person: Whose it is.
        clock: Seconds that only grow.
    """

    def __init__(self, writers: Writers, person: Person, clock: Callable[[], float]) -> None:
        self.person = person
        self._writers = writers
        self._clock = clock
        self._wants = False
        self._wanted_at = clock()

    @property
    def is_being_written(self) -> bool:
        """It wants a turn, or has had one just now."""
        return self._wants or self._clock() - self._wanted_at < _STOPPED_SECONDS

    async def run(self, work: Callable[[], T]) -> T:
        """As `Writers.run`."""
        self._wants = True
        try:
            return await self._writers.run(work, self.person)
        finally:
            self._wants, self._wanted_at = False, self._clock()

    async def lines(self, lines: Iterator[T]) -> AsyncIterator[T]:
        """Yield what an iterator gives, each in a turn of its own; then the text is whole."""
        nothing = object()
        try:
            while (line := await self.run(lambda: next(lines, nothing))) is not nothing:
                yield line  # type: ignore[misc]  # what is not nothing is a T
        finally:
            self.close()

    def close(self) -> None:
        """Nothing more of it is wanted."""
        self._writers.forget(self)
