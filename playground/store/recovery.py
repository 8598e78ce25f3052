"""What a crash leaves behind: runs that nobody trains any more, and files that no row knows."""

from __future__ import annotations

import shutil
from pathlib import Path

from playground.records import ACTIVE
from playground.store import owner
from playground.store.condense import condense
from playground.store.database import Database
from playground.store.series import SERIES

_SLAB = 32_768
"""Points that a transaction thins: at start-up nobody waits for one."""


def lost_runs(database: Database) -> list[str]:
    """Ids of runs that are under way, by their rows, and whose process is gone."""
    marks = ", ".join("?" * len(ACTIVE))
    rows = database.rows(f"SELECT id, owner FROM runs WHERE status IN ({marks})", *ACTIVE)
    return [row["id"] for row in rows if not owner.is_alive(row["owner"])]


def sweep(database: Database, folder: Path) -> None:
    """Remove files that no row knows: a crash between file and row leaves them.

    Args:
        database: The database that has the rows.
        folder: The folder of all runs' checkpoint folders; those of another living process are left alone.
    """
    places = list(folder.iterdir()) if folder.is_dir() else []  # first: a row is older than its folder
    owners = {row["id"]: row["owner"] for row in database.rows("SELECT id, owner FROM runs")}
    for place in places:
        if place.name not in owners:
            shutil.rmtree(place, ignore_errors=True)
        elif owners[place.name] == owner.this_process() or not owner.is_alive(owners[place.name]):
            known = _files(database, place.name)
            for file in place.iterdir():
                if file.name not in known:
                    file.unlink(missing_ok=True)


def thin(database: Database) -> None:
    """Thin the curves of long runs that an older version kept whole; the file gets shorter where that leaves much empty."""
    least = min(series.most for series in SERIES)
    for row in database.rows("SELECT id FROM runs WHERE step > ?", least):
        is_more = True
        while is_more:  # a transaction each: others use the database meanwhile
            with database.write() as db:
                is_more = condense(db, row["id"], _SLAB)
    database.shrink()


def _files(database: Database, id: str) -> set[str]:
    """Names of a run's files, by its rows."""
    rows = database.rows("SELECT weights_file, training_file FROM checkpoints WHERE run_id = ?", id)
    return {name for row in rows for name in (row["weights_file"], row["training_file"]) if name}
