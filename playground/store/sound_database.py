"""The database that a repair works with: the one in use, or a new one in the place of one that is damaged."""

from __future__ import annotations

from pathlib import Path

from playground.errors import StoreDamaged, StoreError
from playground.records import Reason
from playground.store import backups, lost
from playground.store.copies import BESIDE
from playground.store.database import DATABASE, Database
from playground.store.doctor import Finding
from playground.store.owner import Ownership


def sound_database(
    directory: Path, ownership: Ownership
) -> tuple[Database, list[Finding], Path | None, bool]:
    """The database in use; one that is damaged is moved to `lost/`, and an empty one takes its place.

    Returns:
        The database, what was done to it, where a damaged one is now, and whether this one is new.
    """
    file = directory / DATABASE
    if not file.exists():
        backups.protect(directory)
        return Database(file, ownership), [], None, True
    try:
        database = Database(file, ownership)
        if database.is_sound():
            return database, [], None, False
        database.close()
    except StoreDamaged:
        pass
    moved = lost.put_aside(directory, file)
    if moved is None:
        raise StoreError("The damaged database {file} cannot be moved. Move it yourself.", file=str(file))
    for suffix in BESIDE:
        if (beside := file.with_name(file.name + suffix)).exists():
            beside.replace(moved.with_name(moved.name + suffix))
    backups.protect(directory)
    told = Finding(
        DATABASE, Reason("it was damaged, and was moved to {place}", {"place": str(moved)}), is_mended=True
    )
    return Database(file, ownership), [told], moved, True
