"""Files that are whole or not there, and JSON that may be damaged."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from pathlib import Path
from typing import Any

PART = ".part"
"""Ends the name of a file that is being written; what has it after a crash is half a file."""


def write_whole(file: Path, data: bytes, *, mode: int = 0o666) -> None:
    """Write beside the place, sync, rename: a reader, a crash or a power cut never meets half a file.

    Args:
        file: The file.
        data: What is in it.
        mode: Who may read and write it, before the umask.

    Raises:
        OSError: The disk refused; what was half written is gone.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{secrets.token_hex(4)}{PART}")
    try:
        with open(part, "wb", opener=lambda path, flags: os.open(path, flags, mode)) as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename itself survive a power cut, where folders can be synced (not on Windows)."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def parse_object(text: str | bytes) -> dict[str, Any]:
    """Read a JSON object that may be damaged.

    >>> parse_object('{"title": "Rain"}')
    {'title': 'Rain'}

    Raises:
        ValueError: It is no JSON, or no object.
    """
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("too many brackets") from None
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value
