"""Trains one run after another's turn has come: the work of a run's own thread, without the manager's lock."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from dataclasses import replace

from playground.errors import PlaygroundError
from playground.records import CheckpointRecord, RunStatus
from playground.runs.active import ActiveRun
from playground.runs.executors import Executor
from playground.runs.failure import failure_reason, is_out_of_memory
from playground.runs.job import Job, config_to_begin
from playground.runs.patience import PatientStore
from playground.runs.read_ahead import read_ahead
from playground.runs.room import RoomKeeper
from playground.store.messages import Failed, Message
from playground.store.run_store import SERVER_STOPPED, RunStore
from playground.training.events import Finished, Suspended, ThresholdMoved

_log = logging.getLogger(__name__)


class RunDriver:
    """Has runs trained, and keeps what they tell. Every method may be called from any thread, but for long.

    Args:
        store: Keeps what happens.
        executor: Trains.
        is_closing: The server stops: nothing is waited for, and a run that was stopped is interrupted.
    """

    def __init__(self, store: RunStore, executor: Executor, is_closing: Callable[[], bool]) -> None:
        self.room = RoomKeeper(store)
        self._store = store
        self._executor = executor
        self._is_closing = is_closing
        self._patient = PatientStore(store, is_closing)

    def drive(
        self, id: str, active: ActiveRun, heard: Callable[[Message], None], left: Callable[[], None]
    ) -> CheckpointRecord | None:
        """Have a run trained to its end, or until it gives its worker back.

        Args:
            id: The run's id.
            active: The run as it stands.
            heard: Told every message, once it is kept.
            left: Told that its worker is free, maybe before all that it told is kept.

        Returns:
            The checkpoint at which it rests without a worker; None where it has ended.
        """
        try:
            if not active.gave_worker_back:
                self._patient.use(lambda: self._store.set_status(id, RunStatus.STARTING))
            record = self._patient.use(lambda: self._store.get(id))
            directory = self._store.run_directory(id)
            job = Job(config_to_begin(record), self._store.library.directory, directory, active.resume)
            active.gave_worker_back = False
            messages: list[Message] = []
            batches = _telling(self._executor.run(job, active.control), left)
            for messages in read_ahead(batches, active.control):
                self._keep(id, active, messages, heard)
            if messages and isinstance(messages[-1], Suspended):
                return self._patient.use(lambda: self._store.newest_checkpoint(id))
        except Exception as error:
            if not isinstance(error, PlaygroundError) and not is_out_of_memory(error):
                _log.exception("run %s failed", id)
            self._patient.fail(id, failure_reason(error))
        return None

    def settle(self, id: str, active: ActiveRun, checkpoint: CheckpointRecord) -> bool:
        """Keep what was asked of a run while it gave its worker back.

        Args:
            id: The run's id.
            active: The run as it stands.
            checkpoint: Where it rests.

        Returns:
            Whether it has ended there: it was stopped meanwhile.
        """
        asked = active.control
        if asked.stopped:
            self._patient.use(lambda: self._store.keep(checkpoint))
            status = RunStatus.INTERRUPTED if self._is_closing() else RunStatus.STOPPED
            reason = SERVER_STOPPED if self._is_closing() else active.stop_reason
            self._patient.use(lambda: self._store.set_status(id, status, reason))
            return True
        moved = asked.take_clipping_request()  # told again where the worker has told it: then nothing changes
        if moved is not None:
            record = self._patient.use(lambda: self._store.get(id))
            told = ThresholdMoved(record.epoch, record.step, moved[0])
            self._patient.use(lambda: self._store.append(id, [told]))
        is_paused = asked.paused
        if active.has_yielded and is_paused != active.is_in_pause:
            status = RunStatus.PAUSED if is_paused else RunStatus.RUNNING
            self._patient.use(lambda: self._store.set_status(id, status))
            active.is_in_pause = is_paused
        return False

    def _keep(
        self, id: str, active: ActiveRun, messages: list[Message], heard: Callable[[Message], None]
    ) -> None:
        """Store what has happened, and tell of it."""
        end = messages[-1]
        is_stopped = isinstance(end, Finished) and end.status is RunStatus.STOPPED
        if is_stopped and self._is_closing():
            self._patient.use(lambda: self.room.append(id, active.control, messages[:-1], lambda: True))
            self._patient.use(lambda: self._store.set_status(id, RunStatus.INTERRUPTED, SERVER_STOPPED))
            return
        if isinstance(end, Finished) and is_stopped:
            messages = [*messages[:-1], replace(end, reason=active.stop_reason)]
        self._patient.use(lambda: self.room.append(id, active.control, messages, self._is_closing))
        for message in messages:
            if isinstance(message, Failed):
                _log.warning("run %s failed: %s", id, message.reason)
            heard(message)


def _telling(batches: Generator[list[Message]], left: Callable[[], None]) -> Generator[list[Message]]:
    """The same, and a word to others as soon as a run has left its worker: a busy server keeps slowly what it is told."""
    messages: list[Message] = []
    try:
        for messages in batches:
            yield messages
    finally:
        batches.close()
    if messages and isinstance(messages[-1], Suspended):
        left()
