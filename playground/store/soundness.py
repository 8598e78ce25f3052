"""Numbers in rows that may be damaged: SQLite keeps any kind of value in any column."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence


def number(value: object) -> float | None:
    """A number as the database holds it; None for whatever else a damaged row has in its place."""
    return value if isinstance(value, (int, float)) and math.isfinite(value) else None


def sound(
    rows: Sequence[sqlite3.Row], *, may_lack: str | None = None, texts: tuple[str, ...] = ()
) -> list[sqlite3.Row]:
    """The rows whose columns are numbers: a damaged one costs a point, and not the curve.

    Args:
        rows: Rows of one query.
        may_lack: The column that may be NULL.
        texts: The columns that are texts.
    """

    def is_sound(row: sqlite3.Row) -> bool:
        return all(
            isinstance(row[name], str)
            if name in texts
            else number(row[name]) is not None or (name == may_lack and row[name] is None)
            for name in row.keys()  # noqa: SIM118  # a Row iterates over its values
        )

    return [row for row in rows if is_sound(row)]


def numeric(rows: Sequence[sqlite3.Row], *, key: str = "run_id") -> list[sqlite3.Row]:
    """The rows that have nothing but numbers, or nothing, beside their key."""
    return [
        row
        for row in rows
        if all(name == key or row[name] is None or isinstance(row[name], (int, float)) for name in row.keys())  # noqa: SIM118
    ]
