"""Deleted runs, for as long as it can be undone."""

from __future__ import annotations

import logging
import threading

from playground.errors import StoreError
from playground.store.run_store import RunStore

UNDO_SECONDS = 60.0
_log = logging.getLogger(__name__)


class Deletions:
    """Hides runs, and removes them for good a minute later. Every method may be called from any thread.

    Args:
        store: Keeps the runs; this program owns its directory.
        seconds: How long a deletion can be undone.
    """

    def __init__(self, store: RunStore, *, seconds: float = UNDO_SECONDS) -> None:
        self._store = store
        self._seconds = seconds
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._closed = False
        self._sweep()

    def delete(self, id: str) -> bool:
        """Delete an ended run.

        Returns:
            Whether it can be undone: where the disk is short, it makes room at once.

        Raises:
            RunNotFound: No such run.
            RunStateError: It has not ended.
        """
        if self._store.space.is_short():
            self._store.delete(id)
            return False
        self._store.hide(id)
        self._again_in(self._seconds)
        return True

    def undo(self, id: str) -> None:
        """Bring a run back.

        Raises:
            RunNotFound: It is gone for good.
        """
        self._store.bring_back(id)

    def close(self) -> None:
        """Remove nothing any more; the next owner of the directory goes on."""
        with self._lock:
            self._closed = True
            if self._timer is not None:
                self._timer.cancel()

    def _sweep(self) -> None:
        with self._lock:
            self._timer = None
        try:
            seconds = self._store.remove_hidden(self._seconds)
        except StoreError as error:  # locked, or being closed: there is another time
            _log.warning("deleted runs could not be removed yet: %s", error)
            seconds = self._seconds
        if seconds is not None:
            self._again_in(seconds)

    def _again_in(self, seconds: float) -> None:
        """Look again, unless that is going to happen sooner."""
        with self._lock:
            if self._timer is None and not self._closed:
                self._timer = threading.Timer(seconds + 0.1, self._sweep)
                self._timer.daemon = True
                self._timer.start()
