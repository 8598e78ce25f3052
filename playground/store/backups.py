"""A rolling backup of the database, by SQLite's online backup, while others read and write.

When: after a run has ended and when a data directory is opened, if the newest backup lacks the end of a run or is older
than an hour, and there is a run to keep. Between two lies a minute, and twenty times what a copy took, so that short
runs, or a large database, cost no more than a twentieth of the disk's time; what is due meanwhile is made then.

Two stay. The newest takes the place of the one before it only where that is an hour older than itself: else it takes
the place of the newest, so that the second is of an hour before. A copy that is not sound replaces none.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from playground.errors import PlaygroundError
from playground.files import PART
from playground.records import ACTIVE
from playground.store import lost
from playground.store.database import Database
from playground.store.sqlite_errors import SQLITE_ERRORS

_log = logging.getLogger(__name__)
EVERY_SECONDS = 3_600.0
LEAST_SECONDS = 60.0
_SHARE = 20
_KEPT = 2
_CLOSE_SECONDS = 2.0


class Backups:
    """Makes and finds backups.

    Args:
        database: What is copied.
        directory: The data directory; backups lie in its folder `backups`.
        clock: Seconds since 1970.
    """

    def __init__(
        self, database: Database, directory: Path, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._directory = directory
        self._clock = clock
        self._making = threading.Lock()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()
        self._made: float | None = None
        """By this object, on a clock that only grows."""
        self._gap = LEAST_SECONDS

    def make_if_due(self) -> None:
        """Begin a backup in the background, where one is due and none is being made or waited for."""
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                return
            if self._is_due():
                self._thread = threading.Thread(target=self._make_quietly, daemon=True, name="backup")
                self._thread.start()

    def make(self) -> bool:
        """Make one now; False where there is no run to keep, or the copy is not sound.

        Raises:
            StoreError: The database cannot be read, or the disk refused.
            OSError: The disk refused.
        """
        with self._making:  # two would take each other's half-written file away
            return self._make()

    def _make(self) -> bool:
        if not self._database.rows("SELECT 1 FROM runs LIMIT 1"):
            return False
        folder = self._directory / "backups"
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"playground.sqlite3{PART}"
        began = time.monotonic()
        try:
            part.unlink(missing_ok=True)
            self._database.back_up(part)
            if not is_sound(part):
                _log.warning("the run database is damaged: the backup stays as it was")
                return False
            newest, second = (_path(self._directory, n) for n in (1, _KEPT))
            if newest.exists() and (not second.exists() or self._age(second) >= 2 * EVERY_SECONDS):
                newest.replace(second)
            part.replace(newest)
        finally:
            part.unlink(missing_ok=True)
        self._made = time.monotonic()
        self._gap = max(LEAST_SECONDS, _SHARE * (self._made - began))
        return True

    def wait(self, timeout: float | None = None) -> None:
        """Wait for a backup that is being made."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout)

    def close(self) -> None:
        """Make one that is waited for, or let one end that is nearly done; give up one that takes long."""
        self._closing.set()
        self.wait(_CLOSE_SECONDS)
        self._database.stop_backup()
        self.wait()

    def _is_due(self) -> bool:
        newest = _path(self._directory, 1)
        try:
            if not 0 <= self._age(newest) < EVERY_SECONDS:
                return True
        except OSError:
            return True
        return bool(_ends(self._database) - _ends_in(newest))

    def _age(self, file: Path) -> float:
        return self._clock() - file.stat().st_mtime

    def _make_quietly(self) -> None:
        try:
            if self._made is not None:
                self._closing.wait(self._made + self._gap - time.monotonic())
            self.make()
        except (PlaygroundError, OSError) as error:
            _log.warning("no backup could be made: %s", error)


def found(directory: Path) -> list[Path]:
    """The backups that are here, newest first."""
    return [path for n in range(1, _KEPT + 1) if (path := _path(directory, n)).exists()]


def protect(directory: Path) -> None:
    """Move the backups of a database that is gone to `lost/`: those of the next one must not replace them."""
    for path in found(directory):
        lost.put_aside(directory, path)


def is_sound(file: Path) -> bool:
    """Every page of a database can be read."""
    try:
        with closing(sqlite3.connect(file)) as copy:
            return copy.execute("PRAGMA quick_check(1)").fetchall() == [("ok",)]
    except SQLITE_ERRORS:
        return False


def _path(directory: Path, n: int) -> Path:
    return directory / "backups" / f"playground-{n}.sqlite3"


_ENDS = f"SELECT id, revision, step FROM runs WHERE status NOT IN ({', '.join(map(repr, map(str, sorted(ACTIVE))))})"


def _ends(database: Database) -> set[tuple[object, ...]]:
    """How runs have ended; one that was resumed ends anew."""
    return {tuple(row) for row in database.rows(_ENDS)}


def _ends_in(file: Path) -> set[tuple[object, ...]]:
    """Those that a backup has; none where it cannot be read."""
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as copy:
            return set(copy.execute(_ENDS).fetchall())
    except SQLITE_ERRORS:
        return set()
