"""Runs "until stopped" end after a while where others wait: nobody keeps a machine that somebody else wants."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass

from playground.errors import PlaygroundError, StoreError, gettext_noop
from playground.records import Reason, RunRecord, RunStatus
from playground.store.run_store import RunStore

_log = logging.getLogger(__name__)
LOOK_SECONDS = 5.0
"""Between two looks."""
_MINUTE = 60.0


@dataclass(frozen=True)
class Standing:
    """Ids of runs, of one moment."""

    under_way: Collection[str]
    """Wait, or train; a pause ends it."""
    begun: Collection[str]
    """Those that train now."""
    waiting: Collection[str]
    """Wait for a turn."""


class Overtime:
    """Looks now and then, and stops runs that have trained long enough. The machine's owner's own go on.

    Args:
        store: Knows the runs and the limit.
        standing: Says who trains and who waits; called without a lock.
        stop: Stops a run, as a person does.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        store: RunStore,
        standing: Callable[[], Standing],
        stop: Callable[[str], None],
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._standing = standing
        self._stop = stop
        self._clock = clock
        self._since: dict[str, float] = {}
        """Run → when it was first seen training; waits for further turns count too."""
        self._stopped: dict[str, float] = {}
        """Run that was stopped here → the minutes that it had."""
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Look every few seconds from now on."""
        if self._thread is None and not self._closed.is_set():
            self._thread = threading.Thread(target=self._keep_looking, daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._closed.set()

    def look(self) -> None:
        """Stop each run that has had its minutes while somebody else waits.

        Raises:
            StoreError: The store cannot be read now.
        """
        minutes, stand, now = (
            self._store.settings.get().until_stopped_minutes,
            self._standing(),
            self._clock(),
        )
        known = [id for id in stand.under_way if id in self._since or id in stand.begun]
        self._since = {id: self._since.get(id, now) for id in known}
        if minutes is None or not stand.waiting:
            return
        long = [id for id, since in list(self._since.items()) if now - since >= minutes * _MINUTE]
        if not long:
            return
        waiting, training = self._owners(stand.waiting), self._owners(stand.begun)
        for run in map(self._find, long):
            if run is None or run.config.train.epochs is not None or run.owner is None:
                continue
            others = waiting | training if run.id in stand.waiting else waiting
            if others - {run.owner} and run.id not in self._stopped:
                self._stopped[run.id] = minutes
                _log.info("run %s has had its minutes, and others wait", run.id)
                try:
                    self._stop(run.id)
                except PlaygroundError as error:  # has ended meanwhile, or is stopped at the next look
                    _log.info("run %s could not be stopped: %s", run.id, error)
                    self._stopped.pop(run.id, None)
                else:
                    self.explain(run.id)  # one that waited has ended at once

    def explain(self, id: str) -> None:
        """Where a run has ended that was stopped here, tell why; called when a run has ended."""
        self._since.pop(id, None)
        if id not in self._stopped:
            return
        with suppress(StoreError):
            status = self._store.get(id).status
            if status is RunStatus.STOPPED:
                self._store.set_status(id, status, _reason(self._stopped.pop(id)))
            elif not status.is_active:
                del self._stopped[id]

    def _keep_looking(self) -> None:
        while not self._closed.wait(LOOK_SECONDS):
            try:
                self.look()
            except StoreError as error:
                _log.info("who has had their minutes is looked after another time: %s", error)
            except Exception:  # or nobody would look any more
                _log.exception("who has had their minutes could not be told")

    def _owners(self, ids: Collection[str]) -> set[str | None]:
        return {run.owner for run in map(self._find, ids) if run is not None}

    def _find(self, id: str) -> RunRecord | None:
        with suppress(StoreError):
            return self._store.get(id)
        return None


def _reason(minutes: float) -> Reason:
    return Reason(
        gettext_noop(
            "It was to train until it is stopped, and others waited: it ended {minutes:g} minutes after it had begun, by "
            "the clock. Nothing of it is lost: press Resume to go on in turn."
        ),
        {"minutes": minutes},
    )
