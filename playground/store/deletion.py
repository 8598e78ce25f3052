"""Runs that go: hidden first, so that it can be undone, and then for good."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from playground.errors import RunNotFound, RunStateError
from playground.records import RunRecord
from playground.store.database import Database
from playground.store.owner import Ownership
from playground.store.records import is_run_id
from playground.store.run_table import RunTable
from playground.store.trace_files import forget_traces


class Deletion:
    """Hides runs, brings them back, and removes them.

    Args:
        database: The store's own connection.
        table: Reads its rows.
        directory: The data directory.
        ownership: Whose it is.
    """

    def __init__(self, database: Database, table: RunTable, directory: Path, ownership: Ownership) -> None:
        self._database = database
        self._table = table
        self._directory = directory
        self._ownership = ownership

    def hide(self, id: str, now: float) -> None:
        """Take an ended run out of every list; `bring_back` undoes it.

        Args:
            id: The run's id.
            now: Seconds since 1970.

        Raises:
            RunNotFound: No such run.
            RunStateError: It has not ended.
        """
        with self._database.write() as db:  # the check inside: another thread may resume it
            self.require_ended(id)
            column, value = self._table.key(id)
            db.execute(f"UPDATE runs SET deleted_at = ? WHERE {column} = ?", (now, value))

    def bring_back(self, id: str) -> None:
        """Undo `hide`.

        Raises:
            RunNotFound: It is gone for good.
        """
        column, value = self._table.key(id)
        with self._database.write() as db:
            found = db.execute(f"UPDATE runs SET deleted_at = NULL WHERE {column} = ?", (value,))
        if found.rowcount == 0:
            raise RunNotFound("The run is gone for good: more than a minute has passed.")

    def hidden_owner(self, id: str) -> str | None:
        """The owner of a run that is hidden.

        Raises:
            RunNotFound: It is gone for good.
        """
        column, value = self._table.key(id)
        rows = self._database.rows(f"SELECT owner FROM runs WHERE {column} = ?", value)
        if not rows:
            raise RunNotFound("The run is gone for good: more than a minute has passed.")
        return rows[0]["owner"] if isinstance(rows[0]["owner"], str) else None

    def remove(self, id: str) -> None:
        """Remove an ended run with its curves and weights, for good.

        Raises:
            RunNotFound: No such run.
            RunStateError: It has not ended.
        """
        with self._ownership.held():
            with self._database.write() as db:
                self.require_ended(id)
                self._drop_row(db, id)
            self._drop_folder(id)

    def remove_hidden(self, before: float) -> float | None:
        """Remove what was hidden before a moment, for good.

        Args:
            before: Seconds since 1970.

        Returns:
            When the first of the others was hidden; None where there is none.
        """
        hidden = self._database.rows(
            "SELECT id, rowid AS place, deleted_at FROM runs WHERE deleted_at IS NOT NULL ORDER BY deleted_at"
        )
        for row in hidden:
            if isinstance(row["deleted_at"], float) and row["deleted_at"] > before:
                return float(row["deleted_at"])
            id = row["id"] if is_run_id(row["id"]) else f"row-{row['place']}"
            with self._ownership.held():
                with self._database.write() as db:
                    column, value = self._table.key(id)
                    is_hidden = f"SELECT 1 FROM runs WHERE {column} = ? AND deleted_at IS NOT NULL"
                    if not db.execute(is_hidden, (value,)).fetchone():  # brought back meanwhile
                        continue
                    self._drop_row(db, id)
                self._drop_folder(id)
        return None

    def require_ended(self, id: str) -> None:
        """Raise RunStateError where a run is under way, or RunNotFound."""
        record = self._table.look(id)
        if isinstance(record, RunRecord) and record.status.is_active:
            raise RunStateError(
                "The run {name!r} is {status}. Stop it first, then delete it.",
                name=record.name,
                status=record.status.value,
            )

    def _drop_row(self, db: sqlite3.Connection, id: str) -> None:
        column, value = self._table.key(id)
        db.execute(f"DELETE FROM runs WHERE {column} = ?", (value,))

    def _drop_folder(self, id: str) -> None:
        if is_run_id(id):  # one that is damaged names no folder
            shutil.rmtree(self._directory / "runs" / id, ignore_errors=True)
            forget_traces(self._directory, id)
