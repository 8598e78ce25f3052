"""Training events on their way from a worker to the store, as JSON lists.

Checkpoints change on the way: the worker writes the tensors into files and
passes only their names on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

from playground.records import Reason, RunStatus, TrainingFacts
from playground.training.events import (
    EpochDone,
    Finished,
    Paused,
    Resumed,
    SampleMade,
    Started,
    StepDone,
    Suspended,
    ThresholdMoved,
)


@dataclass(frozen=True, slots=True)
class CheckpointSaved:
    """A checkpoint lies on disk, not yet known to the store."""

    epoch: float
    step: int
    kept: bool
    weights_file: str
    training_file: str
    weights_bytes: int = 0
    training_bytes: int = 0
    loss: float | None = None
    """As in `CheckpointReady`."""


@dataclass(frozen=True, slots=True)
class VocabBuilt:
    """The run's vocabulary, as JSON."""

    vocab: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The run cannot go on."""

    reason: Reason


Message = (
    Started
    | StepDone
    | ThresholdMoved
    | EpochDone
    | SampleMade
    | Paused
    | Resumed
    | Suspended
    | Finished
    | CheckpointSaved
    | VocabBuilt
    | Failed
)
_KINDS: dict[str, type[Message]] = {
    kind.__name__: kind
    for kind in (
        Started,
        StepDone,
        ThresholdMoved,
        EpochDone,
        SampleMade,
        Paused,
        Resumed,
        Suspended,
        Finished,
        CheckpointSaved,
        VocabBuilt,
        Failed,
    )
}
_NAMES = {kind: tuple(field.name for field in fields(kind)) for kind in _KINDS.values()}


def to_json(messages: Iterable[Message]) -> str:
    """One line; floats survive exactly."""
    return json.dumps([_to_list(message) for message in messages])


def from_json(line: str | bytes) -> list[Message]:
    """Inverse of `to_json`."""
    return [_from_list(values) for values in json.loads(line)]


def _to_list(message: Message) -> list[object]:
    kind = type(message)
    values: list[object] = [getattr(message, name) for name in _NAMES[kind]]
    if isinstance(message, Started):
        values = [asdict(message.facts)]
    elif isinstance(message, Failed):
        values = _reason_to_list(message.reason)
    elif isinstance(message, Finished):
        told = [] if message.reason is None else _reason_to_list(message.reason)
        values = [message.status, message.step, message.epoch, message.seconds, *told]
    elif isinstance(message, Paused):
        values = [message.step, *([] if message.reason is None else _reason_to_list(message.reason))]
    return [kind.__name__, *values]


def _from_list(values: list[object]) -> Message:
    name, *rest = values
    kind = _KINDS[str(name)]
    if kind is Started:
        return Started(TrainingFacts(**rest[0]))  # type: ignore[arg-type]
    if kind is Failed:
        return Failed(Reason(*rest))  # type: ignore[arg-type]
    if kind is Paused:
        step, *reason = rest
        return Paused(step, Reason(*reason) if reason else None)  # type: ignore[arg-type]
    if kind is Finished:
        status, step, epoch, seconds, *reason = rest
        told = Reason(*reason) if reason else None  # type: ignore[arg-type]
        return Finished(RunStatus(str(status)), step, epoch, seconds, told)  # type: ignore[arg-type]
    return kind(*rest)  # type: ignore[arg-type]


def _reason_to_list(reason: Reason) -> list[object]:
    return [reason.message, dict(reason.params), reason.resume]
