"""What a class of thirty asks for at once is computed once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from cachetools import LRUCache

V = TypeVar("V")


class Cache(Generic[V]):
    """Keeps the latest values; those who ask for one that is being computed wait for it. Thread-safe.

        >>> squares: Cache[int] = Cache(capacity=2)
        >>> squares.get(12, lambda: 12**2)
        144
        >>> squares.get(12, lambda: 1 // 0)  # is there already, so nothing is computed
        144

    Args:
        capacity: How much is kept, in the units of `size`; what was asked for longest ago goes first.
        size: The size of a value; 1 each without it. One larger than `capacity` is given but not kept.
        lock: Held while a value is computed; caches that share it compute one after the other.
    """

    def __init__(
        self,
        capacity: int,
        size: Callable[[V], int] = lambda value: 1,
        *,
        lock: threading.Lock | None = None,
    ) -> None:
        self._values: LRUCache[Hashable, V] = LRUCache(capacity, size)
        self._size = size
        self._values_lock = threading.Lock()
        self._compute_lock = lock or threading.Lock()

    def get(self, key: Hashable, compute: Callable[[], V]) -> V:
        """Return the value that is kept, or compute it; when that raises, nothing is kept.

        Args:
            key: Everything that decides the value.
            compute: Called for the value when it is not kept.
        """
        with self._values_lock:
            if key in self._values:
                return self._values[key]
        with self._compute_lock:
            with self._values_lock:  # whoever held the lock may have computed it
                if key in self._values:
                    return self._values[key]
            value = compute()
        with self._values_lock:
            if self._size(value) <= self._values.maxsize:
                self._values[key] = value
        return value
