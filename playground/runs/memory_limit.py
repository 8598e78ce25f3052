"""What a worker's process may have for one job: a job that needs far more than was estimated fails, and nothing else does.

Linux counts what a process may write to (`RLIMIT_DATA`), touched or not. A limit on all addresses (`RLIMIT_AS`) cannot
be used: CUDA reserves more of them than a machine has memory.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

HEADROOM = 3
"""Times the estimate. At most 1.9 was measured: what oneDNN asks for and never touches counts too."""
_ROOM_BYTES = 512 * 2**20
"""For what no estimate knows: allocators round up, samples and checkpoints come and go."""
_THREAD_BYTES = 16 * 2**20
"""A thread's stack, and its share of an allocator."""


def limit_memory(needed: int) -> None:
    """Let this process have from now on only so much more than it has; nothing happens where that cannot be.

    Args:
        needed: Bytes that a job will take, by an estimate.
    """
    had = _data_bytes()
    if had is not None:
        _set(had + HEADROOM * needed + _ROOM_BYTES + (os.cpu_count() or 1) * _THREAD_BYTES)


def lift_memory_limit() -> None:
    """Let this process have what there is again."""
    if _data_bytes() is not None:
        _set(None)


def _set(limit: int | None) -> None:
    import resource  # not on Windows

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = hard if limit is None or (hard != resource.RLIM_INFINITY and limit > hard) else limit
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def _data_bytes() -> int | None:
    """What this process may write to; None where the system does not tell, and sets no such limit."""
    if sys.platform != "linux":
        return None
    try:
        lines = Path("/proc/self/status").read_text("ascii").splitlines()
        return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmData:"))
    except (OSError, ValueError, StopIteration):
        return None
