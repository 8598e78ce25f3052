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
    SUSPEND = "suspend"
    """A paused run is to leave its trainer."""
    YIELD = "yield"
    """A run that trains is to leave its trainer: it is somebody else's turn."""


class RunControl:
    """Requests on their way to the trainer, which looks once a step. Thread-safe."""

    def __init__(self) -> None:
        self.has_requests = False
        """Something is asked; cheap to look at on every step."""
        self._changed = threading.Condition()
        self._paused = False
        self._stopped = False
        self._suspended = False
        self._snapshot = False
        self._yields = False
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
            elif command is Command.YIELD:
                self._yields = True
            elif command is Command.SUSPEND:
                self._suspended = self._paused
            else:
                self._paused = command is Command.PAUSE
                self._suspended = False
                self._resumes += command is Command.RESUME
            self._notify(command.value)

    def clip(self, max_grad_norm: float | None) -> None:
        """Ask for another clipping threshold from the next step on; None turns clipping off."""
        with self._changed:
            self._clipping = (max_grad_norm,)
            self._notify(_clip_line(max_grad_norm))

    def receive(self, line: str) -> None:
        """Ask what a line asks that another control has passed on.

        Raises:
            ValueError: It is not such a line.
        """
        word, _, limit = line.partition(" ")
        if word == _CLIP:
            self.clip(None if limit == "off" else float(limit))
        else:
            self.send(Command(line))

    def attach(self, forward: Callable[[str], None]) -> None:
        """Pass on what is asked from now on, and what is asked already, as lines for `receive`."""
        with self._changed:
            self._forward = forward
            if self._clipping is not None:
                forward(_clip_line(*self._clipping))
            if self._paused:
                forward(Command.PAUSE.value)
            if self._snapshot:
                forward(Command.SNAPSHOT.value)
            if self._yields:
                forward(Command.YIELD.value)
            if self._stopped:
                forward(Command.STOP.value)

    def detach(self) -> None:
        """Stop passing on."""
        with self._changed:
            self._forward = None

    @property
    def paused(self) -> bool:
        """A pause is asked for, and no stop."""
        return self._paused and not self._stopped

    @property
    def suspended(self) -> bool:
        """The pause that lasts is to be waited for elsewhere."""
        return self._suspended and self.paused

    @property
    def wants_settling(self) -> bool:
        """Something is asked that has to be kept where there is no trainer: a stop, or another threshold."""
        return self._stopped or self._clipping is not None

    @property
    def stopped(self) -> bool:
        """A stop is asked for."""
        return self._stopped

    def take_snapshot_request(self) -> bool:
        """Whether a snapshot is asked for; the request is used up."""
        with self._changed:
            is_asked, self._snapshot = self._snapshot, False
            self._update()
            return is_asked

    def take_yield_request(self) -> bool:
        """Whether the trainer is asked for; the request is used up."""
        with self._changed:
            is_asked, self._yields = self._yields, False
            self._update()
            return is_asked

    def take_clipping_request(self) -> tuple[float | None] | None:
        """The threshold that is asked for, alone in a tuple since None is one; the request is used up."""
        with self._changed:
            asked, self._clipping = self._clipping, None
            self._update()
            return asked

    @property
    def resumes(self) -> int:
        """How often a resume was asked for; tells a pause from the pause before it."""
        return self._resumes

    def wait_while_paused(self, resumes: int) -> bool:
        """Block while the pause lasts that began after so many resumes.

        Returns:
            Whether it still lasts: then a snapshot, another threshold or the trainer's end is asked for.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: (
                    self._snapshot
                    or self._clipping is not None
                    or self._suspended
                    or not self._lasts(resumes)
                )
            )
            return self._lasts(resumes)

    def wait_until_resumed(self, resumes: int) -> None:
        """Block until the pause is over that began after so many resumes, whatever else is asked for."""
        with self._changed:
            self._changed.wait_for(lambda: not self._lasts(resumes))

    def _lasts(self, resumes: int) -> bool:
        return self.paused and self._resumes == resumes

    def _notify(self, line: str) -> None:
        self._update()
        self._changed.notify_all()
        if self._forward is not None:
            self._forward(line)

    def _update(self) -> None:
        self.has_requests = (
            self._stopped or self._paused or self._snapshot or self._yields or self._clipping is not None
        )


def _clip_line(max_grad_norm: float | None) -> str:
    return f"{_CLIP} {'off' if max_grad_norm is None else repr(float(max_grad_norm))}"
