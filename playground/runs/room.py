"""A run on a disk that fills up: it is paused, and what it tells meanwhile is kept until there is room."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from playground.errors import StoreError
from playground.records import RunStatus
from playground.store.messages import CheckpointSaved, Message
from playground.store.run_store import RunStore
from playground.store.space import is_full
from playground.training.control import Command, RunControl
from playground.training.events import Paused

_LOOK_SECONDS = 0.5
"""Between two looks whether there is room again."""


class RoomKeeper:
    """Stores what runs tell, as `RunStore.append` does, and pauses them where the disk has no room for more.

    Args:
        store: The store.
    """

    def __init__(self, store: RunStore) -> None:
        self._store = store
        self._checkpoints: dict[str, int] = {}
        """Bytes of each run's last checkpoint: a pause writes another."""

    def append(
        self, id: str, control: RunControl, messages: Sequence[Message], is_over: Callable[[], bool]
    ) -> None:
        """Keep what a run told; wait where the disk is full even to the last of the reserve.

        Args:
            id: The run's id.
            control: Pauses it.
            messages: What it told.
            is_over: The server stops: nothing is waited for.

        Raises:
            StoreError: There is no room, and it is over; or the store fails for another reason.
        """
        self._note_sizes(id, messages)
        is_short = self._store.space.is_short(self.checkpoint_bytes(id))
        if is_short or any(isinstance(message, Paused) and message.reason for message in messages):
            self._pause(control)
        while True:
            try:
                if is_short:
                    with self._store.space.reserved():
                        self._store.append(id, self._explained(messages))
                else:
                    self._store.append(id, messages)
                return
            except StoreError as error:
                if not is_full(error) or (is_short and (is_over() or control.stopped)):
                    raise
                if is_short:
                    self._wait(id, control)
                is_short = True
                self._pause(control)

    def checkpoint_bytes(self, id: str) -> int:
        """What a run's last checkpoint takes, as far as it is known."""
        return self._checkpoints.get(id, 0)

    def forget(self, id: str) -> None:
        """The run has ended."""
        self._checkpoints.pop(id, None)

    def _wait(self, id: str, control: RunControl) -> None:
        with suppress(StoreError):  # even the reserve has gone
            if self._store.get(id).status is not RunStatus.PAUSED:
                self._store.set_status(id, RunStatus.PAUSED, self._store.space.shortage())
        threading.Event().wait(_LOOK_SECONDS)

    def _explained(self, messages: Sequence[Message]) -> list[Message]:
        """The same, with a reason for a pause."""
        told = self._store.space.shortage()
        return [replace(m, reason=m.reason or told) if isinstance(m, Paused) else m for m in messages]

    def _pause(self, control: RunControl) -> None:
        if not control.paused and not control.stopped:
            control.send(Command.PAUSE)

    def _note_sizes(self, id: str, messages: Sequence[Message]) -> None:
        for message in messages:
            if isinstance(message, CheckpointSaved):
                files = [
                    self._store.run_directory(id) / name
                    for name in (message.weights_file, message.training_file)
                ]
                with suppress(OSError):
                    self._checkpoints[id] = sum(file.stat().st_size for file in files)
