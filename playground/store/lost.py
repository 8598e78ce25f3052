"""`lost/` in the data directory: what the database does not know is put there, and never deleted."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

_log = logging.getLogger(__name__)
FOLDER = "lost"


def put_aside(directory: Path, place: Path, *names: str) -> Path | None:
    """Move a file or a folder to `lost/`; what lies there already stays.

    Args:
        directory: The data directory.
        place: What is moved.
        names: The way to it below `lost/`; its own name without.

    Returns:
        Where it is now; None where it cannot be moved, and stays where it is.
    """
    wanted = directory.joinpath(FOLDER, *(names or (place.name,)))
    target = next(path for path in _numbered(wanted) if not path.exists())
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(place, target)
    except OSError as error:
        _log.warning("%s could not be moved to %s: %s", place, target, error)
        return None
    return target


def folders(directory: Path) -> list[Path]:
    """The folders in `lost/`, by name."""
    lost = directory / FOLDER
    return sorted(path for path in lost.iterdir() if path.is_dir()) if lost.is_dir() else []


def databases(directory: Path) -> list[Path]:
    """The databases in `lost/`, newest first."""
    lost = directory / FOLDER
    found = [path for path in lost.iterdir() if path.suffix == ".sqlite3"] if lost.is_dir() else []
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)


def size(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file())


def _numbered(path: Path) -> Iterator[Path]:
    yield path
    for n in range(1, 1_000_000):
        yield path.with_name(f"{path.stem}.{n}{path.suffix}")
