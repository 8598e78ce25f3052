"""Starts, pauses, resumes and stops runs, each in a background thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping

from playground.config import RunConfig, check, flatten, from_flat
from playground.errors import DeviceError, PlaygroundError, RunStateError, gettext_noop
from playground.records import CheckpointRecord, Reason, RunRecord, RunStatus, default_name
from playground.runs.active import ActiveRun
from playground.runs.executors import Executor
from playground.runs.failure import failure_reason, is_out_of_memory
from playground.runs.job import Job
from playground.runs.memory_check import MemoryCheck
from playground.runs.queue import RunQueue
from playground.store.messages import CheckpointSaved, Failed, Message
from playground.store.run_store import SERVER_STOPPED, RunStore
from playground.text.prepare import count_training_tokens, require_enough, tokens_of_a_batch
from playground.training.control import Command
from playground.training.events import Finished, Paused, Resumed, Started, ThresholdMoved

_log = logging.getLogger(__name__)
_CLOSE_SECONDS = 10.0
_DEVICES_SECONDS = 10.0
"""Until a worker that has just been started can say which devices there are."""


class RunManager:
    """One a server. Every method may be called from any thread.

    Args:
        store: The store that keeps what happens.
        executor: Trains, here or in another process.
        slots: Runs that train at the same time; a paused run gives its slot away.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        store: RunStore,
        executor: Executor,
        *,
        slots: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.store = store
        self._executor = executor
        self._clock = clock
        self._lock = threading.RLock()
        self._ended = threading.Condition(self._lock)
        self._queue = RunQueue(slots)
        self._runs: dict[str, ActiveRun] = {}
        self._closing = False
        self.memory = MemoryCheck(store.library, executor.missing_devices)
        store.recover()

    def start(self, config: RunConfig, name: str = "") -> RunRecord:
        """Queue a new run.

        Args:
            config: The settings of the run.
            name: What to call it; empty takes `default_name`.

        Raises:
            DeviceError: The chosen device is not here.
            CorpusError: The text does not exist, or is too short for one batch.
            ConfigError: This machine has less memory than it needs.
        """
        self._require_device(config)
        corpus = self.store.library.load(config.corpus.corpus)
        tokens = count_training_tokens(corpus, config.corpus, enough=tokens_of_a_batch(config.train))
        require_enough(corpus.title, tokens, config.train)
        self.memory.require(config)
        with self._lock:
            self._require_open()
            record = self.store.create(config, name.strip() or default_name(config))
            self._enqueue(record.id, None)
        return self.store.get(record.id)

    def pause(self, id: str) -> None:
        """Pause after the step under way.

        Raises:
            RunStateError: It is not training.
        """
        with self._lock:
            if not self._queue.is_training(id):
                raise self._wrong_state(id, Command.PAUSE)
            self._runs[id].control.send(Command.PAUSE)

    def resume(self, id: str) -> None:
        """Go on after a pause, or from the last checkpoint of a run that ended before its time.

        Raises:
            RunStateError: There is nothing to resume.
            DeviceError: Its device is not here.
        """
        if id not in self._runs:
            self._require_device(self.store.get(id).config)  # may have to wait: not with the lock
        with self._lock:
            active = self._runs.get(id)
            if active is None:
                self._require_open()
                self._mark_interrupted(id)
                self._enqueue(id, self.store.rewind(id))
            elif active.control.paused and not self._queue.is_waiting(id):
                if self._queue.is_training(id):  # the step before the pause is under way
                    active.control.send(Command.RESUME)
                    return
                self._queue.add(id, first=True)
                self.store.set_status(id, RunStatus.QUEUED)
                self._dispatch()
            else:
                raise self._wrong_state(id, Command.RESUME)

    def stop(self, id: str) -> None:
        """End a run after the step under way; its last weights are kept.

        Raises:
            RunStateError: It has ended already.
        """
        with self._lock:
            active = self._runs.get(id)
            if active is None:
                self._mark_interrupted(id)
                raise self._wrong_state(id, Command.STOP)
            if active.thread is None:
                self._remove(id)
                self.store.set_status(id, RunStatus.STOPPED)
            else:
                if self._queue.is_waiting(id):
                    self._queue.remove(id)
                active.control.send(Command.STOP)

    def clip(self, id: str, max_grad_norm: float | None) -> None:
        """Move a run's clipping threshold θ, from its next step on.

        Args:
            id: The id of the run.
            max_grad_norm: θ, within the setting's range; None turns clipping off.

        Raises:
            ConfigError: Outside the range.
            RunStateError: It has ended.
        """
        value = check("max_grad_norm", max_grad_norm)
        with self._lock:
            active = self._runs.get(id)
            if active is None:
                record = self.store.get(id)
                raise RunStateError(
                    "The run {name!r} is {status}; its clipping threshold can be moved only while it "
                    "is under way.",
                    name=record.name,
                    status=record.status.value,
                )
            if not active.has_begun:  # a server that ends before the run's turn must not lose it
                record = self.store.get(id)
                self.store.append(id, [ThresholdMoved(record.epoch, record.step, value)])
            active.control.clip(value)

    def snapshot(self, id: str) -> None:
        """Write a checkpoint after the step under way; errors as `pause`."""
        with self._lock:
            active = self._runs.get(id)
            if active is None or active.thread is None:
                raise self._wrong_state(id, Command.SNAPSHOT)
            active.control.send(Command.SNAPSHOT)

    def request_checkpoint(self, id: str) -> None:
        """Ask for newer weights of a run that trains, as `ActiveRun` limits it, however many look."""
        with self._lock:
            active = self._runs.get(id)
            if active is not None and self._queue.is_training(id):
                active.request_checkpoint()

    def missing_devices(self) -> Mapping[str, Reason]:
        """Devices that cannot be used here, with the reason; none while that is not known yet."""
        return self._executor.missing_devices() or {}

    def queue_position(self, id: str) -> int | None:
        """1 for the next to start; None when not waiting."""
        with self._lock:
            return self._queue.position(id)

    def wait(self, id: str, timeout: float | None = None) -> RunRecord:
        """Block until a run has ended, or `timeout` seconds have passed."""
        with self._ended:
            self._ended.wait_for(lambda: id not in self._runs, timeout)
        return self.store.get(id)

    def close(self) -> None:
        """Stop everything in order; runs under way become `interrupted`, with a checkpoint."""
        with self._lock:
            self._closing = True
            for id in self._queue.clear():
                if self._runs[id].thread is None:
                    self._remove(id)
                    self.store.set_status(id, RunStatus.INTERRUPTED, SERVER_STOPPED)
            threads = [active.thread for active in self._runs.values() if active.thread]
            for active in self._runs.values():
                active.control.send(Command.STOP)
        for thread in threads:
            thread.join(_CLOSE_SECONDS)
        self._executor.close()

    def _mark_interrupted(self, id: str) -> None:
        """Correct a row that says a run is under way when nobody trains it: the store failed at its end."""
        if self.store.get(id).status.is_active:
            self.store.set_status(id, RunStatus.INTERRUPTED, SERVER_STOPPED)

    def _require_device(self, config: RunConfig) -> None:
        """Raise DeviceError where a run could only fail, before there is one."""
        device = config.train.device
        if device in ("auto", "cpu"):
            return
        reason = (self._executor.missing_devices(_DEVICES_SECONDS) or {}).get(device)
        if reason is not None:
            raise DeviceError(reason.message, **reason.params)

    def _require_open(self) -> None:
        if self._closing:
            raise RunStateError("The server is stopping. Start the run again when it is back.")

    def _enqueue(self, id: str, resume: CheckpointRecord | None) -> None:
        """Let a run wait for a slot; the lock is held."""
        self._runs[id] = ActiveRun(resume, self._clock)
        self._queue.add(id)
        self._dispatch()

    def _dispatch(self) -> None:
        """Give free slots to the runs that wait longest; the lock is held."""
        while (id := self._queue.next()) is not None:
            active = self._runs[id]
            if active.thread is not None:  # was paused
                active.control.send(Command.RESUME)
            else:
                active.thread = threading.Thread(target=self._train, args=(id, active), daemon=True)
                active.thread.start()

    def _train(self, id: str, active: ActiveRun) -> None:
        """Have one run trained from its start to its end; its thread does this."""
        try:
            self.store.set_status(id, RunStatus.STARTING)
            record = self.store.get(id)
            job = Job(
                self._config_to_begin(record),
                self.store.library.directory,
                self.store.run_directory(id),
                active.resume,
            )
            for messages in self._executor.run(job, active.control):
                self._record(id, active, messages)
        except Exception as error:
            if not isinstance(error, PlaygroundError) and not is_out_of_memory(error):
                _log.exception("run %s failed", id)
            self._fail(id, failure_reason(error))
        finally:
            with self._ended:
                self._remove(id)
                self._dispatch()

    def _config_to_begin(self, record: RunRecord) -> RunConfig:
        """The settings to begin or go on with: θ where it was moved to, and the threads it began with.

        Another number of threads changes the last bits of a loss.
        """
        changed: dict[str, object] = {"max_grad_norm": record.max_grad_norm}
        if record.facts is not None:
            changed["threads"] = record.facts.threads
        return from_flat(flatten(record.config) | changed)

    def _record(self, id: str, active: ActiveRun, messages: list[Message]) -> None:
        """Store what has happened, and give the slot of a run that paused to another."""
        if self._closing and isinstance(messages[-1], Finished) and messages[-1].status is RunStatus.STOPPED:
            self.store.append(id, messages[:-1])
            self.store.set_status(id, RunStatus.INTERRUPTED, SERVER_STOPPED)
            return
        self.store.append(id, messages)
        for message in messages:
            if isinstance(message, Failed):
                _log.warning("run %s failed: %s", id, message.reason)
            with self._lock:
                if isinstance(message, Started):
                    active.has_begun = True
                if isinstance(message, CheckpointSaved):
                    active.checkpoint_saved()
                if isinstance(message, Paused) and active.control.paused:
                    self._queue.release(id)
                    self._executor.warm()  # this run keeps its worker
                    self._dispatch()
                elif isinstance(message, Resumed):
                    self._queue.occupy(id)

    def _fail(self, id: str, reason: Reason) -> None:
        _log.warning("run %s failed: %s", id, reason)
        if self._closing:
            self.store.set_status(id, RunStatus.INTERRUPTED, SERVER_STOPPED)
        else:
            self.store.append(id, [Failed(reason)])

    def _remove(self, id: str) -> None:
        """Let go of a run that has ended; a paused one can die while it waits to go on."""
        self._runs.pop(id, None)
        self._queue.remove(id)
        self._ended.notify_all()

    def _wrong_state(self, id: str, command: Command) -> RunStateError:
        record = self.store.get(id)
        return RunStateError(_WRONG_STATE[command], name=record.name, status=record.status.value)


_WRONG_STATE = {
    Command.PAUSE: gettext_noop("The run {name!r} is {status}, so it cannot be paused."),
    Command.RESUME: gettext_noop("The run {name!r} is {status}, so it cannot be resumed."),
    Command.STOP: gettext_noop("The run {name!r} is {status}, so it cannot be stopped."),
    Command.SNAPSHOT: gettext_noop("The run {name!r} is {status}, so it has no newer weights to save."),
}
