"""What each person's runs take on the disk, and how the oldest of them make room: a run's first, last and best weights stay."""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from playground.errors import StoreError
from playground.records import CheckpointRecord
from playground.server_settings import ServerSettings
from playground.store import run_notes
from playground.store.database import Database
from playground.store.keeping import MEGABYTE, kept_steps
from playground.store.records import is_run_id, read_checkpoints

_log = logging.getLogger(__name__)
_TOLD_SECONDS = 600.0
"""For how long it is told that checkpoints were removed."""


@dataclass(frozen=True)
class Thinned:
    """Checkpoints that were removed so that a person's runs stay within their budget."""

    checkpoints: int
    bytes: int
    at: float
    """Of the last of them, by the clock."""


class DiskShares:
    """Bytes by person. Thread-safe: a number that is counted twice is the same.

    Args:
        database: The store's own connection.
        runs: The folder that has a folder for each run.
        settings: Gives the server's settings as they stand.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        database: Database,
        runs: Path,
        settings: Callable[[], ServerSettings],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._runs = runs
        self._settings = settings
        self._clock = clock
        self._sizes: dict[str, tuple[int, int]] = {}
        """Run → when its folder changed (files come and go whole, by a new name), and its bytes."""
        self._thinned: dict[str, Thinned] = {}

    def budget(self, owner: str | None) -> int | None:
        """Bytes that a person's runs may take; None for the machine's owner, and where there is no limit."""
        megabytes = self._settings().disk_per_person
        return None if owner is None or megabytes is None else megabytes * MEGABYTE

    def bytes_of(self, owner: str) -> int:
        """What the folders of a person's runs take.

        Raises:
            StoreError: The database cannot be read now.
        """
        return sum(self._size(id) for id in self._runs_of(owner))

    def removable(self, owner: str) -> int:
        """Bytes that thinning could give back. Errors as `bytes_of`."""
        rows = self._database.rows(
            "SELECT * FROM checkpoints WHERE run_id IN (SELECT id FROM runs WHERE owner = ? AND deleted_at IS NULL)"
            " ORDER BY run_id, step",
            owner,
        )
        of_runs: dict[str, list[CheckpointRecord]] = {}
        for checkpoint in read_checkpoints(rows):
            of_runs.setdefault(checkpoint.run_id, []).append(checkpoint)
        return sum(sum(map(self._weights, between(each))) for each in of_runs.values())

    def thin(self, owner: str, budget: int) -> None:
        """Remove checkpoints in between, of the oldest runs first, until a person's runs fit or nothing can go.

        Args:
            owner: The person's id.
            budget: Bytes.

        Raises:
            StoreError: The database cannot be read or written now.
        """
        over = self.bytes_of(owner) - budget
        for id in self._runs_of(owner):
            if over <= 0:
                return
            freed = self._thin_run(id, over)
            if freed:
                over -= sum(freed)
                self._note(owner, freed)

    def keep_within(self, id: str) -> None:
        """After a run's checkpoint: have its owner's runs stay within their budget. What cannot be done now is left."""
        with suppress(StoreError):
            rows = self._database.rows("SELECT owner FROM runs WHERE id = ?", id)
            owner = rows[0]["owner"] if rows else None
            budget = self.budget(owner)
            if owner is not None and budget is not None and self.bytes_of(owner) > budget:
                self.thin(owner, budget)

    def thinned(self, owner: str) -> Thinned | None:
        """What was removed of a person's runs a short while ago."""
        thinned = self._thinned.get(owner)
        return thinned if thinned and self._clock() - thinned.at < _TOLD_SECONDS else None

    def _note(self, owner: str, freed: list[int]) -> None:
        before = self.thinned(owner) or Thinned(0, 0, 0.0)
        self._thinned[owner] = Thinned(
            before.checkpoints + len(freed), before.bytes + sum(freed), self._clock()
        )

    def _thin_run(self, id: str, over: int) -> list[int]:
        """The bytes of each of the weights that went."""
        all_of_run = "SELECT * FROM checkpoints WHERE run_id = ? ORDER BY step"
        if not between(read_checkpoints(self._database.rows(all_of_run, id))):
            return []
        with self._database.write() as db:
            rows = db.execute(all_of_run, (id,)).fetchall()
            gone = self._to_go(read_checkpoints(rows), over)
            _delete(db, id, gone)
        freed = [self._weights(checkpoint) for checkpoint in gone]
        for checkpoint in gone:
            with suppress(OSError):
                (self._runs / id / checkpoint.weights_file).unlink(missing_ok=True)
        if gone:
            run_notes.keep(self._database, self._runs / id, id)
            _log.info("%d checkpoints of run %s made room", len(gone), id)
        return freed

    def _to_go(self, checkpoints: list[CheckpointRecord], over: int) -> list[CheckpointRecord]:
        """As many of those in between as make the room, evenly in log-steps as within a run's own budget."""
        candidates = between(checkpoints)
        if not candidates:
            return []
        each = max(1, self._weights(candidates[0]))
        count = min(len(candidates), -(-over // each))
        best = best_of(checkpoints)
        steps = [checkpoint.step for checkpoint in checkpoints]
        stay = kept_steps(steps, None if best is None else best.step, len(checkpoints) - count)
        return [checkpoint for checkpoint in checkpoints if checkpoint.step not in stay]

    def _runs_of(self, owner: str) -> list[str]:
        """Oldest first."""
        rows = self._database.rows(
            "SELECT id FROM runs WHERE owner = ? AND deleted_at IS NULL ORDER BY created_at, rowid", owner
        )
        return [row["id"] for row in rows if is_run_id(row["id"])]

    def _weights(self, checkpoint: CheckpointRecord) -> int:
        try:
            return (self._runs / checkpoint.run_id / checkpoint.weights_file).stat().st_size
        except OSError:
            return 0

    def _size(self, id: str) -> int:
        folder = self._runs / id
        try:
            changed = folder.stat().st_mtime_ns
            known = self._sizes.get(id)
            if known is not None and known[0] == changed:
                return known[1]
            with os.scandir(folder) as files:
                size = sum(file.stat(follow_symlinks=False).st_size for file in files)
        except OSError:  # not there yet, or being deleted
            self._sizes.pop(id, None)
            return 0
        self._sizes[id] = (changed, size)
        return size


def best_of(checkpoints: list[CheckpointRecord]) -> CheckpointRecord | None:
    """The one with the lowest loss; None where none was measured."""
    measured = [(c.loss, c.step, c) for c in checkpoints if c.loss is not None]
    return min(measured)[2] if measured else None


def between(checkpoints: list[CheckpointRecord]) -> list[CheckpointRecord]:
    """Those that are neither a run's first, its last nor its best.

    Args:
        checkpoints: All of the run, oldest first.
    """
    firm = {c.step for c in (*checkpoints[:1], *checkpoints[-1:], best_of(checkpoints)) if c is not None}
    return [checkpoint for checkpoint in checkpoints if checkpoint.step not in firm]


def _delete(db: sqlite3.Connection, id: str, gone: list[CheckpointRecord]) -> None:
    steps = [(id, checkpoint.step) for checkpoint in gone]
    db.executemany("DELETE FROM checkpoints WHERE run_id = ? AND step = ?", steps)
