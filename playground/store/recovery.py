"""What a crash leaves behind: runs that nobody trains any more, and files that no row knows."""

from __future__ import annotations

import shutil
from pathlib import Path

from playground.records import ACTIVE
from playground.store.database import Database


def lost_runs(database: Database) -> list[str]:
    """Ids of runs that are under way, by their rows: to a new owner, whoever trained them is gone."""
    marks = ", ".join("?" * len(ACTIVE))
    return [row["id"] for row in database.rows(f"SELECT id FROM runs WHERE status IN ({marks})", *ACTIVE)]


def sweep(database: Database, folder: Path) -> None:
    """Remove files that no row knows: a crash between file and row leaves them.

    Args:
        database: The database that has the rows; this program owns its directory.
        folder: The folder of all runs' checkpoint folders.
    """
    places = list(folder.iterdir()) if folder.is_dir() else []  # first: a row is older than its folder
    ids = {row["id"] for row in database.rows("SELECT id FROM runs")}
    for place in places:
        if place.name not in ids:
            shutil.rmtree(place, ignore_errors=True)
        else:
            known = _files(database, place.name)
            for file in place.iterdir():
                if file.name not in known:
                    file.unlink(missing_ok=True)


def _files(database: Database, id: str) -> set[str]:
    """Names of a run's files, by its rows."""
    rows = database.rows("SELECT weights_file, training_file FROM checkpoints WHERE run_id = ?", id)
    return {name for row in rows for name in (row["weights_file"], row["training_file"]) if name}
