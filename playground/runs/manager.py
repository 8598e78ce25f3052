"""What can be asked of runs: start, pause, resume, stop, and more."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from playground.config import RunConfig, check
from playground.errors import RunStateError, StoreError
from playground.records import Reason, RunRecord, RunStatus, default_name
from playground.runs.admission import Admission
from playground.runs.dispatcher import Dispatcher
from playground.runs.executors import Executor
from playground.runs.kept_workers import KEPT_SECONDS
from playground.runs.memory_check import MemoryCheck
from playground.runs.overtime import Overtime, Standing
from playground.runs.preconditions import require_device, require_text, wrong_state
from playground.runs.slices import FIRST_SECONDS, SLICE_SECONDS
from playground.runs.time_check import TimeCheck
from playground.runs.turns import Turn
from playground.store.run_store import SERVER_STOPPED, RunStore
from playground.training.control import Command
from playground.training.events import ThresholdMoved

_CLOSE_SECONDS = 10.0


class RunManager:
    """One a server. Every method may be called from any thread.

    Args:
        store: The store that keeps what happens.
        executor: Trains, here or in another process.
        slots: Runs that train at the same time; a paused run gives its slot away.
        kept_seconds: How long a paused run keeps its worker.
        first_slice: How long a run trains at first, where somebody else waits.
        slice_seconds: How long it trains at each later turn.
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
        first_slice: float = FIRST_SECONDS,
        slice_seconds: float = SLICE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.store = store
        self._executor = executor
        store.ownership.acquire()
        self._dispatcher = Dispatcher(
            store,
            executor,
            slots=slots,
            kept_seconds=kept_seconds,
            first_slice=first_slice,
            slice_seconds=slice_seconds,
            clock=clock,
        )
        self._lock, self._ended = self._dispatcher.lock, self._dispatcher.ended
        self._queue, self._runs = self._dispatcher.queue, self._dispatcher.runs
        self.memory = MemoryCheck(store.library, executor.missing_devices)
        time_check = TimeCheck(store, self.memory.vocab_size, executor.missing_devices)
        self.admission = Admission(store, self.memory, time_check)
        store.recover()
        self._overtime = Overtime(store, self._standing, self.stop, clock)
        self._dispatcher.on_end = self._overtime.explain
        self._overtime.start()

    def start(
        self, config: RunConfig, name: str = "", *, owner: str | None = None, challenge: str | None = None
    ) -> RunRecord:
        """Queue a new run.

        Args:
            config: The settings of the run.
            name: What to call it; empty takes `default_name`.
            owner: Id of whoever starts it; None is the machine's owner.
            challenge: Id of the challenge in which it is started; None of none.

        Raises:
            DeviceError: The chosen device is not here.
            StoreError: The disk has no room for a run.
            CorpusError: The text does not exist, or is too short for one batch.
            ConfigError: This machine has less memory than it needs.
            LimitReached: The person has as much as this server allows one, or the network more than the challenge.
            ChallengeNotFound: There is no such challenge.
            ChallengeEnded: No run can be started in it any more.
        """
        self.admission.require_challenge(config, challenge)
        require_device(self._executor, config)
        self.store.space.require()
        require_text(self.store.library, config)
        self.memory.require(config)
        with self._lock:  # first: nobody's older runs make room for one that may not wait
            self._require_turn(owner)
        self.admission.require(config, owner)
        with self._lock:
            self._require_open()
            self._require_turn(owner)
            record = self.store.create(config, name.strip() or default_name(config), owner, challenge)
            self._dispatcher.enqueue(record, None)
        return self.store.get(record.id)

    def pause(self, id: str) -> None:
        """Pause after the step under way.

        Raises:
            RunStateError: It is not training.
        """
        with self._lock:
            active = self._runs.get(id)
            if active is not None and active.is_between_turns:
                self.store.set_status(id, RunStatus.PAUSED)  # first: where it fails, its turn comes
                self._queue.leave(id)
                active.is_in_pause = True
            elif active is None or not (self._queue.is_training(id) or active.has_left):
                raise self._wrong_state(id, Command.PAUSE)
            active.control.send(Command.PAUSE)

    def resume(self, id: str, *, is_limited: bool = True) -> None:
        """Go on after a pause, or from the last checkpoint of a run that ended before its time.

        Args:
            id: The id of the run.
            is_limited: It counts as one more of its owner's; not where it was paused by somebody else.

        Raises:
            RunStateError: There is nothing to resume.
            DeviceError: Its device is not here.
            StoreError: The disk has no room for it.
            LimitReached: Its owner has as many runs under way as this server allows a person.
        """
        if id not in self._runs:
            require_device(self._executor, self.store.get(id).config)  # may have to wait: not with the lock
        self.store.space.require(self._dispatcher.driver.room.checkpoint_bytes(id))
        with self._lock:
            active = self._runs.get(id)
            if active is None:
                self._require_open()
                self._mark_interrupted(id)
                self._require_turn(self.store.get(id).owner)
                checkpoint = self.store.rewind(id)
                self._dispatcher.enqueue(self.store.get(id), checkpoint)
            elif active.control.paused and not self._queue.is_waiting(id):
                if self._queue.is_training(id) or active.has_left:  # the pause has not begun yet
                    if self.is_held and is_limited:
                        raise RunStateError(
                            "All runs are being paused at the moment. Press Resume again in a second: the run then waits until "
                            "they go on."
                        )
                    active.control.send(Command.RESUME)
                    return
                if active.thread is None and is_limited:
                    self._require_turn(self.store.get(id).owner)
                self.store.set_status(id, RunStatus.QUEUED)  # first: where it fails, the run stays paused
                self._dispatcher.requeue(id)
            else:
                raise self._wrong_state(id, Command.RESUME)

    def stop(self, id: str, reason: Reason | None = None) -> None:
        """End a run after the step under way; its last weights are kept.

        Args:
            id: The id of the run.
            reason: Why, where its owner has to be told.

        Raises:
            RunStateError: It has ended already.
        """
        with self._lock:
            active = self._runs.get(id)
            if active is None:
                self._mark_interrupted(id)
                raise self._wrong_state(id, Command.STOP)
            if active.thread is None:
                if active.gave_worker_back and active.resume is not None:
                    self.store.keep(active.resume)
                self.store.set_status(
                    id, RunStatus.STOPPED, reason
                )  # first: where it fails, the run goes on waiting
                self._dispatcher.remove(id)
            else:
                self._queue.leave(id)
                if not active.control.stopped:  # whoever asks first
                    active.stop_reason = reason
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

    def hand_over(self, id: str, owner: str | None) -> None:
        """Give a run to somebody else, whose turns it takes from now on; errors as `RunStore.hand_over`."""
        with self._lock:
            self.store.hand_over(id, owner)
            if id in self._runs:
                self._queue.hand_over(id, owner or "")

    @property
    def is_held(self) -> bool:
        """No run begins, or goes on, until `release`."""
        return self._dispatcher.is_held

    def hold(self) -> None:
        """Let no run begin or go on: whoever waits keeps their place. Those that train are not touched."""
        with self._lock:
            self._dispatcher.is_held = True

    def release(self) -> None:
        """Take `hold` back."""
        with self._lock:
            self._dispatcher.is_held = False
            self._dispatcher.dispatch()

    def missing_devices(self) -> Mapping[str, Reason]:
        """Devices that cannot be used here, with the reason; none while that is not known yet."""
        return self._executor.missing_devices() or {}

    def queue_position(self, id: str) -> int | None:
        """1 for the next to start; None when not waiting."""
        with self._lock:
            return self._queue.position(id)

    def turn(self, id: str) -> Turn | None:
        """How a run shares the machine with the others; None for one that neither trains nor waits."""
        with self._lock:
            return self._dispatcher.turn(id)

    def line(self) -> list[tuple[str, Turn]]:
        """The runs that wait, in the order of their turns."""
        with self._lock:
            return self._dispatcher.line()

    def wait(self, id: str, timeout: float | None = None) -> RunRecord:
        """Block until a run has ended, or `timeout` seconds have passed."""
        with self._ended:
            self._ended.wait_for(lambda: id not in self._runs, timeout)
        return self.store.get(id)

    def close(self) -> None:
        """Stop everything in order; runs under way become `interrupted`, with a checkpoint."""
        self._overtime.close()
        with self._lock:
            threads = self._dispatcher.close()
            for id in [id for id, active in self._runs.items() if active.thread is None]:
                self._dispatcher.remove(id)
                with suppress(StoreError):  # then the next owner marks it
                    self.store.set_status(id, RunStatus.INTERRUPTED, SERVER_STOPPED)
        deadline = time.monotonic() + _CLOSE_SECONDS
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._executor.close()

    def _mark_interrupted(self, id: str) -> None:
        """Correct a row that says a run is under way when nobody trains it: the store failed at its end."""
        if self.store.get(id).status.is_active:
            self.store.set_status(id, RunStatus.INTERRUPTED, SERVER_STOPPED)

    def _require_open(self) -> None:
        if self._dispatcher.is_closing:
            raise RunStateError("The server is stopping. Start the run again when it is back.")

    def _require_turn(self, owner: str | None) -> None:
        """Raise LimitReached where a person may have no more runs under way; the lock is held."""
        own = [id for id in self._runs if self._queue.person(id) == (owner or "")]
        self.admission.require_turn(
            owner, sum(self._runs[id].thread is not None or self._queue.is_waiting(id) for id in own)
        )

    def _standing(self) -> Standing:
        with self._lock:
            under_way = [id for id, active in self._runs.items() if not active.control.paused]
            waiting = [id for id in self._runs if self._queue.is_waiting(id)]
            return Standing(under_way, [id for id in under_way if self._runs[id].thread], waiting)

    def _wrong_state(self, id: str, command: Command) -> RunStateError:
        return wrong_state(self.store.get(id), command)
