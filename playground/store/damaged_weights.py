"""Runs whose newest weights are missing or cut: found by the files' sizes and heads, cheaply enough for every list."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from playground.records import ACTIVE
from playground.store.database import Database
from playground.store.weights import is_whole

_NEWEST = "SELECT run_id, weights_file, max(checkpoints.step) FROM checkpoints JOIN runs ON runs.id = run_id WHERE status NOT IN ({})"
_KEPT = 4_096


def with_damaged_weights(database: Database, directory: Path, id: str | None = None) -> set[str]:
    """Ids of ended runs whose newest weights cannot be read.

    Args:
        database: Has the rows.
        directory: The data directory.
        id: The one run that is looked at; None: all of them.
    """
    query = (
        _NEWEST.format(", ".join("?" * len(ACTIVE))) + (" AND run_id = ?" if id else "") + " GROUP BY run_id"
    )
    rows = database.rows(query, *sorted(ACTIVE), *([id] if id else []))
    return {
        str(row["run_id"])
        for row in rows
        if not _is_whole(directory / "runs" / str(row["run_id"]) / str(row["weights_file"]))
    }


def _is_whole(file: Path) -> bool:
    try:
        state = file.stat()
    except OSError:
        return False
    return _looked_at(file, state.st_mtime_ns, state.st_size)


@lru_cache(_KEPT)
def _looked_at(file: Path, changed: int, size: int) -> bool:
    """A head is read once for each state of its file."""
    return is_whole(file)
