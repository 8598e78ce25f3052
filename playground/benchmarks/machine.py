"""On what a benchmark ran: enough to judge its figures, nothing that names the machine's owner."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path

from playground.records import TrainingFacts

_CPUINFO = Path("/proc/cpuinfo")


@dataclass(frozen=True)
class MachineDescription:
    """A processor and the versions that matter; no host name, user or path."""

    cpu: str
    cores: int
    """Those that this process may use."""
    threads: int
    """OpenMP threads a run was given."""
    system: str
    python: str
    torch: str
    accelerator: str | None = None
    """The GPU's name, where one did the work."""

    def __str__(self) -> str:
        plural = "" if self.threads == 1 else "s"
        gpu = f"{self.accelerator}, " if self.accelerator else ""
        return (
            f"{gpu}{self.cpu}, {self.cores} cores, {self.threads} thread{plural}, {self.system}, "
            f"Python {self.python}, torch {self.torch}"
        )


def describe_machine(threads: int, ran_on: TrainingFacts | None = None) -> MachineDescription:
    """Describe this machine.

    Args:
        threads: The threads that the benchmark gave its runs.
        ran_on: The facts of a run, for its device.
    """
    import torch

    affinity = getattr(os, "sched_getaffinity", None)
    return MachineDescription(
        cpu=_cpu_model(),
        cores=len(affinity(0)) if affinity else os.cpu_count() or 1,
        threads=threads,
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        torch=torch.__version__,
        accelerator=ran_on.device_name if ran_on and ran_on.device != "cpu" else None,
    )


def _cpu_model() -> str:
    """The processor's name where Linux tells it, else its architecture."""
    try:
        lines = _CPUINFO.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()
