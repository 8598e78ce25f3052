"""Where a run's work is done: the seam between a manager and a trainer."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from playground.records import Reason
from playground.runs.job import Job, work
from playground.store.messages import Message
from playground.training.control import Command, RunControl


class Executor(Protocol):
    """Does one job a call; called from several threads at once."""

    def run(self, job: Job, control: RunControl) -> Iterator[list[Message]]:
        """Do the job; yield what happens. What `control` asks for takes effect within one step.

        Raises:
            PlaygroundError: The run cannot go on.
        """
        ...

    def warm(self) -> None:
        """Have a worker ready for the next job, if workers are a thing here."""
        ...

    def missing_devices(self, timeout: float = 0.0) -> Mapping[str, Reason] | None:
        """Devices that are not where it trains, with the reason; None while that is not known.

        Args:
            timeout: Seconds to wait until it is known.
        """
        ...

    def close(self) -> None:
        """Let everything go."""
        ...


class InlineExecutor:
    """Works in this process: for the command line, notebooks and tests.

    The trainer gets a thread of its own and never waits for whoever stores
    what it tells: a commit takes 1 ms on a quiet disk and 15 ms on a busy one,
    and whatever happens meanwhile is told, and stored, together.

    torch's random numbers belong to the process, so two runs at once are not reproducible here.
    """

    def run(self, job: Job, control: RunControl) -> Iterator[list[Message]]:
        """Do the job here."""
        reports: queue.SimpleQueue[list[Message] | _End] = queue.SimpleQueue()
        trainer = threading.Thread(target=_train, args=(job, control, reports), daemon=True)
        trainer.start()
        end: _End | None = None
        try:
            while end is None:
                waiting = [reports.get()]
                while not reports.empty():
                    waiting.append(reports.get())
                end = next((report for report in waiting if isinstance(report, _End)), None)
                messages = [m for report in waiting if isinstance(report, list) for m in report]
                if messages:
                    yield messages
        finally:
            if end is None:  # nobody listens any more
                control.send(Command.STOP)
            trainer.join()
        if end.error is not None:
            raise end.error

    def warm(self) -> None:
        """Nothing to do."""

    def missing_devices(self, timeout: float = 0.0) -> Mapping[str, Reason] | None:
        """Those of this process."""
        from playground.training.devices import missing_devices  # imports torch

        return missing_devices()

    def close(self) -> None:
        """Nothing to do."""


@dataclass(frozen=True)
class _End:
    """A trainer's thread has nothing more to tell; why, unless all went well."""

    error: Exception | None


def _train(job: Job, control: RunControl, reports: queue.SimpleQueue[list[Message] | _End]) -> None:
    try:
        for messages in work(job, control):
            reports.put(messages)
    except Exception as error:
        reports.put(_End(error))
    else:
        reports.put(_End(None))
