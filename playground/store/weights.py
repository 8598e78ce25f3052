"""Checkpoints on disk: safetensors, never pickle, and never half a file."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from playground.config import ModelConfig
from playground.errors import StoreError, gettext_noop
from playground.files import parse_object, write_whole
from playground.models.shapes import weight_shapes
from playground.reasons import reason_of
from playground.records import Array

if TYPE_CHECKING:
    from torch import Tensor

    from playground.training.events import CheckpointReady

_UNEXPECTED = (ValueError, TypeError, LookupError, RuntimeError, AttributeError, OverflowError)
"""What a head that is damaged makes of libraries: kinds of numbers that nobody knows, sizes that do not go together."""
WEIGHTS_SUFFIX = ".weights.safetensors"
_CHECKSUM = "crc32"
"""In the head of a file of weights: what `checksum` makes of them. CRC-32 finds every flipped bit, as SHA-256 would, in a
third of its time: 119 MB take 90 ms."""
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
    arrays = {name: tensor.detach().cpu().numpy() for name, tensor in checkpoint.weights.items()}
    _save(directory / weights_file, checkpoint.weights, {_CHECKSUM: checksum(arrays)})
    _save(directory / training_file, checkpoint.training, progress)
    return weights_file, training_file


def load_weights(file: Path) -> dict[str, Tensor]:
    """Read a model's weights, on the CPU.

    Raises:
        StoreError: Missing or damaged.
    """
    import torch

    return {name: torch.from_numpy(array) for name, array in load_arrays(file).items()}


def load_arrays(file: Path, *, has_diverged: bool = True) -> dict[str, Array]:
    """As `load_weights`, without torch.

    Args:
        file: A file of weights.
        has_diverged: Whether some of its numbers may be infinite or none; else a file from before there were checksums is
            damaged where they are.
    """
    arrays, metadata = _load(file, "np")
    told = metadata.get(_CHECKSUM)
    if told is None:
        if not has_diverged and not all(np.isfinite(array).all() for array in arrays.values()):
            raise unreadable(file, gettext_noop("its weights are damaged: some are no numbers"))
    elif told != checksum(arrays):
        raise unreadable(file, gettext_noop("its weights are damaged: they are not those that were written"))
    return arrays


def checksum(arrays: Mapping[str, Array]) -> str:
    """The CRC-32 of a model's weights, with their names; eight hexadecimal digits."""
    total = 0
    for name, array in sorted(arrays.items()):
        total = zlib.crc32(name.encode(), total)
        total = zlib.crc32(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data, total)
    return f"{total:08x}"


def is_sound(file: Path, *, has_diverged: bool = True) -> bool:
    """A file of weights holds those that were written; all of it is read. Arguments as for `load_arrays`."""
    try:
        load_arrays(file, has_diverged=has_diverged)
    except StoreError:
        return False
    return True


def load_training(file: Path) -> tuple[dict[str, Tensor], dict[str, int | float], str]:
    """Read what a trainer needs to go on: tensors, counters, the text's SHA-256; errors as `load_weights`."""
    tensors, metadata = _load(file, "pt")
    if "progress" not in metadata:
        raise unreadable(file, gettext_noop("how far it had come is not in it"))
    try:
        progress = parse_object(metadata["progress"])
    except ValueError:
        raise unreadable(file) from None
    if not all(type(value) in (int, float) for value in progress.values()):
        raise unreadable(file)
    return tensors, progress, metadata.get("text_sha256", "")


def require_fit(file: Path, arrays: Mapping[str, Array], config: ModelConfig, vocab_size: int) -> None:
    """Raise StoreError where a file's arrays are not those of a network.

    Args:
        file: Where they come from.
        arrays: What is in it, by name.
        config: The network's settings.
        vocab_size: V.
    """
    wanted = {weight.name: weight.shape for weight in weight_shapes(config, vocab_size)}
    found = {name: array.shape for name, array in arrays.items()}
    if found != wanted or any(array.dtype not in (np.float32, np.float64) for array in arrays.values()):
        raise unreadable(file)


def unreadable(file: Path, reason: str = gettext_noop("the file is damaged")) -> StoreError:
    """What is said of a checkpoint that is damaged."""
    return StoreError(
        "The checkpoint {file} cannot be read ({reason}). Choose another checkpoint, or train again.",
        file=file.name,
        reason=reason,
    )


def is_whole(file: Path) -> bool:
    """A file of tensors is here, and as long as its head says; what they hold is not read."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="np") as opened:
            return bool(opened.keys())
    except (OSError, SafetensorError, *_UNEXPECTED):
        return False


def _save(file: Path, tensors: Mapping[str, Tensor], metadata: dict[str, str]) -> None:
    from safetensors.torch import save

    try:
        write_whole(file, save(dict(tensors), metadata))
    except OSError as error:
        raise StoreError(
            "A checkpoint cannot be written ({reason}). Free some space in the data directory, then "
            "resume the run.",
            reason=reason_of(error),
        ) from error


def _load(file: Path, framework: str) -> tuple[dict[str, Any], dict[str, str]]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework=framework) as opened:
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
            return tensors, opened.metadata() or {}
    except OSError as error:
        raise unreadable(file, reason_of(error)) from error
    except (SafetensorError, *_UNEXPECTED) as error:
        raise unreadable(file) from error
