"""One SQLite connection for the whole process, behind a lock."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from playground.errors import StoreDamaged, StoreError
from playground.reasons import reason_of
from playground.store.migrations import MIGRATIONS, migrate

DATABASE = "playground.sqlite3"
"""The file's name in a data directory."""
_BUSY_SECONDS = 10.0
_PAGES_AT_ONCE = 256
"""Of 4 KiB: what a backup copies before it lets others read and write."""
_BREATH_SECONDS = 0.001


class Database:
    """Serialises access; every write is a transaction of its own.

    Args:
        file: The SQLite file; created when missing, then migrated.

    Raises:
        StoreError: Cannot be opened, or was written by a newer version.
    """

    def __init__(self, file: Path) -> None:
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection
        self._gives_up = False
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                file, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._connection.row_factory = sqlite3.Row
            # a damaged text is a damaged row, and not the end of the list that it stands in
            self._connection.text_factory = lambda text: text.decode("utf-8", errors="replace")
            self._connection.execute(f"PRAGMA journal_mode={_journal_mode()}")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.execute("PRAGMA foreign_keys=ON")
            (version,) = self._connection.execute("PRAGMA user_version").fetchone()
            if version < 0:
                raise sqlite3.DatabaseError("malformed")
            if version <= len(MIGRATIONS):
                migrate(self._connection)
        except (OSError, sqlite3.Error) as error:
            self._close_quietly()
            if is_damage(error):
                raise StoreDamaged(
                    "The run database {file} is damaged ({reason}). python -m playground doctor --repair brings its "
                    "runs back from the newest backup and from their folders; or choose another folder with "
                    "PLAYGROUND_DATA.",
                    file=str(file),
                    reason=reason_of(error),
                ) from error
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

    def close(self) -> None:
        """Close; nothing works afterwards."""
        with self._lock:
            self._connection.close()

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

        with _as_store_error():
            copy = sqlite3.connect(target, isolation_level=None)
            try:
                with self._lock:
                    self._connection.backup(copy, pages=_PAGES_AT_ONCE, progress=let_others)
                copy.execute("PRAGMA journal_mode=DELETE")
            finally:
                copy.close()


def is_damage(error: BaseException) -> bool:
    """An error of SQLite's that says that the file is at fault, not its moment."""
    if not isinstance(error, sqlite3.Error):
        return False
    if isinstance(error, (sqlite3.IntegrityError, sqlite3.ProgrammingError)):
        return False
    told = str(error).lower()
    return not isinstance(error, sqlite3.OperationalError) or any(word in told for word in _DAMAGE_WORDS)


_DAMAGE_WORDS = (
    "no such table",
    "no such column",
    "malformed",
    "has no column",
    "already exists",
    "corrupt",
    "syntax",
)


@contextmanager
def _as_store_error() -> Iterator[None]:
    """Turn what can happen to a sound program (locked, disk full, a damaged file) into a sentence."""
    try:
        yield
    except sqlite3.Error as error:
        if is_damage(error):
            raise StoreDamaged(
                "A part of the run database cannot be read ({reason}). python -m playground doctor tells what is "
                "damaged, and doctor --repair brings runs back from the newest backup and from their folders.",
                reason=reason_of(error),
            ) from error
        if isinstance(error, sqlite3.IntegrityError):
            raise StoreError(
                "The run database does not take what was to be kept ({reason}), and has kept nothing of it.",
                reason=reason_of(error),
            ) from error
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
