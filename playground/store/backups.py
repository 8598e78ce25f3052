"""A rolling backup of the database, by SQLite's online backup, while others read and write.

When: after a run has ended and when a data directory is opened, if the newest backup is older than an hour and there
is a run to keep. The two newest stay; a copy that is not sound replaces none.
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
from playground.store import lost
from playground.store.database import Database
from playground.store.sqlite_errors import SQLITE_ERRORS

_log = logging.getLogger(__name__)
EVERY_SECONDS = 3_600.0
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
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def make_if_due(self) -> None:
        """Begin a backup in the background, where one is due and none is being made."""
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
        if not self._database.rows("SELECT 1 FROM runs LIMIT 1"):
            return False
        folder = self._directory / "backups"
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"playground.sqlite3{PART}"
        try:
            part.unlink(missing_ok=True)
            self._database.back_up(part)
            if not is_sound(part):
                _log.warning("the run database is damaged: the backup stays as it was")
                return False
            for n in range(_KEPT, 1, -1):
                if _path(self._directory, n - 1).exists():
                    _path(self._directory, n - 1).replace(_path(self._directory, n))
            part.replace(_path(self._directory, 1))
        finally:
            part.unlink(missing_ok=True)
        return True

    def wait(self, timeout: float | None = None) -> None:
        """Wait for a backup that is being made."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout)

    def close(self) -> None:
        """Let a backup that is nearly done end; give up one that takes long."""
        self.wait(_CLOSE_SECONDS)
        self._database.stop_backup()
        self.wait()

    def _is_due(self) -> bool:
        newest = _path(self._directory, 1)
        try:
            age = self._clock() - newest.stat().st_mtime
        except OSError:
            return True
        return not 0 <= age < EVERY_SECONDS

    def _make_quietly(self) -> None:
        try:
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
