"""Other databases than the one in use: backups, lost ones, and a damaged one, read from a copy."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from playground.errors import StoreDamaged, StoreError
from playground.store.database import Database
from playground.store.sqlite_errors import SQLITE_ERRORS

BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite may keep beside a database: without it the last writes are missing."""


@contextmanager
def opened_copy(file: Path) -> Iterator[Database]:
    """A database as it stands, brought up to date in a copy: the file itself is not touched.

    Raises:
        StoreError: It cannot be opened.
        OSError: It cannot be copied.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / file.name
        _copy(file, copy)
        database = Database(copy)
        try:
            yield database
        finally:
            database.close()


def _copy(file: Path, copy: Path) -> None:
    """As of one moment, also while a server writes; byte by byte where SQLite cannot read it."""
    with (
        suppress(*SQLITE_ERRORS),
        closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as source,
    ):
        with closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        return
    for suffix in ("", *BESIDE):
        beside = file.with_name(file.name + suffix)
        if beside.exists():
            shutil.copyfile(beside, copy.with_name(copy.name + suffix))


def copy_run(source: Database, target: Database, id: str) -> None:
    """Bring a run with its curves from one database to another; a curve that cannot be read is left out.

    Raises:
        StoreDamaged: The run's row cannot be read.
        StoreError: The target does not take it.
    """
    found = source.rows("SELECT * FROM runs WHERE id = ?", id)
    if not found:  # a list that is read page by page has it, and the index of ids has not
        raise StoreDamaged("The index of the runs in this database is damaged.")
    with target.write():
        target.put("runs", dict(found[0]))
        for table in _tables_of_runs(target):
            try:
                rows = source.rows(f"SELECT * FROM {table} WHERE run_id = ?", id)
            except StoreDamaged:
                continue
            for row in rows:
                target.put(table, dict(row))


def unhide(copy: Database, ids: Collection[str]) -> None:
    """In a copy: runs that were deleted when it was made, and are there all the same, were brought back later.

    Args:
        copy: The database.
        ids: The runs that are there.
    """
    with suppress(StoreError), copy.write() as db:
        hidden = [row["id"] for row in db.execute("SELECT id FROM runs WHERE deleted_at IS NOT NULL")]
        back = [(id,) for id in hidden if id in ids]
        db.executemany("UPDATE runs SET deleted_at = NULL WHERE id = ?", back)


def copy_people(source: Database, target: Database) -> None:
    """Bring the people whom another database does not know; a number that somebody else has there is given anew.

    Raises:
        StoreError: The target does not take them.
    """
    try:
        rows = source.rows("SELECT number, id, name, teacher_key, join_code FROM people ORDER BY number")
    except StoreDamaged:
        return
    with target.write() as db:
        known = db.execute("SELECT number, id FROM people").fetchall()
        numbers, ids = {row["number"] for row in known}, {row["id"] for row in known}
        db.executemany(
            "INSERT INTO people (number, id, name, teacher_key, join_code) VALUES (?, ?, ?, ?, ?)",
            [
                (None if row["number"] in numbers else row["number"], *tuple(row)[1:])
                for row in rows
                if row["id"] not in ids
            ],
        )


def copy_rows(source: Database, target: Database, table: str) -> None:
    """Bring the rows of a table whose keys the other database does not have.

    Args:
        source: The database that may have more.
        target: The database that gets them.
        table: One of ours.

    Raises:
        StoreError: The target does not take them.
    """
    try:
        rows = source.rows(f"SELECT * FROM {table}")
    except StoreDamaged:
        return
    with target.write() as db:
        for row in rows:
            marks = ", ".join("?" * len(row))
            db.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", tuple(row))


def copy_log_outs(source: Database, target: Database) -> None:
    """Bring what another database knows of log-ins: one that has ended there has ended here, too.

    Raises:
        StoreError: The target does not take them.
    """
    copy_rows(source, target, "logins")
    with suppress(StoreDamaged):
        ended = source.rows("SELECT id FROM logins WHERE ended != 0")
        with target.write() as db:
            db.executemany("UPDATE logins SET ended = 1 WHERE id = ?", [(row["id"],) for row in ended])


def _tables_of_runs(database: Database) -> list[str]:
    tables = [row["name"] for row in database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return [t for t in tables if any(c["name"] == "run_id" for c in database.rows(f"PRAGMA table_info({t})"))]
