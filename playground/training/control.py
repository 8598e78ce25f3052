"""What a person asks of a run while it trains."""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import StrEnum

_CLIP = "clip"


class Command(StrEnum):
    """What can be asked without a number."""

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
        self._clipping: tuple[float | None] | None = None
        self._resumes = 0
        self._forward: Callable[[str], None] | None = None

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
            self._tell(command.value)

    def clip(self, max_grad_norm: float | None) -> None:
        """Ask for another clipping threshold from the next step on; None turns clipping off."""
        with self._changed:
            self._clipping = (max_grad_norm,)
            self._tell(_clip_line(max_grad_norm))

    def hear(self, line: str) -> None:
        """Ask what a line asks that another control has passed on.

        Raises:
            ValueError: It is not such a line.
        """
        word, _, number = line.partition(" ")
        if word == _CLIP:
            self.clip(None if number == "off" else float(number))
        else:
            self.send(Command(line))

    def attach(self, forward: Callable[[str], None]) -> None:
        """Pass on what is asked from now on, and what is asked already, as lines for `hear`."""
        with self._changed:
            self._forward = forward
            if self._clipping is not None:
                forward(_clip_line(*self._clipping))
            if self._paused:
                forward(Command.PAUSE.value)
            if self._snapshot:
                forward(Command.SNAPSHOT.value)
            if self._stopped:
                forward(Command.STOP.value)

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
            self._look()
            return asked

    def take_clipping_request(self) -> tuple[float | None] | None:
        """The threshold that is asked for, alone in a tuple since None is one; the request is used up."""
        with self._changed:
            asked, self._clipping = self._clipping, None
            self._look()
            return asked

    @property
    def resumes(self) -> int:
        """How often a resume was asked for; tells a pause from the pause before it."""
        return self._resumes

    def wait_while_paused(self, resumes: int) -> bool:
        """Block while the pause lasts that began after so many resumes.

        Returns:
            Whether it still lasts: then a snapshot or another threshold is asked for.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._snapshot or self._clipping is not None or not self._lasts(resumes)
            )
            return self._lasts(resumes)

    def _lasts(self, resumes: int) -> bool:
        return self.paused and self._resumes == resumes

    def _tell(self, line: str) -> None:
        self._look()
        self._changed.notify_all()
        if self._forward is not None:
            self._forward(line)

    def _look(self) -> None:
        self.calls = self._stopped or self._paused or self._snapshot or self._clipping is not None


def _clip_line(max_grad_norm: float | None) -> str:
    return f"{_CLIP} {'off' if max_grad_norm is None else repr(float(max_grad_norm))}"
