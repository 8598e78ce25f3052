"""Gives slots to runs and takes them back, and has each trained in a background thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

from playground.errors import StoreError
from playground.records import CheckpointRecord, RunRecord
from playground.runs.active import ActiveRun
from playground.runs.driver import RunDriver
from playground.runs.executors import Executor
from playground.runs.kept_workers import KeptWorkers
from playground.runs.queue import RunQueue
from playground.runs.slices import Slices
from playground.runs.turns import Entry, Turn, turn
from playground.store.messages import Message
from playground.store.run_store import RunStore
from playground.training.control import Command
from playground.training.events import Paused, Resumed, Started


class Dispatcher:
    """The runs that have not ended. Whoever looks at them holds `lock`.

    Args:
        store: Keeps what happens.
        executor: Trains.
        slots: Runs that train at the same time.
        kept_seconds: How long a paused run keeps its worker.
        first_slice: How long a run trains at first, where somebody else waits.
        slice_seconds: How long it trains at each later turn.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        store: RunStore,
        executor: Executor,
        *,
        slots: int,
        kept_seconds: float,
        first_slice: float,
        slice_seconds: float,
        clock: Callable[[], float],
    ) -> None:
        self.lock = threading.RLock()
        self.ended = threading.Condition(self.lock)
        """Told whenever a run has ended."""
        self.queue = RunQueue(slots)
        """Who trains, and who waits."""
        self.slices = Slices(self._end_slice, first=first_slice, seconds=slice_seconds)
        """Whose turn is over."""
        self.runs: dict[str, ActiveRun] = {}
        """By their id."""
        self.is_closing = False
        self.is_held = False
        """No run begins or goes on; whoever waits keeps their place."""
        self.on_end: Callable[[str], None] = lambda run_id: None
        """Told of each run that has ended, before it is let go of."""
        self.driver = RunDriver(store, executor, lambda: self.is_closing)
        self._kept = KeptWorkers(self._take_worker_back, seconds=kept_seconds)
        self._executor = executor
        self._clock = clock

    def enqueue(self, run: RunRecord, resume: CheckpointRecord | None) -> None:
        """Let a run wait for a slot."""
        epochs = run.config.train.epochs
        self.runs[run.id] = ActiveRun(resume, self._clock, epochs, run.epoch, run.seconds)
        self.queue.add(run.id, run.owner or "")
        self.dispatch()

    def requeue(self, id: str) -> None:
        """Let a run wait that was paused, as the first of its person's."""
        self.queue.add(id, self.queue.person(id), first=True, has_begun=True)
        self.dispatch()

    def dispatch(self) -> None:
        """Give free slots to the runs whose turn it is, and ask for those of runs that have had theirs."""
        if self.is_held:
            return
        while (id := self.queue.next()) is not None:
            self._kept.forget(id)
            active = self.runs[id]
            if active.gave_worker_back or active.thread is not None:  # was paused
                active.control.send(Command.RESUME)
            if active.thread is None:
                self._begin(id, active)
        for id in self.slices.who_yields(self.queue.count_in_need):
            self.runs[id].control.send(Command.YIELD)

    def remove(self, id: str) -> None:
        """Let go of a run that has ended; a paused one can die while it waits to go on."""
        self.runs.pop(id, None)
        self.driver.room.forget(id)
        self.queue.remove(id)
        self._kept.forget(id)
        self.slices.forget(id)
        self.ended.notify_all()

    def close(self) -> list[threading.Thread]:
        """Have every run stop and nobody wait any more.

        Returns:
            The threads of the runs that train; those without one are to be removed.
        """
        self.is_closing = True
        self._kept.clear()
        self.slices.clear()
        self.queue.clear()
        for active in self.runs.values():
            active.control.send(Command.STOP)
        return [active.thread for active in self.runs.values() if active.thread]

    def turn(self, id: str) -> Turn | None:
        """How a run shares the machine with the others; None for one that neither trains nor waits."""
        training, waiting = self.queue.training(), self.queue.order()
        if id not in training and id not in waiting:
            return None
        entries = self._entries(training), self._entries(waiting)
        return turn(id, *entries, self.queue.slots, is_held=self.is_held)

    def line(self) -> list[tuple[str, Turn]]:
        """The runs that wait, in the order of their turns."""
        order = self.queue.order()
        training, waiting = self._entries(self.queue.training()), self._entries(order)
        return [(id, turn(id, training, waiting, self.queue.slots, is_held=self.is_held)) for id in order]

    def _end_slice(self, id: str) -> None:
        """Have a run make room, now or as soon as somebody waits."""
        with self.lock:
            self.slices.spend(id)
            self.dispatch()

    def _begin(self, id: str, active: ActiveRun) -> None:
        active.thread = threading.Thread(target=self._train, args=(id, active), daemon=True)
        active.thread.start()

    def _take_worker_back(self, id: str) -> None:
        """Have a paused run leave its worker to others."""
        with self.lock:
            active = self.runs.get(id)
            if active is not None and active.control.paused and not self.queue.is_training(id):
                active.control.send(Command.SUSPEND)

    def _train(self, id: str, active: ActiveRun) -> None:
        """Have one run trained; its thread does this."""
        checkpoint = self.driver.drive(
            id, active, lambda message: self._hear(id, active, message), lambda: self._leave(id, active)
        )
        while not self._has_settled(id, active, checkpoint):  # somebody has asked for something in between
            pass

    def _leave(self, id: str, active: ActiveRun) -> None:
        """Give a run's place to the next as soon as its worker is free."""
        with self.lock:
            if self.queue.is_training(id) and not active.is_in_pause:
                active.has_left = True
                self.slices.forget(id)
                self.queue.release(id)
                self.dispatch()

    def _has_settled(self, id: str, active: ActiveRun, checkpoint: CheckpointRecord | None) -> bool:
        """Let a run rest at a checkpoint without a worker, or let go of one that has ended."""
        rests = False
        with suppress(StoreError):
            rests = checkpoint is not None and not self.driver.settle(id, active, checkpoint)
        with self.ended:
            if rests and active.wants_settling:
                return False
            if not rests:
                self.on_end(id)
                self.remove(id)
            elif active.has_yielded:
                self._rest(id, active, checkpoint)
                self.queue.yield_slot(id)
                if active.is_in_pause:
                    self.queue.leave(id)
            else:
                self._rest(id, active, checkpoint)
                if self.queue.is_training(id):  # resumed in the same moment
                    self._begin(id, active)
            self.dispatch()
        return True

    def _rest(self, id: str, active: ActiveRun, checkpoint: CheckpointRecord | None) -> None:
        active.give_worker_back(checkpoint)
        self._kept.forget(id)
        self.slices.forget(id)

    def _hear(self, id: str, active: ActiveRun, message: Message) -> None:
        """Note what a run has told, and give the slot of one that paused to another."""
        with self.lock:
            active.hear(message)
            if isinstance(message, Started):
                self.slices.begin(id, is_first=active.turns == 0)
            elif isinstance(message, Paused) and active.control.paused:
                self.slices.forget(id)
                self.queue.release(id)
                self._kept.keep(id)
                self._executor.warm()  # this run keeps its worker, for now
                self.dispatch()
            elif isinstance(message, Resumed):
                self.queue.occupy(id)
                self.slices.begin(id, is_first=False)

    def _entries(self, ids: Sequence[str]) -> list[Entry]:
        """What is known of runs that train or wait."""
        return [self._entry(id) for id in ids]

    def _entry(self, id: str) -> Entry:
        active, trains = self.runs[id], self.queue.is_training(id)
        has_begun = trains or active.turns > 0 or active.is_between_turns
        next_turn = self.slices.seconds if has_begun else self.slices.first
        left = self.slices.seconds_left(id) if trains else next_turn
        return Entry(id, self.queue.person(id), has_begun, left, active.seconds_left)
