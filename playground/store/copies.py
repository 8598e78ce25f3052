"""Other databases than the one in use: backups, lost ones, and a damaged one, read from a copy."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from playground.errors import StoreDamaged
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
    row = source.rows("SELECT * FROM runs WHERE id = ?", id)[0]
    with target.write():
        target.put("runs", dict(row))
        for table in _tables_of_runs(target):
            try:
                rows = source.rows(f"SELECT * FROM {table} WHERE run_id = ?", id)
            except StoreDamaged:
                continue
            for row in rows:
                target.put(table, dict(row))


def _tables_of_runs(database: Database) -> list[str]:
    tables = [row["name"] for row in database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return [t for t in tables if any(c["name"] == "run_id" for c in database.rows(f"PRAGMA table_info({t})"))]
