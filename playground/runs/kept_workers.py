"""Which paused runs keep their worker: the newest few, each for a minute."""

from __future__ import annotations

import threading
from collections.abc import Callable

KEPT_SECONDS = 60.0
"""A person who pauses to look goes on within this, without a second of waiting for a worker."""
MOST_KEPT = 2
"""Each holds 225 MB and more."""


class KeptWorkers:
    """Paused runs that still have their worker. Not thread-safe: its owner holds a lock.

    Args:
        give_back: Asks a run to give its worker back; called by a thread without the lock, or by `keep` with it.
        seconds: How long a run keeps its worker.
        most: Runs that keep theirs.
    """

    def __init__(
        self, give_back: Callable[[str], None], *, seconds: float = KEPT_SECONDS, most: int = MOST_KEPT
    ) -> None:
        self._give_back = give_back
        self._seconds = seconds
        self._most = most
        self._timers: dict[str, threading.Timer] = {}

    def keep(self, id: str) -> None:
        """Note a run that has paused; where they are too many, the one that paused first gives its worker back."""
        self.forget(id)
        timer = threading.Timer(self._seconds, self._give_back, (id,))
        timer.daemon = True
        self._timers[id] = timer
        timer.start()
        while len(self._timers) > self._most:
            first = next(iter(self._timers))
            self.forget(first)
            self._give_back(first)

    def forget(self, id: str) -> None:
        """A run goes on, has ended, or has given its worker back."""
        timer = self._timers.pop(id, None)
        if timer is not None:
            timer.cancel()

    def clear(self) -> None:
        """Forget all."""
        for id in list(self._timers):
            self.forget(id)
