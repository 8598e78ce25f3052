"""What a run tells is read while what it told before is being stored."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator

from playground.store.messages import Message
from playground.training.control import Command, RunControl

MOST_MESSAGES = 100_000
"""Kept in memory, some 20 MB: a minute and more of a fast run. With more waiting, the run itself waits."""


class _Ahead:
    """Messages on their way from the thread that reads to the one that stores."""

    def __init__(self, batches: Generator[list[Message]], most: int) -> None:
        self._batches = batches
        self._most = most
        self._changed = threading.Condition()
        self._messages: list[Message] = []
        self._has_ended = False
        self._error: Exception | None = None
        self._is_over = False
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def take(self) -> list[Message]:
        """Everything that waits, as soon as there is something; nothing at the end. What reading raised is raised."""
        with self._changed:
            self._changed.wait_for(lambda: self._messages or self._has_ended)
            taken, self._messages = self._messages, []
            self._changed.notify_all()
            if not taken and self._error is not None:
                raise self._error
            return taken

    def give_up(self) -> None:
        """Take nothing more: the reader ends at its next message."""
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def _read(self) -> None:
        try:
            for messages in self._batches:
                with self._changed:
                    self._changed.wait_for(lambda: len(self._messages) < self._most or self._is_over)
                    if self._is_over:
                        return
                    self._messages += messages
                    self._changed.notify_all()
        except Exception as error:
            self._error = error
        finally:
            self._batches.close()
            with self._changed:
                self._has_ended = True
                self._changed.notify_all()


def read_ahead(
    batches: Generator[list[Message]], control: RunControl, most: int = MOST_MESSAGES
) -> Iterator[list[Message]]:
    """Read in a thread of its own; whoever stores may take his time, and gets all that waits at once.

    A commit takes 1 ms on a quiet disk, 15 ms on a busy one, and as long as it likes where another program has
    locked the database: a run does not wait for it.

    Args:
        batches: What a run tells.
        control: Tells the run to stop when nobody listens any more.
        most: So many messages are read ahead, or a batch more.

    Raises:
        Exception: What reading raised, after all that was told before it.
    """
    ahead = _Ahead(batches, most)
    is_done = False
    try:
        while messages := ahead.take():
            yield messages
        is_done = True
    finally:
        if not is_done:
            control.send(Command.STOP)
        ahead.give_up()
        ahead.thread.join()
