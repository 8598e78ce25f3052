"""Who may let a network write, and when: a few texts at a time, on threads that nothing else needs."""

from __future__ import annotations

import math
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

T = TypeVar("T")
QUEUE = 12
"""Texts that want the processor at the same time; whoever comes beyond them is asked to come again."""
_LONGEST_RETRY = 30
_FIRST_TURN = 0.1
"""Seconds that a turn is taken to last before one has been measured."""
_WEIGHT = 0.2
"""Of the last turn in the running mean of what turns take."""


class TooManyWriters(Exception):
    """Too many texts want the processor."""

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        """Whole seconds after which it is worth asking again."""
        super().__init__(f"again in {retry_after} s")


class Writers:
    """Lets texts take turns: some lines of one, then some of the next. Belongs to the server's event loop.

    Whoever waits for a turn holds no thread, and whoever has one holds a thread of writing's own, so that pages and
    histories find theirs free however many texts are written. A text that its reader has stopped wants no turn, and
    stands in nobody's way.

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
        self._threads = CapacityLimiter(at_once or max(1, (os.cpu_count() or 1) // 4))
        self._queue = queue
        self.wanting = 0
        """Texts that have a turn or wait for one."""
        self._clock = clock
        self._turn_seconds = _FIRST_TURN

    def require_room(self) -> None:
        """Raise TooManyWriters when another text would have to wait for long."""
        if self.wanting >= self._queue:
            turns = self._turn_seconds * self.wanting / self._threads.total_tokens
            raise TooManyWriters(max(1, min(_LONGEST_RETRY, math.ceil(turns))))

    async def run(self, work: Callable[[], T]) -> T:
        """Do some work on a thread of writing's own, when its turn has come; what it raises is raised here."""
        self.wanting += 1
        try:
            return await to_thread.run_sync(self._timed, work, limiter=self._threads)
        finally:
            self.wanting -= 1

    async def lines(self, lines: Iterator[T]) -> AsyncIterator[T]:
        """Yield what an iterator gives, each in a turn of its own."""
        nothing = object()
        while (line := await self.run(lambda: next(lines, nothing))) is not nothing:
            yield line  # type: ignore[misc]  # what is not nothing is a T

    def _timed(self, work: Callable[[], T]) -> T:
        started = self._clock()
        try:
            return work()
        finally:
            self._turn_seconds += _WEIGHT * (self._clock() - started - self._turn_seconds)
