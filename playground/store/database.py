"""One SQLite connection for the whole process, behind a lock."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.errors import StoreError
from playground.reasons import reason_of
from playground.store.migrations import MIGRATIONS, migrate

_BUSY_SECONDS = 10.0
_WORTH_SHRINKING = 20 * 2**20
"""Bytes."""


class Database:
    """Serialises access; every write is a transaction of its own.

    Args:
        file: The SQLite file; created when missing, then migrated.

    Raises:
        StoreError: Cannot be opened, or was written by a newer version.
    """

    def __init__(self, file: Path) -> None:
        self._lock = threading.RLock()
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                file, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._connection.row_factory = sqlite3.Row
            self._connection.execute(f"PRAGMA journal_mode={_journal_mode()}")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.execute("PRAGMA foreign_keys=ON")
            (version,) = self._connection.execute("PRAGMA user_version").fetchone()
            if version <= len(MIGRATIONS):
                migrate(self._connection)
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
        with self._lock, _as_store_error():
            return self._connection.execute(sql, values).fetchall()

    def numbers(self, sql: str, *values: Any) -> NDArray[np.float64]:
        """Read rows of nothing but numbers, (rows, columns); NULL is NaN. Errors as `rows`."""
        with self._lock, _as_store_error():
            return as_table(self._connection.execute(sql, values))

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
        """
        with self._lock, _as_store_error():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # a full disk has ended it already
                    self._connection.execute("ROLLBACK")
                raise

    def shrink(self) -> None:
        """Give the disk back what lies empty in the file, where that is more than half of it and worth a wait."""
        with self._lock:
            size, empty, page = (
                self._connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("page_count", "freelist_count", "page_size")
            )
            if empty * page > _WORTH_SHRINKING and 2 * empty > size:
                with suppress(sqlite3.OperationalError):  # in use, or no room for a copy: then another time
                    self._connection.execute("VACUUM")

    def close(self) -> None:
        """Close; nothing works afterwards."""
        with self._lock:
            self._connection.close()


def as_table(cursor: sqlite3.Cursor) -> NDArray[np.float64]:
    """What a statement gives as numbers, (rows, columns), without a Python object for each at a time; NULL is NaN."""
    numbers = np.fromiter(chain.from_iterable(cursor), dtype=np.float64)
    return numbers.reshape(-1, len(cursor.description))


@contextmanager
def _as_store_error() -> Iterator[None]:
    """Turn what can happen to a sound program (locked, disk full) into a sentence."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StoreError(
            "The run database cannot be used now ({reason}). Free some space or close other programs that "
            "use the data directory, then try again.",
            reason=reason_of(error),
        ) from error


def _journal_mode() -> str:
    """WAL only where SQLite's WAL-reset race is mended; it bites with two or more connections."""
    version = sqlite3.sqlite_version_info
    mended = version >= (3, 51, 3) or (version[:2] == (3, 50) and version >= (3, 50, 7))
    return "WAL" if mended or (version[:2] == (3, 44) and version >= (3, 44, 6)) else "DELETE"
