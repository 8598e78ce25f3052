"""Checkpoints on disk: safetensors, never pickle, and never half a file."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playground.errors import StoreError, gettext_noop
from playground.reasons import reason_of
from playground.records import Array

if TYPE_CHECKING:
    from torch import Tensor

    from playground.training.events import CheckpointReady

WEIGHTS_SUFFIX = ".weights.safetensors"
TRAINING_SUFFIX = ".training.safetensors"


def save_checkpoint(directory: Path, checkpoint: CheckpointReady, text_sha256: str) -> tuple[str, str]:
    """Write both files of a checkpoint; return their names.

    Args:
        directory: The folder of the run.
        checkpoint: The tensors and counters.
        text_sha256: The SHA-256 of the text that is trained on, so that nobody goes on with another.

    Raises:
        StoreError: The disk refused.
    """
    name = f"step-{checkpoint.step:09d}"
    weights_file, training_file = name + WEIGHTS_SUFFIX, name + TRAINING_SUFFIX
    progress = {"progress": json.dumps(dict(checkpoint.progress)), "text_sha256": text_sha256}
    _save(directory / weights_file, checkpoint.weights, {})
    _save(directory / training_file, checkpoint.training, progress)
    return weights_file, training_file


def load_weights(file: Path) -> dict[str, Tensor]:
    """Read a model's weights, on the CPU.

    Raises:
        StoreError: Missing or damaged.
    """
    return _load(file, "pt")[0]


def load_arrays(file: Path) -> dict[str, Array]:
    """As `load_weights`, without torch."""
    return _load(file, "np")[0]


def load_training(file: Path) -> tuple[dict[str, Tensor], dict[str, int | float], str]:
    """Read what a trainer needs to go on: tensors, counters, the text's SHA-256; errors as `load_weights`."""
    tensors, metadata = _load(file, "pt")
    if "progress" not in metadata:
        raise StoreError(
            "The checkpoint {file} cannot be read ({reason}). Choose another checkpoint, or train again.",
            file=file.name,
            reason=gettext_noop("how far it had come is not in it"),
        )
    return tensors, json.loads(metadata["progress"]), metadata.get("text_sha256", "")


def _save(file: Path, tensors: Mapping[str, Tensor], metadata: dict[str, str]) -> None:
    from safetensors.torch import save

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_name(file.name + ".part")
        with part.open("wb") as out:
            out.write(save(dict(tensors), metadata))
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
        _sync_folder(file.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            file.with_name(file.name + ".part").unlink(missing_ok=True)
        raise StoreError(
            "A checkpoint cannot be written ({reason}). Free some space in the data directory, then "
            "resume the run.",
            reason=reason_of(error),
        ) from error


def _sync_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut, where folders can be synced (not on Windows)."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _load(file: Path, framework: str) -> tuple[dict[str, Any], dict[str, str]]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework=framework) as opened:
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
            return tensors, opened.metadata() or {}
    except (OSError, SafetensorError) as error:
        raise StoreError(
            "The checkpoint {file} cannot be read ({reason}). Choose another checkpoint, or train again.",
            file=file.name,
            reason=reason_of(error),
        ) from error
