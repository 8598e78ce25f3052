"""A run that has not ended: its thread, and the checkpoints that are asked of it on the way."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from playground.records import CheckpointRecord, Reason
from playground.store.messages import CheckpointSaved, Message
from playground.training.control import Command, RunControl
from playground.training.events import Paused, Resumed, Started, StepDone, Suspended

CHECKPOINT_SECONDS = 4.0
"""Between two requested checkpoints of a run that is looked at while it trains."""
_TRAINING_SHARE = 20
"""Training time for each second that such a checkpoint takes."""


@dataclass
class ActiveRun:
    """A run that waits, trains or pauses. Not thread-safe: its owner holds a lock."""

    resume: CheckpointRecord | None
    """The checkpoint to go on from; None starts afresh."""
    clock: Callable[[], float]
    """Seconds that only grow."""
    epochs: int | None = None
    """How many it trains; None is until it is stopped."""
    epoch: float = 0.0
    """How far it has come, as it has told."""
    seconds: float = 0.0
    """Of training, as it has told."""
    control: RunControl = field(default_factory=RunControl)
    thread: threading.Thread | None = None
    """None before its first turn, and while it is paused without a worker."""
    gave_worker_back: bool = False
    """It is paused or waits for its next turn; another worker goes on from its checkpoint, which is exact."""
    has_begun: bool = False
    """The trainer has told that it begins: from now on it tells what is moved, and when."""
    is_in_pause: bool = False
    """The store knows that it is paused."""
    has_left: bool = False
    """Its worker is free again for somebody else's turn, while what it told is still being kept."""
    has_yielded: bool = False
    """It has left its worker because it is somebody else's turn."""
    stop_reason: Reason | None = None
    """Why it was stopped, where that is to be told once it has ended there."""
    turns: int = 0
    """How often it has left its worker to others."""
    requested_at: float = -math.inf
    """When a checkpoint was last requested."""
    checkpoint_seconds: float | None = 0.0
    """What the last requested one took; None while it is awaited."""

    def request_checkpoint(self) -> None:
        """Ask for a checkpoint, unless the last request is too young.

        One every `CHECKPOINT_SECONDS` at the most, and so rarely that writing them takes a twentieth
        of the time: a big network's takes most of a second.
        """
        if self.checkpoint_seconds is None:
            return
        now = self.clock()
        if now - self.requested_at >= max(CHECKPOINT_SECONDS, _TRAINING_SHARE * self.checkpoint_seconds):
            self.requested_at, self.checkpoint_seconds = now, None
            self.control.send(Command.SNAPSHOT)

    def give_worker_back(self, checkpoint: CheckpointRecord | None) -> None:
        """Have no thread from now on; another one goes on from the checkpoint."""
        asked, self.control = self.control, RunControl()
        if asked.paused:
            self.control.send(Command.PAUSE)
        self.turns += self.has_yielded
        self.resume, self.thread, self.has_begun, self.gave_worker_back = checkpoint, None, False, True
        self.checkpoint_seconds, self.has_yielded, self.has_left = 0.0, False, False

    def hear(self, message: Message) -> None:
        """Note what its worker has told."""
        match message:
            case StepDone():
                self.epoch, self.seconds = message.epoch, message.seconds
            case Started():
                self.has_begun, self.is_in_pause = True, False
            case Paused():
                self.is_in_pause = True
            case Resumed():
                self.is_in_pause = False
            case Suspended():
                self.has_yielded = not self.is_in_pause
            case CheckpointSaved():
                self._checkpoint_saved()

    @property
    def seconds_left(self) -> float | None:
        """Of training, were it alone: by its own speed. None before its first step, inf until it is stopped."""
        if self.epochs is None:
            return math.inf
        return (self.epochs - self.epoch) * self.seconds / self.epoch if self.epoch > 0 else None

    @property
    def is_between_turns(self) -> bool:
        """It has trained and waits for its next turn; nobody has paused it."""
        return self.thread is None and self.gave_worker_back and not self.control.paused

    @property
    def wants_settling(self) -> bool:
        """Something was asked, while it left its worker, that the store does not know."""
        return self.control.wants_settling or (self.has_yielded and self.control.paused != self.is_in_pause)

    def _checkpoint_saved(self) -> None:
        """Note that a checkpoint has come."""
        if self.checkpoint_seconds is None:
            self.checkpoint_seconds = self.clock() - self.requested_at
