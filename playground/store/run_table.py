"""The rows of runs: sound ones as records, damaged ones with what is wrong, and neither stops the other."""

from __future__ import annotations

import math

from playground.errors import RunDamaged, RunNotFound, StoreDamaged
from playground.reasons import reason_of
from playground.records import ACTIVE, DamagedRun, Reason, RunRecord
from playground.store.database import Database
from playground.store.records import RUN_COLUMNS, is_run_id, place_of, read_run
from playground.text.vocab import Vocab

_WITH_WEIGHTS = "AND id IN (SELECT run_id FROM checkpoints) AND vocab IS NOT NULL"


class RunTable:
    """Reads runs.

    Args:
        database: The store's own connection.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[RunRecord]:
        """All runs that can be read, newest first."""
        return [run for run in self.everything() if isinstance(run, RunRecord)]

    def damaged(self) -> list[DamagedRun]:
        """The runs that cannot be read."""
        return [run for run in self.everything() if isinstance(run, DamagedRun)]

    def with_weights(self) -> list[RunRecord]:
        """Runs that have a checkpoint, newest first."""
        return [run for run in self.everything(_WITH_WEIGHTS) if isinstance(run, RunRecord)]

    def trained(self, seconds: float, most: int) -> list[RunRecord]:
        """The newest runs that have trained for so long."""
        where = f"AND facts IS NOT NULL AND seconds >= {seconds:g}"
        return [run for run in self.everything(where, most) if isinstance(run, RunRecord)]

    def recent(self, since: float) -> list[RunRecord]:
        """Runs that were started since then or are under way, and can be read, newest first.

        Args:
            since: Seconds since 1970; infinity leaves those that are under way.
        """
        under_way = ", ".join(f"'{status}'" for status in sorted(ACTIVE))
        is_young = f"created_at >= {since:.3f}" if math.isfinite(since) else "0"
        where = f"AND ({is_young} OR status IN ({under_way}))"
        return [run for run in self.everything(where) if isinstance(run, RunRecord)]

    def get(self, id: str) -> RunRecord:
        """One run.

        Raises:
            RunNotFound: No such run.
            RunDamaged: It cannot be read.
        """
        run = self.look(id)
        if isinstance(run, DamagedRun):
            raise RunDamaged(
                "The run {name!r} is damaged: {reason}. Repair it (python -m playground doctor --repair), or delete it.",
                name=run.name,
                reason=run.reason,
            )
        return run

    def look(self, id: str) -> RunRecord | DamagedRun:
        """One run, sound or not.

        Raises:
            RunNotFound: No such run.
        """
        column, value = self.key(id)
        try:
            rows = self._database.rows(
                f"SELECT {RUN_COLUMNS} FROM runs WHERE {column} = ? AND deleted_at IS NULL", value
            )
        except StoreDamaged as error:
            return _unreadable(id, error)
        if not rows:
            raise RunNotFound("There is no run {id!r}. It may have been deleted.", id=id[:40])
        return read_run(rows[0])

    def vocab(self, id: str) -> Vocab | None:
        """A run's own vocabulary; None before it has started.

        Raises:
            RunNotFound: No such run.
            RunDamaged: It cannot be read.
        """
        rows = self._database.rows("SELECT vocab, name FROM runs WHERE id = ?", id)
        if not rows:
            raise RunNotFound("There is no run {id!r}. It may have been deleted.", id=id[:40])
        ((stored, name),) = rows
        try:
            return Vocab.from_json(stored) if stored else None
        except (ValueError, TypeError):
            raise RunDamaged(
                "The vocabulary of the run {name!r} is damaged. Repair it (python -m playground doctor --repair), or "
                "delete the run.",
                name=str(name),
            ) from None

    def find(self, start: str) -> RunRecord | DamagedRun:
        """The run whose id begins like this; `latest` is the newest that can be read.

        Raises:
            RunNotFound: None, or more than one.
        """
        runs = self.everything()
        if start == "latest":
            runs = [run for run in runs if isinstance(run, RunRecord)]
            if not runs:
                raise RunNotFound("There is no run here yet. Train one first.")
        matches = runs[:1] if start == "latest" else [r for r in runs if start and r.id.startswith(start)]
        if not matches:
            raise RunNotFound(
                "No run has an id that begins with {id!r}. `runs list` shows them all.", id=start[:40]
            )
        if len(matches) != 1:
            raise RunNotFound(
                "{count} runs have an id that begins with {id!r}. `runs list` shows them all.",
                count=len(matches),
                id=start[:40],
            )
        return matches[0]

    @staticmethod
    def key(id: str) -> tuple[str, object]:
        """The column and the value that find a run's row, also where its id is damaged."""
        place = place_of(id)
        return ("id", id) if place is None else ("rowid", place)

    def everything(self, where: str = "", most: int = -1) -> list[RunRecord | DamagedRun]:
        """All rows, sound or not, newest first.

        Args:
            where: Which of those that were not deleted, in SQL of our own: `AND …`.
            most: The newest of them; −1 is all.
        """
        try:
            rows = self._database.rows(
                f"SELECT {RUN_COLUMNS} FROM runs WHERE deleted_at IS NULL {where} ORDER BY created_at DESC, rowid DESC LIMIT {most:d}"
            )
        except StoreDamaged:
            return self._one_by_one(where)[: most if most >= 0 else None]
        return [read_run(row) for row in rows]

    def _one_by_one(self, where: str) -> list[RunRecord | DamagedRun]:
        """As `everything`, as far as the file can be read: the index of ids often outlives a damaged page of rows."""
        runs = []
        found = self._database.rows("SELECT rowid AS place, id FROM runs INDEXED BY sqlite_autoindex_runs_1")
        for row in sorted(found, key=lambda row: int(row["place"]), reverse=True):
            id = row["id"] if is_run_id(row["id"]) else f"row-{row['place']}"
            try:
                if self._is_one(id, where):
                    runs.append(self.look(id))
            except RunNotFound:  # the index tells of a row that is not there
                continue
        return runs

    def _is_one(self, id: str, where: str) -> bool:
        """A run is one of those; a row that cannot be read may be."""
        column, value = self.key(id)
        try:
            return bool(self._database.rows(f"SELECT 1 FROM runs WHERE {column} = ? {where}", value))
        except StoreDamaged:
            return True


def _unreadable(id: str, error: StoreDamaged) -> DamagedRun:
    cause = error.__cause__ or error
    return DamagedRun(id, id, None, Reason("its row cannot be read: {reason}", {"reason": reason_of(cause)}))
