"""Runs in `lost/` that can be brought back: told for as long as they lie there, and brought back beside those at work."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from playground.errors import StoreError
from playground.records import Reason
from playground.store import lost, run_notes
from playground.store.database import DATABASE, Database
from playground.store.doctor import Finding
from playground.store.owner import Ownership
from playground.store.records import is_run_id
from playground.store.repair import bring_back
from playground.store.sqlite_errors import unusable


class LostRuns:
    """What a database that was lost leaves. Every method may be called from any thread.

    Args:
        database: The store's own connection.
        directory: The data directory.
        ownership: Whose it is.
        people_came: Called when people may have come back with their runs.
    """

    def __init__(
        self,
        database: Database,
        directory: Path,
        ownership: Ownership,
        people_came: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._directory = directory
        self._ownership = ownership
        self._people_came = people_came
        self._lock = threading.Lock()

    def ids(self) -> list[str]:
        """The runs whose folder lies in `lost/` with what it takes to rebuild them, and that are not here.

        Raises:
            StoreError: The folder or the database cannot be read.
        """
        try:
            lying = found(self._directory)
        except OSError as error:
            raise unusable(self._directory, error) from error
        return [
            id
            for id in lying
            if not (
                (self._directory / "runs" / id).exists()
                and self._database.rows("SELECT 1 FROM runs WHERE id = ?", id)
            )
        ]

    def remark(self) -> Reason | None:
        """What is said of them where nobody can press a button; None where there are none."""
        count = len(self.ids())
        return _told(count, self._directory / lost.FOLDER) if count else None

    def bring_back(self) -> list[Finding]:
        """Put them back, as far as that is possible; no other run is touched, so that any may be at work.

        Returns:
            What was mended, and what could not be.

        Raises:
            DirectoryInUse: The directory is another program's.
            StoreError: The disk refused.
        """
        with self._lock, self._ownership.held():
            try:
                return bring_back(self._database, self._directory, self.ids())
            finally:
                self._people_came()


def found(directory: Path) -> list[str]:
    """Ids of the runs that a data directory's `lost/` holds whole, whether or not they are here as well."""
    ids = (folder.name.split(".")[0] for folder in lost.folders(directory) if _tells_of_a_run(folder))
    return [id for id in dict.fromkeys(ids) if is_run_id(id)]


def require_database(directory: Path) -> None:
    """Raise StoreError where runs lie in a data directory that has no database: who only looks must make none."""
    folders = [folder for folder in run_notes.folders(directory) if any(folder.iterdir())]
    count = len({folder.name for folder in folders} | set(found(directory)))
    if count and not (directory / DATABASE).exists():
        raise StoreError(
            "The data directory {folder} has lost its database; the folders of its runs are there ({count}). "
            "python -m playground doctor --repair brings them back.",
            folder=str(directory),
            count=count,
        )


def _tells_of_a_run(folder: Path) -> bool:
    return all((folder / name).exists() for name in run_notes.NAMES)


def _told(count: int, folder: Path) -> Reason:
    if count == 1:
        return Reason(
            "1 run that the database does not know lies in {folder}. python -m playground doctor --repair brings it back.",
            {"folder": str(folder)},
        )
    return Reason(
        "{count} runs that the database does not know lie in {folder}. python -m playground doctor --repair brings them "
        "back.",
        {"count": count, "folder": str(folder)},
    )
