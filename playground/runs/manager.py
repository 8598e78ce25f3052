"""Starts, pauses, resumes and stops runs, each in a background thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from playground.config import RunConfig, check
from playground.errors import RunStateError, StoreError
from playground.records import CheckpointRecord, Reason, RunRecord, RunStatus, default_name
from playground.runs.active import ActiveRun
from playground.runs.driver import RunDriver
from playground.runs.executors import Executor
from playground.runs.kept_workers import KEPT_SECONDS, KeptWorkers
from playground.runs.memory_check import MemoryCheck
from playground.runs.preconditions import require_device, require_text, wrong_state
from playground.runs.queue import RunQueue
from playground.store.messages import CheckpointSaved, Message
from playground.store.run_store import SERVER_STOPPED, RunStore
from playground.training.control import Command
from playground.training.events import Paused, Resumed, Started, ThresholdMoved

_log = logging.getLogger(__name__)
_CLOSE_SECONDS = 10.0


class RunManager:
    """One a server. Every method may be called from any thread.

    Args:
        store: The store that keeps what happens.
        executor: Trains, here or in another process.
        slots: Runs that train at the same time; a paused run gives its slot away.
        kept_seconds: How long a paused run keeps its worker.
        clock: Seconds that only grow.

    Raises:
        DirectoryInUse: The store's directory is another program's.
    """

    def __init__(
        self,
        store: RunStore,
        executor: Executor,
        *,
        slots: int = 1,
        kept_seconds: float = KEPT_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.store = store
        self._executor = executor
        self._clock = clock
        self._lock = threading.RLock()
        self._ended = threading.Condition(self._lock)
        self._queue = RunQueue(slots)
        self._runs: dict[str, ActiveRun] = {}
        self._kept = KeptWorkers(self._take_worker_back, seconds=kept_seconds)
        self._closing = False
        self._is_held = False
        store.ownership.acquire()
        self._driver = RunDriver(store, executor, lambda: self._closing)
        self.memory = MemoryCheck(store.library, executor.missing_devices)
        store.recover()

    def start(self, config: RunConfig, name: str = "", *, owner: str | None = None) -> RunRecord:
        """Queue a new run.

        Args:
            config: The settings of the run.
            name: What to call it; empty takes `default_name`.
            owner: Id of whoever starts it; None is the machine's owner.

        Raises:
            DeviceError: The chosen device is not here.
            StoreError: The disk has no room for a run.
            CorpusError: The text does not exist, or is too short for one batch.
            ConfigError: This machine has less memory than it needs.
        """
        require_device(self._executor, config)
        self.store.space.require()
        require_text(self.store.library, config)
        self.memory.require(config)
        with self._lock:
            self._require_open()
            record = self.store.create(config, name.strip() or default_name(config), owner)
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
            StoreError: The disk has no room for it.
        """
        if id not in self._runs:
            require_device(self._executor, self.store.get(id).config)  # may have to wait: not with the lock
        self.store.space.require(self._driver.room.checkpoint_bytes(id))
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
                self.store.set_status(id, RunStatus.QUEUED)  # first: where it fails, the run stays paused
                self._queue.add(id, first=True)
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
                if active.gave_worker_back and active.resume is not None:
                    self.store.keep(active.resume)
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
            if active is None or not (active.thread or active.gave_worker_back):
                raise self._wrong_state(id, Command.SNAPSHOT)
            if active.thread is not None:  # without a worker, its newest weights are saved already
                active.control.send(Command.SNAPSHOT)

    def request_checkpoint(self, id: str) -> None:
        """Ask for newer weights of a run that trains, as `ActiveRun` limits it, however many look."""
        with self._lock:
            active = self._runs.get(id)
            if active is not None and self._queue.is_training(id):
                active.request_checkpoint()

    @property
    def is_held(self) -> bool:
        """No run begins, or goes on, until `release`."""
        return self._is_held

    def hold(self) -> None:
        """Let no run begin or go on: whoever waits keeps their place. Those that train are not touched."""
        with self._lock:
            self._is_held = True

    def release(self) -> None:
        """Take `hold` back."""
        with self._lock:
            self._is_held = False
            self._dispatch()

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
            self._kept.clear()
            self._queue.clear()
            for active in self._runs.values():
                active.control.send(Command.STOP)
            for id in [id for id, active in self._runs.items() if active.thread is None]:
                self._remove(id)
                with suppress(StoreError):  # then the next owner marks it
                    self.store.set_status(id, RunStatus.INTERRUPTED, SERVER_STOPPED)
            threads = [active.thread for active in self._runs.values() if active.thread]
        deadline = time.monotonic() + _CLOSE_SECONDS
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._executor.close()

    def _mark_interrupted(self, id: str) -> None:
        """Correct a row that says a run is under way when nobody trains it: the store failed at its end."""
        if self.store.get(id).status.is_active:
            self.store.set_status(id, RunStatus.INTERRUPTED, SERVER_STOPPED)

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
        while not self._is_held and (id := self._queue.next()) is not None:
            self._kept.forget(id)
            active = self._runs[id]
            if active.gave_worker_back or active.thread is not None:  # was paused
                active.control.send(Command.RESUME)
            if active.thread is None:
                self._begin(id, active)

    def _begin(self, id: str, active: ActiveRun) -> None:
        active.thread = threading.Thread(target=self._train, args=(id, active), daemon=True)
        active.thread.start()

    def _take_worker_back(self, id: str) -> None:
        """Have a paused run leave its worker to others."""
        with self._lock:
            active = self._runs.get(id)
            if active is not None and active.control.paused and not self._queue.is_training(id):
                active.control.send(Command.SUSPEND)

    def _train(self, id: str, active: ActiveRun) -> None:
        """Have one run trained; its thread does this."""
        checkpoint = self._driver.drive(id, active, lambda message: self._hear(id, active, message))
        while not self._has_settled(id, active, checkpoint):  # somebody has asked for something in between
            pass

    def _has_settled(self, id: str, active: ActiveRun, checkpoint: CheckpointRecord | None) -> bool:
        """Let a run rest at a checkpoint without a worker, or let go of one that has ended."""
        rests = False
        with suppress(StoreError):
            rests = checkpoint is not None and not self._driver.settle(id, active, checkpoint)
        with self._ended:
            if rests and active.control.wants_settling:
                return False
            if rests:
                active.give_worker_back(checkpoint)
                self._kept.forget(id)
                if self._queue.is_training(id):  # resumed in the same moment
                    self._begin(id, active)
            else:
                self._remove(id)
            self._dispatch()
        return True

    def _hear(self, id: str, active: ActiveRun, message: Message) -> None:
        """Note what a run has told, and give the slot of one that paused to another."""
        with self._lock:
            if isinstance(message, Started):
                active.has_begun = True
            if isinstance(message, CheckpointSaved):
                active.checkpoint_saved()
            if isinstance(message, Paused) and active.control.paused:
                self._queue.release(id)
                self._kept.keep(id)
                self._executor.warm()  # this run keeps its worker, for now
                self._dispatch()
            elif isinstance(message, Resumed):
                self._queue.occupy(id)

    def _remove(self, id: str) -> None:
        """Let go of a run that has ended; a paused one can die while it waits to go on."""
        self._runs.pop(id, None)
        self._driver.room.forget(id)
        self._queue.remove(id)
        self._kept.forget(id)
        self._ended.notify_all()

    def _wrong_state(self, id: str, command: Command) -> RunStateError:
        return wrong_state(self.store.get(id), command)
