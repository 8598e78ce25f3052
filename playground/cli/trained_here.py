"""A manager that trains in this process, with its log in a file: a terminal is for sentences."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

from playground.cli.common import tell_lost
from playground.runs.launch import launch
from playground.runs.manager import RunManager

_LOG_BYTES = 2**20


def log_file(directory: Path) -> Path:
    """Where a data directory's command line notes what went wrong, with every detail."""
    return directory / "logs" / "command-line.log"


@contextmanager
def trained_here(data_dir: Path | None) -> Iterator[RunManager]:
    """Open a data directory to train in this process; it is closed at the end, whatever happens.

    Raises:
        DirectoryInUse: Another program trains there.
    """
    manager = launch(data_dir, inline=True)
    file = log_file(manager.store.directory)
    file.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(file, maxBytes=_LOG_BYTES, backupCount=1, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("playground")
    logger.addHandler(handler)
    tell_lost(manager.store)
    try:
        yield manager
    finally:
        try:
            manager.close()
        finally:
            manager.store.close()
        logger.removeHandler(handler)
        handler.close()
