"""What a person asks of a run while it trains."""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import StrEnum


class Command(StrEnum):
    """The four things that can be asked."""

    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    SNAPSHOT = "snapshot"


class RunControl:
    """Thread-safe switchboard between whoever asks and the trainer, which looks once a step."""

    def __init__(self) -> None:
        self.calls = False
        """Something is asked; cheap to look at on every step."""
        self._changed = threading.Condition()
        self._paused = False
        self._stopped = False
        self._snapshot = False
        self._resumes = 0
        self._forward: Callable[[Command], None] | None = None

    def send(self, command: Command) -> None:
        """Ask; takes effect within one step. A stop cannot be taken back."""
        with self._changed:
            if command is Command.STOP:
                self._stopped = True
            elif command is Command.SNAPSHOT:
                self._snapshot = True
            else:
                self._paused = command is Command.PAUSE
                self._resumes += command is Command.RESUME
            self.calls = self._stopped or self._paused or self._snapshot
            self._changed.notify_all()
            if self._forward is not None:
                self._forward(command)

    def attach(self, forward: Callable[[Command], None]) -> None:
        """Pass on what is asked from now on, and what is asked already."""
        with self._changed:
            self._forward = forward
            if self._paused:
                forward(Command.PAUSE)
            if self._snapshot:
                forward(Command.SNAPSHOT)
            if self._stopped:
                forward(Command.STOP)

    def detach(self) -> None:
        """Pass nothing on any more."""
        with self._changed:
            self._forward = None

    @property
    def paused(self) -> bool:
        """A pause is asked for, and no stop."""
        return self._paused and not self._stopped

    @property
    def stopped(self) -> bool:
        """A stop is asked for."""
        return self._stopped

    def take_snapshot_request(self) -> bool:
        """Whether a snapshot is asked for; the request is used up."""
        with self._changed:
            asked, self._snapshot = self._snapshot, False
            self.calls = self._stopped or self._paused
            return asked

    @property
    def resumes(self) -> int:
        """How often a resume was asked for; tells a pause from the pause before it."""
        return self._resumes

    def wait_while_paused(self, resumes: int) -> bool:
        """Block while the pause lasts that began after so many resumes.

        Returns:
            Whether it still lasts: then a snapshot is asked for.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._snapshot or not self._lasts(resumes))
            return self._lasts(resumes)

    def _lasts(self, resumes: int) -> bool:
        return self.paused and self._resumes == resumes
