"""Which processor trains."""

from __future__ import annotations

import os
import platform

import torch

from playground.errors import DeviceError, gettext_noop
from playground.records import Reason


def available_devices() -> list[str]:
    """What this machine has, fastest first."""
    devices = []
    if torch.cuda.is_available():
        devices.append("cuda")
    if torch.backends.mps.is_available():
        devices.append("mps")
    return [*devices, "cpu"]


def pick_device(choice: str) -> torch.device:
    """Turn `auto`, `cuda`, `mps` or `cpu` into a device.

    Raises:
        DeviceError: Not on this machine.
    """
    if choice == "auto":
        return torch.device(available_devices()[0])
    reason = missing_devices().get(choice)
    if reason is not None:
        raise DeviceError(reason.message, **reason.params)
    return torch.device(choice)


def missing_devices() -> dict[str, Reason]:
    """What a run can name and this machine has not, with the reason and the way out."""
    here = available_devices()
    choices = {"choices": ["auto", *reversed(here)]}
    why = {"cuda": _no_cuda, "mps": _no_mps}
    return {device: Reason(tell(), choices) for device, tell in why.items() if device not in here}


def _no_cuda() -> str:
    if torch.version.cuda is None and torch.version.hip is None:
        return gettext_noop(
            "CUDA cannot be used here: this PyTorch was installed without it. Choose {choices}, or install the build "
            "of PyTorch that the README names for a GPU."
        )
    return gettext_noop(
        "CUDA cannot be used here: PyTorch finds no GPU that it can use. Choose {choices}, or see what nvidia-smi "
        "tells of the driver."
    )


def _no_mps() -> str:
    if platform.system() != "Darwin":
        return gettext_noop(
            "MPS cannot be used here: it is the GPU of a Mac, and this is none. Choose {choices}."
        )
    return gettext_noop(
        "MPS cannot be used here: it needs a GPU of Apple and a newer macOS. Choose {choices}."
    )


def describe_device(device: torch.device) -> str:
    """The processor's own name, for the record."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return platform.processor() or platform.machine()


def default_threads() -> int:
    """Cores − 1, at least 1: a second busy thread on two busy cores made training 30 times slower."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return max(1, cores - 1)
