"""What a trainer tells while it trains. Losses are in nats a token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.records import Reason, RunStatus, TrainingFacts

if TYPE_CHECKING:  # the server reads events too, and has no use for torch
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class Started:
    """The model is built; training begins or goes on."""

    facts: TrainingFacts


@dataclass(frozen=True, slots=True)
class StepDone:
    """One optimiser step."""

    step: int
    """Counted from 1."""
    epoch: float
    """Passes over the text, with the fraction of the one under way."""
    loss: float
    """Mean cross-entropy of the batch, before the step."""
    grad_norm: float
    """L2 norm of the whole gradient before clipping; inf when it overflowed."""
    scale: float
    """What the gradient was multiplied by to shorten it; 1 when it was not clipped."""
    tokens_per_second: float
    """Over the last second or so."""
    seconds: float
    """Training time so far; pauses do not count."""


@dataclass(frozen=True, slots=True)
class ThresholdMoved:
    """From the next step on, gradients are clipped elsewhere."""

    epoch: float
    step: int
    """Steps done when it was moved."""
    max_grad_norm: float | None
    """None: clipping is off."""


@dataclass(frozen=True, slots=True)
class EpochDone:
    """One pass over the text."""

    epoch: int
    """Counted from 1."""
    step: int
    train_loss: float
    """Mean over the epoch's batches, each before its step."""
    heldout_loss: float | None
    """On text never trained on; None when nothing is held out."""
    seconds: float


@dataclass(frozen=True, slots=True)
class SampleMade:
    """What a network wrote after a prefix."""

    epoch: float
    step: int
    prefix: str
    text: str


@dataclass(frozen=True, slots=True)
class CheckpointReady:
    """Everything needed to look inside (`weights`) and to go on bit for bit (`training`)."""

    epoch: float
    step: int
    kept: bool
    """False for a rolling one, which the next replaces."""
    weights: Mapping[str, Tensor]
    """Copies, on the CPU, under the model's own names."""
    training: Mapping[str, Tensor]
    """Optimiser, random-number and carried recurrent states, on the CPU."""
    progress: Mapping[str, int | float]
    """Counters to go on from."""
    loss: float | None = None
    """Of the epoch that it ends, held out where something is; None inside an epoch, or where it overflowed."""


@dataclass(frozen=True, slots=True)
class Paused:
    """Training pauses after this step."""

    step: int
    reason: Reason | None = None
    """Why, where nobody asked for it."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """Training goes on after a pause."""

    step: int


@dataclass(frozen=True, slots=True)
class Suspended:
    """The last event of a trainer whose run goes on in another one, from the checkpoint of this step.

    It stays paused, or it is somebody else's turn.
    """

    step: int


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event: finished, stopped or diverged."""

    status: RunStatus
    step: int
    epoch: float
    seconds: float
    reason: Reason | None = None
    """Why it was stopped, where its owner has to be told; the trainer does not know."""


TrainEvent = (
    Started
    | StepDone
    | ThresholdMoved
    | EpochDone
    | SampleMade
    | CheckpointReady
    | Paused
    | Resumed
    | Suspended
    | Finished
)
