"""A run outlives a database that another program has locked: whoever keeps what it tells waits."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from playground.errors import StoreBusy, StoreError
from playground.records import Reason, RunStatus
from playground.store.run_store import SERVER_STOPPED, RunStore

_log = logging.getLogger(__name__)
T = TypeVar("T")


class PatientStore:
    """The store, for a run's own thread.

    Args:
        store: The store.
        is_closing: The server stops: nothing is waited for any more.
    """

    def __init__(self, store: RunStore, is_closing: Callable[[], bool]) -> None:
        self._store = store
        self._is_closing = is_closing

    def use(self, work: Callable[[], T]) -> T:
        """Use the store as soon as no other program has locked it; a server that stops waits but once."""
        while True:
            try:
                return work()
            except StoreBusy:
                if self._is_closing():
                    raise

    def fail(self, id: str, reason: Reason) -> None:
        """Keep how a run ended that could not go on; one that cannot be kept is set right by the next owner."""
        _log.warning("run %s failed: %s", id, reason)
        status = RunStatus.FAILED
        if self._is_closing():
            status, reason = RunStatus.INTERRUPTED, SERVER_STOPPED
        try:
            self.use(lambda: self._store.set_status(id, status, reason))  # also on a full disk
        except StoreError as error:
            _log.warning("how run %s ended cannot be kept: %s", id, error)
