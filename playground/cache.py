"""What a class of thirty asks for at once is computed once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from cachetools import LRUCache

V = TypeVar("V")


class Cache(Generic[V]):
    """Keeps the latest answers; whoever waits for the same one finds it. Thread-safe.

    Args:
        most: How much is kept, in the units of `size`.
        size: Of an answer; 1 each without it. One that is larger than `most` is given but not kept.
        turn: Held while something is computed; shared by those who must take turns.
    """

    def __init__(
        self, most: int, size: Callable[[V], int] = lambda answer: 1, *, turn: threading.Lock | None = None
    ) -> None:
        self._answers: LRUCache[Hashable, V] = LRUCache(most, size)
        self._size = size
        self._lock = threading.Lock()
        self._turn = turn or threading.Lock()

    def get(self, question: Hashable, answer: Callable[[], V]) -> V:
        """Return the kept answer, or compute it; what that raises is not kept.

        Args:
            question: Decides the answer wholly.
            answer: Computes it.
        """
        with self._lock:
            if question in self._answers:
                return self._answers[question]
        with self._turn:
            with self._lock:
                if question in self._answers:
                    return self._answers[question]
            found = answer()
        with self._lock:
            if self._size(found) <= self._answers.maxsize:
                self._answers[question] = found
        return found
