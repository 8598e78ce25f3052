"""One SQLite connection for the whole process, behind a lock."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from playground.errors import StoreDamaged, StoreError
from playground.reasons import reason_of
from playground.store.migrations import MIGRATIONS, migrate
from playground.store.owner import Ownership
from playground.store.sqlite_errors import (
    SQLITE_ERRORS,
    as_store_error,
    is_busy,
    is_damage,
    journal_mode,
    unusable,
)

DATABASE = "playground.sqlite3"
"""The file's name in a data directory."""
_BUSY_SECONDS = 10.0
"""Until whoever wants to read or write is told that another program has locked the file."""
_PAGES_AT_ONCE = 256
"""Of 4 KiB: what a backup copies before it lets others read and write."""
_BREATH_SECONDS = 0.001
_KNOWN_BUSY_SECONDS = 1.0
"""As `_BUSY_SECONDS`, where that has long been known."""
_SLICE_SECONDS = 0.1
"""Who waits lets the others of this process have their turn this often: they may read what he cannot write."""
_WORTH_SHRINKING = 20 * 2**20
"""Bytes."""
_FORGOTTEN_SECONDS = 2.0
"""Without a further try, nobody knows any more whether the file is locked."""
T = TypeVar("T")


class Database:
    """Serialises access; every write is a transaction of its own.

    Whoever writes owns the data directory: always, as who trains does, or for the one transaction.

    Args:
        file: The SQLite file; created when missing, then migrated.
        ownership: Of its directory, where the caller holds it already.

    Raises:
        StoreError: Cannot be opened, or was written by a newer version.
        DirectoryInUse: It has to be migrated, and another program uses it.
    """

    def __init__(self, file: Path, ownership: Ownership | None = None) -> None:
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection
        self._gives_up = False
        self._busy: dict[str, tuple[float, float]] = {}
        """Reading, writing → locked out since, and last seen so."""
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self.ownership = ownership or Ownership(file.parent)
            """Whose the directory is."""
            self._connection = sqlite3.connect(
                file, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._connection.row_factory = sqlite3.Row
            # a damaged text is a damaged row, and not the end of the list that it stands in
            self._connection.text_factory = lambda text: text.decode("utf-8", errors="replace")
            self._connection.execute(f"PRAGMA journal_mode={journal_mode()}")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.execute("PRAGMA foreign_keys=ON")
            (version,) = self._connection.execute("PRAGMA user_version").fetchone()
            if version < 0:
                raise sqlite3.DatabaseError("malformed")
            if version < len(MIGRATIONS):
                self._migrate()
            self._connection.execute(f"PRAGMA busy_timeout={_SLICE_SECONDS * 1000:.0f}")
        except (OSError, *SQLITE_ERRORS) as error:
            self._close_quietly()
            if is_damage(error):
                raise StoreDamaged(
                    "The run database {file} is damaged ({reason}). python -m playground doctor --repair brings its "
                    "runs back from the newest backup and from their folders; or choose another folder with "
                    "PLAYGROUND_DATA.",
                    file=str(file),
                    reason=reason_of(error),
                ) from error
            raise unusable(file.parent, error) from error
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
        with as_store_error():
            return self._patiently("read", lambda: self._connection.execute(sql, values).fetchall())

    def numbers(self, sql: str, *values: Any) -> NDArray[np.float64]:
        """Read rows of nothing but numbers, (rows, columns); NULL is NaN. A damaged row is left out. Errors as `rows`."""
        with as_store_error():
            return self._patiently("read", lambda: read_numbers(self._connection, sql, *values))

    def _migrate(self) -> None:
        """Bring the file up to date, as the directory's owner: nobody else relies on its shape meanwhile."""
        with self.ownership.held():
            migrate(self._connection)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Several reads of one moment: nothing is written in between, by this process or another."""
        with self._lock, as_store_error():
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
        with self.ownership.held(), as_store_error():
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

    def can_be_read(self) -> bool:
        """No other program keeps this one from reading at this moment."""
        with self._lock:
            try:
                self._connection.execute("SELECT 1 FROM runs LIMIT 1").fetchone()
            except sqlite3.OperationalError as error:
                return not is_busy(error)
            except sqlite3.Error:
                return True
        return True

    def _begin(self) -> None:
        """Begin to write, and keep the lock of this process on the way out."""
        self._connection.execute("BEGIN IMMEDIATE")
        self._lock.acquire()

    def _patiently(self, kind: str, work: Callable[[], T]) -> T:
        """Try until it works, in slices, or the file has been locked for `_BUSY_SECONDS`."""
        known = self.busy_seconds
        deadline = time.monotonic() + max(_BUSY_SECONDS - known, min(_BUSY_SECONDS, _KNOWN_BUSY_SECONDS))
        while True:
            with self._lock:
                try:
                    done = work()
                except sqlite3.OperationalError as error:
                    if not is_busy(error):
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

    def put(self, table: str, row: Mapping[str, Any]) -> None:
        """Put a row in the place of one of the same key, within a `write`; a column that is not there is left out."""
        columns = self._connection.execute(f"PRAGMA table_info({table})").fetchall()
        keys = [column["name"] for column in columns if column["pk"]]
        given = [column["name"] for column in columns if column["name"] in row]
        found = self._connection.execute(
            f"UPDATE {table} SET {', '.join(f'{name} = ?' for name in given)}"
            f" WHERE {' AND '.join(f'{name} = ?' for name in keys)}",
            [row[name] for name in (*given, *keys)],
        )
        if found.rowcount == 0:
            self._connection.execute(
                f"INSERT INTO {table} ({', '.join(given)}) VALUES ({', '.join('?' * len(given))})",
                [row[name] for name in given],
            )

    def shrink(self) -> None:
        """Give the disk back what lies empty in the file, where that is more than half of it and worth a wait."""
        with (
            self._lock,
            suppress(*SQLITE_ERRORS),
        ):  # in use, damaged, or no room for a copy: then another time
            size, empty, page = (
                self._connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("page_count", "freelist_count", "page_size")
            )
            if empty * page > _WORTH_SHRINKING and 2 * empty > size:
                self._connection.execute("VACUUM")

    def close(self) -> None:
        """Close, and let go of the directory; nothing works afterwards."""
        with self._lock:
            self._connection.close()
            self.ownership.release()

    def stop_backup(self) -> None:
        """Give up a backup that is being made."""
        self._gives_up = True

    def _close_quietly(self) -> None:
        if hasattr(self, "_connection"):
            with suppress(sqlite3.Error):
                self._connection.close()

    def is_sound(self) -> bool:
        """Every page of the file can be read and fits the others; reads all of it."""
        try:
            return [row[0] for row in self.rows("PRAGMA quick_check(1)")] == ["ok"]
        except StoreDamaged:
            return False

    def back_up(self, target: Path) -> None:
        """Copy the database as it stands, by SQLite's online backup; others read and write meanwhile.

        Raises:
            StoreError: It cannot be read, or the disk refused.
        """

        def let_others(status: int, remaining: int, total: int) -> None:
            self._lock.release()
            time.sleep(_BREATH_SECONDS if remaining else 0.0)
            self._lock.acquire()
            if self._gives_up:
                raise StoreError("The data directory is being closed, so no backup was made.")

        with as_store_error():
            copy = sqlite3.connect(target, isolation_level=None)
            try:
                with self._lock:
                    self._connection.backup(copy, pages=_PAGES_AT_ONCE, progress=let_others)
                copy.execute("PRAGMA journal_mode=DELETE")
            finally:
                copy.close()


def read_numbers(connection: sqlite3.Connection, sql: str, *values: Any) -> NDArray[np.float64]:
    """As `Database.numbers`, within a transaction."""
    try:
        return as_table(connection.execute(sql, values))
    except (ValueError, TypeError, OverflowError):
        cursor = connection.execute(sql, values)
        rows = [tuple(row) for row in cursor if all(map(_is_number, row))]
        return np.array(rows, dtype=np.float64).reshape(-1, len(cursor.description))


def as_table(cursor: sqlite3.Cursor) -> NDArray[np.float64]:
    """What a statement gives as numbers, (rows, columns), without a Python object for each at a time; NULL is NaN."""
    numbers = np.fromiter(chain.from_iterable(cursor), dtype=np.float64)
    return numbers.reshape(-1, len(cursor.description))


def _is_number(value: object) -> bool:
    return value is None or isinstance(value, (int, float))
