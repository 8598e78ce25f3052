"""What a class of thirty asks for at once is computed once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future
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

    def peek(self, key: Hashable) -> V | None:
        """The value where it is kept; None at once where it is not."""
        with self._values_lock:
            return self._values.get(key)

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


class Fresh(Generic[V]):
    """A value that is good for a while: what many ask for in the same second is looked for once. Thread-safe.

    Those who ask while it is being looked for take what comes of that, an error too: where a database is locked nobody
    waits once for each that came before.

        >>> counted = iter(range(9))
        >>> number = Fresh(lambda: next(counted), seconds=60)
        >>> number.get(), number.get()
        (0, 0)

    Args:
        compute: Looks for it; where that raises, nothing is kept.
        seconds: How long it is good.
        clock: Seconds that only grow.
    """

    def __init__(
        self, compute: Callable[[], V], seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._compute = compute
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: tuple[float, V] | None = None
        self._looking: Future[V] | None = None

    def get(self) -> V:
        """The value, looked for not longer ago than that; raises what looking for it raises."""
        with self._lock:
            if self._kept is not None and self._clock() - self._kept[0] < self._seconds:
                return self._kept[1]
            looking = self._looking
            if looking is None:
                mine = self._looking = Future[V]()
        if looking is not None:
            return looking.result()
        began = self._clock()
        try:
            value = self._compute()
        except BaseException as error:
            with self._lock:
                self._looking = None
            mine.set_exception(error)
            raise
        with self._lock:
            self._kept, self._looking = (began, value), None
        mine.set_result(value)
        return value
