"""Which process a run belongs to, so that no other process ends a living run."""

from __future__ import annotations

import os

import psutil


def this_process() -> str:
    """Process id and start time; ids alone are used again."""
    return f"{os.getpid()}:{psutil.Process().create_time():.2f}"


def is_alive(owner: str | None) -> bool:
    """Whether the process that wrote this note still runs."""
    if not owner:
        return False
    pid, _, started = owner.partition(":")
    try:
        return bool(abs(psutil.Process(int(pid)).create_time() - float(started)) < 1.0)
    except (psutil.Error, ValueError):
        return False
