"""Which processor trains."""

from __future__ import annotations

import os
import platform

import torch

from playground.errors import DeviceError


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
    devices = available_devices()
    if choice == "auto":
        return torch.device(devices[0])
    if choice not in devices:
        raise DeviceError(
            "This machine has no {device} device. Choose one of {choices}, or auto.",
            device=choice,
            choices=tuple(devices),
        )
    return torch.device(choice)


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
