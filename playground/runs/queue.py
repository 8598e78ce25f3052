"""Which runs train and which wait for their turn: first in, first out."""

from __future__ import annotations

from collections import deque


class RunQueue:
    """A few slots, and the runs that wait for one. Not thread-safe: its owner holds a lock.

    Args:
        slots: Runs that train at the same time.
    """

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._waiting: deque[str] = deque()
        self._training: set[str] = set()

    def add(self, id: str, *, first: bool = False) -> None:
        """Let a run wait, behind the others or before them."""
        if first:
            self._waiting.appendleft(id)
        else:
            self._waiting.append(id)

    def next(self) -> str | None:
        """Give a free slot to the run that waits longest; None when no slot is free or nobody waits."""
        if not self._waiting or len(self._training) >= self._slots:
            return None
        id = self._waiting.popleft()
        self._training.add(id)
        return id

    def occupy(self, id: str) -> None:
        """Count a run among those that train."""
        self._training.add(id)

    def release(self, id: str) -> None:
        """Free a run's slot; it neither trains nor waits for another."""
        self._training.discard(id)

    def remove(self, id: str) -> None:
        """Take a run out, whether it trains or waits."""
        self._training.discard(id)
        if id in self._waiting:
            self._waiting.remove(id)

    def clear(self) -> list[str]:
        """Let nobody wait any more; return those who did, in their order."""
        waiting = list(self._waiting)
        self._waiting.clear()
        return waiting

    def is_waiting(self, id: str) -> bool:
        """The run waits for a slot."""
        return id in self._waiting

    def is_training(self, id: str) -> bool:
        """The run has a slot."""
        return id in self._training

    def position(self, id: str) -> int | None:
        """1 for the next to start; None when not waiting."""
        return self._waiting.index(id) + 1 if id in self._waiting else None
