"""How long a run trains before it makes room for another that waits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

FIRST_SECONDS = 0.8
"""A run's first turn: whoever has just pressed Start sees a point soon."""
SLICE_SECONDS = 2.8
"""Every later one: thirty people's curves each move within ninety seconds, with what a switch costs."""


class Slices:
    """When the runs that train have had their turn. Not thread-safe: its owner holds a lock.

    Args:
        is_over: Told that a run has had its turn, by a thread of its own and without the lock.
        first: Seconds of a run's first turn.
        seconds: Seconds of every later one.
    """

    def __init__(
        self,
        is_over: Callable[[str], None],
        *,
        first: float = FIRST_SECONDS,
        seconds: float = SLICE_SECONDS,
    ) -> None:
        self.first = first
        """Seconds of a run's first turn."""
        self.seconds = seconds
        """Seconds of every later one."""
        self._is_over = is_over
        self._timers: dict[str, threading.Timer] = {}
        self._ends: dict[str, float] = {}
        self._spent: dict[str, None] = {}
        self._asked: set[str] = set()

    def begin(self, id: str, *, is_first: bool) -> None:
        """A run trains from now on."""
        self.forget(id)
        timer = threading.Timer(
            min(self.first if is_first else self.seconds, threading.TIMEOUT_MAX), self._is_over, (id,)
        )
        timer.daemon = True
        self._timers[id], self._ends[id] = timer, time.monotonic() + timer.interval
        timer.start()

    def spend(self, id: str) -> None:
        """A run has had its turn, and trains on until somebody else needs its place."""
        timer = self._timers.get(id)
        # a timer that rang while its turn was ended in another way must not end the next one
        if timer is not None and self.seconds_left(id) < timer.interval / 2:
            del self._timers[id]
            self._spent[id] = None

    def forget(self, id: str) -> None:
        """A run trains no more."""
        timer = self._timers.pop(id, None)
        if timer is not None:
            timer.cancel()
        self._spent.pop(id, None)
        self._ends.pop(id, None)
        self._asked.discard(id)

    def seconds_left(self, id: str) -> float:
        """What is left of a run's turn; a whole one where it has not begun to train."""
        end = self._ends.get(id)
        return self.seconds if end is None else max(0.0, end - time.monotonic())

    def clear(self) -> None:
        """Forget all."""
        for id in list(self._timers):
            self.forget(id)
        self._spent.clear()

    def who_yields(self, count_in_need: Callable[[str], int]) -> list[str]:
        """The runs to be asked for their place, each once.

        Args:
            count_in_need: For how many of those who wait a run has to make room.
        """
        asked = []
        for id in self._spent:
            if id not in self._asked and count_in_need(id) > len(self._asked):
                self._asked.add(id)
                asked.append(id)
        return asked
