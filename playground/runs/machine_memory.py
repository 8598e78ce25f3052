"""How much memory this machine has for its processes: its own, or what a control group leaves of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class MachineMemory:
    """Bytes."""

    total: int
    """All that processes can ever have together."""
    free: int
    """What is not in use at the moment."""


def machine_memory(root: Path = Path("/")) -> MachineMemory:
    """What there is; the smallest limit of this process's control groups (a container's) counts.

    Args:
        root: Where `/proc` and `/sys` are looked for.
    """
    now = psutil.virtual_memory()
    total, free = now.total, now.available
    for limit, used in _limits(root):
        if limit < now.total:
            total, free = min(total, limit), min(free, max(0, limit - used))
    return MachineMemory(total, free)


def count_oom_kills(root: Path = Path("/")) -> int | None:
    """How many processes Linux has ended because memory ran out; None where it does not tell."""
    with suppress(OSError, ValueError):
        for line in (root / "proc/vmstat").read_text("ascii").splitlines():
            name, _, value = line.partition(" ")
            if name == "oom_kill":
                return int(value)
    return None


def _limits(root: Path) -> Iterator[tuple[int, int]]:
    """The limit and the use of every control group that this process is in, from its own up to the root."""
    with suppress(OSError):
        for line in (root / "proc/self/cgroup").read_text("utf-8").splitlines():
            _, kinds, path = line.split(":", 2)
            if kinds == "":
                base, names = root / "sys/fs/cgroup", ("memory.max", "memory.current", "inactive_file")
            elif "memory" in kinds.split(","):
                base = root / "sys/fs/cgroup/memory"
                names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
            else:
                continue
            group = base / path.lstrip("/")
            for folder in (group, *group.parents):
                if folder.is_relative_to(base):
                    yield from _limit(folder, *names)


def _limit(folder: Path, limit: str, used: str, cached: str) -> Iterator[tuple[int, int]]:
    with suppress(OSError, ValueError):  # no such group here, or `max`: no limit
        most = int((folder / limit).read_text("ascii"))
        in_use = int((folder / used).read_text("ascii"))
        with suppress(OSError, ValueError):  # files that the system lets go of when memory is short
            stat = dict(line.split() for line in (folder / "memory.stat").read_text("ascii").splitlines())
            in_use -= int(stat.get(cached, 0))
        yield most, in_use
