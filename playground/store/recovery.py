"""What a crash leaves behind: runs that nobody trains any more, and files that no row knows."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

from playground.errors import StoreDamaged
from playground.files import PART
from playground.records import ACTIVE
from playground.store import lost, run_notes
from playground.store.condense import condense
from playground.store.database import Database
from playground.store.series import SERIES

_SLAB = 32_768
"""Points that a transaction thins: at start-up nobody waits for one."""

_log = logging.getLogger(__name__)


def unattended_runs(database: Database) -> list[str]:
    """Ids of runs that are under way, by their rows: to a new owner, whoever trained them is gone."""
    marks = ", ".join("?" * len(ACTIVE))
    return [row["id"] for row in database.rows(f"SELECT id FROM runs WHERE status IN ({marks})", *ACTIVE)]


def set_aside(database: Database, directory: Path) -> None:
    """Move what no row knows to `lost/`: a crash between file and row leaves it, or a database that was lost.

    Only whoever owns the data directory may call it. Nothing is deleted but files that were never whole (`.part`) and
    empty folders. Files that no run needs are noted in the log; `LostRuns` tells of runs.

    Args:
        database: The database that has the rows; this program owns its directory.
        directory: The data directory.
    """
    folder = directory / "runs"
    places = list(folder.iterdir()) if folder.is_dir() else []  # first: a row is older than its folder
    ids = {row["id"] for row in database.rows("SELECT id FROM runs")}
    unneeded = 0
    for place in places:
        _drop_parts(place)
        if place.name not in ids:
            if _holds_something(place):
                is_run = (place / run_notes.NOTE).exists()
                unneeded += lost.put_aside(directory, place) is not None and not is_run
        elif place.is_dir():
            known = _files(database, place.name) | run_notes.NAMES
            unknown = [file for file in place.iterdir() if file.name not in known]
            unneeded += sum(
                lost.put_aside(directory, file, place.name, file.name) is not None for file in unknown
            )
    if unneeded:
        _log.warning("files that no run needs were moved to %s: %d", directory / lost.FOLDER, unneeded)


def keep_notes(database: Database, directory: Path) -> None:
    """Write the notes of runs from before notes were kept."""
    for row in database.rows("SELECT DISTINCT run_id AS id FROM checkpoints"):
        folder = directory / "runs" / str(row["id"])
        if not (folder / run_notes.NOTE).exists():
            run_notes.keep(database, folder, row["id"])


def _drop_parts(place: Path) -> None:
    for part in place.glob(f"*{PART}") if place.is_dir() else ():
        part.unlink(missing_ok=True)


def _holds_something(place: Path) -> bool:
    if place.is_dir() and not any(place.iterdir()):
        shutil.rmtree(place, ignore_errors=True)
    return place.exists()


def thin(database: Database) -> None:
    """Thin the curves of long runs that an older version kept whole; the file gets shorter where that leaves much empty."""
    least = min(series.most for series in SERIES)
    for row in database.rows("SELECT id FROM runs WHERE step > ?", least):
        is_more = True
        while is_more:  # a transaction each: others use the database meanwhile
            try:
                with database.write() as db:
                    is_more = condense(db, row["id"], _SLAB)
            except (
                StoreDamaged,
                ValueError,
                TypeError,
            ) as error:  # it stays as it is, and the others are thinned
                _log.warning("the curve of run %s could not be thinned: %s", row["id"], error)
                is_more = False
    database.shrink()


def _files(database: Database, id: str) -> set[str]:
    """Names of a run's files, by its rows."""
    rows = database.rows("SELECT weights_file, training_file FROM checkpoints WHERE run_id = ?", id)
    return {name for row in rows for name in (row["weights_file"], row["training_file"]) if name}
