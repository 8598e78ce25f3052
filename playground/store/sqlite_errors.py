"""What the disk and SQLite say, told apart: no such place, locked for a moment, full, or a file that is at fault."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playground.errors import StoreBusy, StoreDamaged, StoreError
from playground.reasons import reason_of

SQLITE_ERRORS = (sqlite3.Error, UnicodeDecodeError)
"""What `sqlite3` raises; the second where a message of SQLite's quotes a damaged name, which Python cannot read."""


def unusable(folder: Path, error: BaseException) -> StoreError:
    """What is said of a data directory that cannot be read or written at all."""
    return StoreError(
        "The data directory {folder} cannot be used ({reason}). Choose another with PLAYGROUND_DATA.",
        folder=str(folder),
        reason=reason_of(error),
    )


def is_damage(error: BaseException) -> bool:
    """An error of SQLite's that says that the file is at fault, not its moment."""
    if not isinstance(error, sqlite3.Error):
        return isinstance(error, UnicodeDecodeError)
    if isinstance(error, (sqlite3.IntegrityError, sqlite3.ProgrammingError)):
        return False
    told = str(error).lower()
    return not isinstance(error, sqlite3.OperationalError) or any(word in told for word in _DAMAGE_WORDS)


_DAMAGE_WORDS = (
    "no such table",
    "no such column",
    "malformed",
    "has no column",
    "already exists",
    "corrupt",
    "syntax",
)


@contextmanager
def as_store_error() -> Iterator[None]:
    """Turn what can happen to a sound program (locked, disk full, a damaged file) into a sentence."""
    try:
        yield
    except SQLITE_ERRORS as error:
        if is_damage(error):
            raise StoreDamaged(
                "A part of the run database cannot be read ({reason}). python -m playground doctor tells what is "
                "damaged, and doctor --repair brings runs back from the newest backup and from their folders.",
                reason=reason_of(error),
            ) from error
        if isinstance(error, sqlite3.IntegrityError):
            raise StoreError(
                "The run database does not take what was to be kept ({reason}), and has kept nothing of it.",
                reason=reason_of(error),
            ) from error
        if is_busy(error):
            raise StoreBusy(
                "The run database cannot be used now: another program has locked it. Wait for it or close it, "
                "then try again."
            ) from error
        raise StoreError(
            "The run database cannot be used now ({reason}). Free some space or close other programs that "
            "use the data directory, then try again.",
            reason=reason_of(error),
        ) from error


def is_busy(error: BaseException) -> bool:
    """Another connection has locked the file."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def journal_mode() -> str:
    """WAL only where SQLite's WAL-reset race is mended; it bites with two or more connections."""
    version = sqlite3.sqlite_version_info
    mended = version >= (3, 51, 3) or (version[:2] == (3, 50) and version >= (3, 50, 7))
    return "WAL" if mended or (version[:2] == (3, 44) and version >= (3, 44, 6)) else "DELETE"
