"""What crashes leave beside the runs: halves of texts, and what workers of servers that are gone have printed."""

from __future__ import annotations

import re
import shutil
import time
from contextlib import suppress
from itertools import chain
from pathlib import Path

import psutil

_HALF_SECONDS = 3600.0
"""No file is written for so long: an older half belongs to nobody."""
_LOG = re.compile(r"worker-(\d+)-\d+\.log")


def sweep(directory: Path, corpora: Path) -> None:
    """Remove them.

    Args:
        directory: The data directory.
        corpora: The folder of its texts.
    """
    halves = [corpora.glob("*.part"), directory.glob("*.part"), directory.glob("cache/traces/*/*.part")]
    for half in chain.from_iterable(halves):
        with suppress(OSError):
            if time.time() - half.stat().st_mtime > _HALF_SECONDS:
                half.unlink()
    for folder in directory.glob("cache/traces/*.part"):
        if time.time() - folder.stat().st_mtime > _HALF_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
    for log in (directory / "logs").glob("worker-*.log"):
        name = _LOG.fullmatch(log.name)
        if name and not psutil.pid_exists(int(name[1])):
            with suppress(OSError):
                log.unlink()
