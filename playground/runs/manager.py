"""Who trains when: a first-in-first-out queue, and one background thread an active run."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from playground.config import RunConfig, check, flatten, from_flat
from playground.errors import PlaygroundError, RunStateError, gettext_noop
from playground.records import CheckpointRecord, Reason, RunRecord, RunStatus, default_name
from playground.runs.executors import Executor
from playground.runs.job import Job
from playground.store.messages import CheckpointSaved, Failed, Message
from playground.store.run_store import SERVER_STOPPED, RunStore
from playground.text.prepare import count_training_tokens, require_enough
from playground.training.control import Command, RunControl
from playground.training.events import Finished, Paused, Resumed

_log = logging.getLogger(__name__)
_CLOSE_SECONDS = 10.0
FOLLOW_SECONDS = 4.0
"""Between two asked-for checkpoints of a run that is looked at while it trains."""
FOLLOW_SHARE = 20
"""Training time for each second that such a checkpoint takes."""


@dataclass
class _Active:
    """A run with a thread of its own."""

    resume: CheckpointRecord | None
    control: RunControl = field(default_factory=RunControl)
    thread: threading.Thread | None = None
    asked_at: float = -math.inf
    """When newer weights were last asked for."""
    cost: float | None = 0.0
    """Seconds that the last answer took; None while it is awaited."""


class RunManager:
    """One a server. Every method may be called from any thread.

    Args:
        store: Keeps what happens.
        executor: Does the work.
        slots: Runs that train at the same time; a paused run gives its place away.
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
        self._slots = slots
        self._clock = clock
        self._lock = threading.RLock()
        self._ended = threading.Condition(self._lock)
        self._queue: deque[str] = deque()
        self._runs: dict[str, _Active] = {}
        self._training: set[str] = set()  # those that hold a slot
        self._closing = False
        store.recover()

    def start(self, config: RunConfig, name: str = "") -> RunRecord:
        """Queue a new run.

        Raises:
            CorpusError: The text does not exist, or is too short for one batch.
        """
        corpus = self.store.library.load(config.corpus.corpus)
        require_enough(corpus.title, count_training_tokens(corpus, config.corpus), config.train)
        with self._lock:
            self._require_open()
            record = self.store.create(config, name.strip() or default_name(config))
            self._enqueue(record.id, None)
        return self.store.get(record.id)

    def pause(self, id: str) -> None:
        """Stand still after the step under way.

        Raises:
            RunStateError: It is not training.
        """
        with self._lock:
            if id not in self._training:
                raise self._wrong_state(id, Command.PAUSE)
            self._runs[id].control.send(Command.PAUSE)

    def resume(self, id: str) -> None:
        """Go on after a pause, or from the last checkpoint of a run that ended before its time.

        Raises:
            RunStateError: There is nothing to resume.
        """
        with self._lock:
            active = self._runs.get(id)
            if active is None:
                self._require_open()
                self._bury_lost(id)
                self._enqueue(id, self.store.rewind(id))
            elif active.control.paused and id not in self._queue:
                if id in self._training:  # has not stood still yet
                    active.control.send(Command.RESUME)
                    return
                self._queue.appendleft(id)
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
                self._bury_lost(id)
                raise self._wrong_state(id, Command.STOP)
            if id in self._queue:
                self._queue.remove(id)
            if active.thread is None:
                self._forget(id)
                self.store.set_status(id, RunStatus.STOPPED)
            else:
                active.control.send(Command.STOP)

    def clip(self, id: str, max_grad_norm: float | None) -> None:
        """Move a run's clipping threshold θ, from its next step on.

        Args:
            id: The run's.
            max_grad_norm: Within the setting's range; None turns clipping off.

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
            active.control.clip(value)

    def snapshot(self, id: str) -> None:
        """Write a checkpoint after the step under way; errors as `pause`."""
        with self._lock:
            active = self._runs.get(id)
            if active is None or active.thread is None:
                raise self._wrong_state(id, Command.SNAPSHOT)
            active.control.send(Command.SNAPSHOT)

    def follow(self, id: str) -> None:
        """Ask for newer weights of a run that trains, however many look.

        Every `FOLLOW_SECONDS` at the most, and so rarely that writing them takes a twentieth of
        the time: a big network's checkpoint takes most of a second.
        """
        with self._lock:
            active = self._runs.get(id)
            if id not in self._training or active is None or active.cost is None:
                return
            now = self._clock()
            if now - active.asked_at >= max(FOLLOW_SECONDS, FOLLOW_SHARE * active.cost):
                active.asked_at, active.cost = now, None
                active.control.send(Command.SNAPSHOT)

    def queue_position(self, id: str) -> int | None:
        """1 for the next to start; None when not waiting."""
        with self._lock:
            return self._queue.index(id) + 1 if id in self._queue else None

    def wait(self, id: str, timeout: float | None = None) -> RunRecord:
        """Block until a run has ended, or `timeout` seconds have passed."""
        with self._ended:
            self._ended.wait_for(lambda: id not in self._runs, timeout)
        return self.store.get(id)

    def close(self) -> None:
        """Stop everything in order; runs under way become `interrupted`, with a checkpoint."""
        with self._lock:
            self._closing = True
            waiting = [id for id in self._queue if self._runs[id].thread is None]
            self._queue.clear()
            for id in waiting:
                self._forget(id)
                self.store.set_status(id, RunStatus.INTERRUPTED, SERVER_STOPPED)
            threads = [active.thread for active in self._runs.values() if active.thread]
            for active in self._runs.values():
                active.control.send(Command.STOP)
        for thread in threads:
            thread.join(_CLOSE_SECONDS)
        self._executor.close()

    def _bury_lost(self, id: str) -> None:
        """A row says that a run is under way and nobody trains it: the store failed at its end."""
        if self.store.get(id).status.is_active:
            self.store.set_status(id, RunStatus.INTERRUPTED, SERVER_STOPPED)

    def _require_open(self) -> None:
        if self._closing:
            raise RunStateError("The server is stopping. Start the run again when it is back.")

    def _enqueue(self, id: str, resume: CheckpointRecord | None) -> None:
        """Let a run wait for a slot; the lock is held."""
        self._runs[id] = _Active(resume)
        self._queue.append(id)
        self._dispatch()

    def _dispatch(self) -> None:
        """Give free slots to whoever waits longest; the lock is held."""
        while self._queue and len(self._training) < self._slots:
            id = self._queue.popleft()
            active = self._runs[id]
            self._training.add(id)
            if active.thread is not None:  # was paused
                active.control.send(Command.RESUME)
            else:
                active.thread = threading.Thread(target=self._drive, args=(id, active), daemon=True)
                active.thread.start()

    def _drive(self, id: str, active: _Active) -> None:
        """Follow one run from its start to its end."""
        try:
            self.store.set_status(id, RunStatus.STARTING)
            record = self.store.get(id)
            job = Job(
                self._as_it_stood(record) if active.resume else record.config,
                self.store.library.directory,
                self.store.run_directory(id),
                active.resume,
            )
            for messages in self._executor.run(job, active.control):
                self._follow(id, active, messages)
        except PlaygroundError as error:
            self._end_badly(id, Reason(error.message, error.params))
        except Exception as error:
            _log.exception("run %s failed", id)
            what = {"kind": type(error).__name__, "what": str(error)[:200]}
            self._end_badly(
                id, Reason("Training failed: {kind}: {what}. The server's log has the details.", what)
            )
        finally:
            with self._ended:
                self._forget(id)
                self._dispatch()

    def _as_it_stood(self, record: RunRecord) -> RunConfig:
        """The settings to go on with: θ where it was moved to, and the threads it began with.

        Another number of threads changes the last bits of a loss.
        """
        now: dict[str, object] = {"max_grad_norm": self.store.clipping.threshold(record)}
        if record.facts is not None:
            now["threads"] = record.facts.threads
        return from_flat(flatten(record.config) | now)

    def _follow(self, id: str, active: _Active, messages: list[Message]) -> None:
        if self._closing and isinstance(messages[-1], Finished) and messages[-1].status is RunStatus.STOPPED:
            self.store.append(id, messages[:-1])
            self.store.set_status(id, RunStatus.INTERRUPTED, SERVER_STOPPED)
            return
        self.store.append(id, messages)
        for message in messages:
            if isinstance(message, Failed):
                _log.warning("run %s failed: %s", id, message.reason)
            with self._lock:
                if isinstance(message, CheckpointSaved) and active.cost is None:
                    active.cost = self._clock() - active.asked_at
                if isinstance(message, Paused) and active.control.paused:
                    self._training.discard(id)
                    self._executor.warm()  # this run keeps its worker
                    self._dispatch()
                elif isinstance(message, Resumed):
                    self._training.add(id)

    def _end_badly(self, id: str, reason: Reason) -> None:
        _log.warning("run %s failed: %s", id, reason)
        if self._closing:
            self.store.set_status(id, RunStatus.INTERRUPTED, SERVER_STOPPED)
        else:
            self.store.append(id, [Failed(reason)])

    def _forget(self, id: str) -> None:
        self._runs.pop(id, None)
        self._training.discard(id)
        if id in self._queue:  # a paused run can die while it waits to go on
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
