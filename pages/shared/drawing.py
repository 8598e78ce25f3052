"""Whose page is drawn: a few at a time, so that runs, histories and the pages themselves do not wait for one another.

Python runs one thread at a time, and hands on every few milliseconds: with thirty pages being drawn, whatever a run's
own thread does (read what it tells, keep it, give its place to the next) waited behind all thirty at each step of it.
Drawn two at a time the pages are all there as soon, most of them sooner.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from streamlit.runtime.scriptrunner import RerunException

AT_ONCE = 2
LONG_SECONDS = 1.0
"""A page that takes longer waits for something else than the interpreter, and does not count any more."""


class Drawing:
    """Lets pages be drawn in the order in which they came. Thread-safe.

    Args:
        at_once: How many at the same time.
        long_seconds: After which one that is being drawn does not count any more.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        at_once: int = AT_ONCE,
        long_seconds: float = LONG_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._at_once = at_once
        self._long_seconds = long_seconds
        self._clock = clock
        self._changed = threading.Condition()
        self._waiting: deque[object] = deque()
        self._begun: dict[object, float] = {}
        """Pages that are being drawn → since when."""
        self._thread = threading.local()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a place, and have it until the page is drawn, given up or drawn anew."""
        page = object()
        with self._changed:
            if getattr(
                self._thread, "is_drawn_anew", False
            ):  # its turn was spent on a page that nobody wants any more
                self._waiting.appendleft(page)
            else:
                self._waiting.append(page)
            self._thread.is_drawn_anew = False
            try:
                while self._waiting[0] is not page or (wait := self._seconds_until_free()) > 0:
                    self._changed.wait(None if self._waiting[0] is not page else wait)
                self._begun[page] = self._clock()
            finally:
                self._waiting.remove(page)
                self._changed.notify_all()
        try:
            yield
        except RerunException:  # by the same thread, at once
            self._thread.is_drawn_anew = True
            raise
        finally:
            with self._changed:
                self._begun.pop(page, None)
                self._changed.notify_all()

    def _seconds_until_free(self) -> float:
        """0 where there is a place; else until the oldest page that is being drawn does not count any more."""
        now = self._clock()
        young = sorted(at for at in self._begun.values() if now - at < self._long_seconds)
        if len(young) < self._at_once:
            return 0.0
        return young[-self._at_once] + self._long_seconds - now


_drawing = Drawing()
turn = _drawing.turn
