"""One SQLite connection for the whole process, behind a lock."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from playground.errors import StoreBusy, StoreError
from playground.reasons import reason_of
from playground.store.migrations import MIGRATIONS, migrate
from playground.store.owner import Ownership

_BUSY_SECONDS = 10.0
"""Until whoever wants to read or write is told that another program has locked the file."""
_SLICE_SECONDS = 0.1
"""Who waits lets the others of this process have their turn this often: they may read what he cannot write."""
_FORGOTTEN_SECONDS = 2.0
"""Without a further try, nobody knows any more whether the file is locked."""
T = TypeVar("T")


class Database:
    """Serialises access; every write is a transaction of its own.

    Whoever writes owns the data directory: always, as who trains does, or for the one transaction.

    Args:
        file: The SQLite file; created when missing, then migrated.

    Raises:
        StoreError: Cannot be opened, or was written by a newer version.
        DirectoryInUse: It has to be migrated, and another program uses it.
    """

    def __init__(self, file: Path) -> None:
        self._lock = threading.RLock()
        self._busy: dict[
            str, tuple[float, float]
        ] = {}  # reading, writing: locked out since, and last seen so
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self.ownership = Ownership(file.parent)
            """Whose the directory is."""
            self._connection = sqlite3.connect(
                file, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._connection.row_factory = sqlite3.Row
            self._connection.execute(f"PRAGMA journal_mode={_journal_mode()}")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.execute("PRAGMA foreign_keys=ON")
            (version,) = self._connection.execute("PRAGMA user_version").fetchone()
            if version < len(MIGRATIONS):
                self._migrate()
            self._connection.execute(f"PRAGMA busy_timeout={_SLICE_SECONDS * 1000:.0f}")
        except (OSError, sqlite3.Error) as error:
            raise StoreError(
                "The data directory {folder} cannot be used ({reason}). Choose another with PLAYGROUND_DATA.",
                folder=str(file.parent),
                reason=reason_of(error),
            ) from error
        if version > len(MIGRATIONS):
            self._connection.close()
            raise StoreError(
                "The data directory {folder} was written by a newer version. "
                "Update the playground, or choose another folder with PLAYGROUND_DATA.",
                folder=str(file.parent),
            )

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """Read.

        Raises:
            StoreError: The file cannot be read now.
        """
        with _as_store_error():
            return self._patiently("read", lambda: self._connection.execute(sql, values).fetchall())

    def _migrate(self) -> None:
        """Bring the file up to date, as the directory's owner: nobody else relies on its shape meanwhile."""
        with self.ownership.held():
            migrate(self._connection)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Several reads of one moment: nothing is written in between, by this process or another."""
        with self._lock, _as_store_error():
            nested = self._connection.in_transaction
            if not nested:
                self._connection.execute("BEGIN")
            try:
                yield
            finally:
                if not nested:
                    self._connection.execute("COMMIT")

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Run statements in one transaction; an exception undoes them all.

        Raises:
            StoreError: The file cannot be written now: locked, or the disk is full.
            DirectoryInUse: The directory is another program's.
        """
        with self.ownership.held(), _as_store_error():
            self._patiently("write", self._begin)
            try:
                self.ownership.check()
                yield self._connection
                self._patiently(
                    "write", lambda: self._connection.execute("COMMIT")
                )  # another may still be reading
            except BaseException:
                if self._connection.in_transaction:  # a full disk has ended it already
                    self._connection.execute("ROLLBACK")
                raise
            finally:
                self._lock.release()

    @property
    def busy_seconds(self) -> float:
        """For how long another program has kept this one from reading or writing; 0 where it does not."""
        now = time.monotonic()
        seen = list(self._busy.values())
        return max((now - since for since, last in seen if now - last < _FORGOTTEN_SECONDS), default=0.0)

    def _begin(self) -> None:
        """Begin to write, and keep the lock of this process on the way out."""
        self._connection.execute("BEGIN IMMEDIATE")
        self._lock.acquire()

    def _patiently(self, kind: str, work: Callable[[], T]) -> T:
        """Try until it works or `_BUSY_SECONDS` have passed, in slices."""
        deadline = time.monotonic() + _BUSY_SECONDS
        while True:
            with self._lock:
                try:
                    done = work()
                except sqlite3.OperationalError as error:
                    if not _is_busy(error):
                        raise
                    now = time.monotonic()
                    since, last = self._busy.get(kind, (now, now))
                    self._busy[kind] = (since if now - last < _FORGOTTEN_SECONDS else now, now)
                    if now >= deadline:
                        raise
                else:
                    self._busy.pop(kind, None)
                    return done
            time.sleep(_SLICE_SECONDS / 10)

    def close(self) -> None:
        """Close, and let go of the directory; nothing works afterwards."""
        with self._lock:
            self._connection.close()
            self.ownership.release()


@contextmanager
def _as_store_error() -> Iterator[None]:
    """Turn what can happen to a sound program (locked, disk full) into a sentence."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if _is_busy(error):
            raise StoreBusy(
                "The run database cannot be used now: another program has locked it. Wait for it or close it, "
                "then try again."
            ) from error
        raise StoreError(
            "The run database cannot be used now ({reason}). Free some space or close other programs that "
            "use the data directory, then try again.",
            reason=reason_of(error),
        ) from error


def _is_busy(error: sqlite3.Error) -> bool:
    """Another connection has locked the file."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _journal_mode() -> str:
    """WAL only where SQLite's WAL-reset race is mended; it bites with two or more connections."""
    version = sqlite3.sqlite_version_info
    mended = version >= (3, 51, 3) or (version[:2] == (3, 50) and version >= (3, 50, 7))
    return "WAL" if mended or (version[:2] == (3, 44) and version >= (3, 44, 6)) else "DELETE"
