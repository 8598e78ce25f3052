"""Where a run's work is done: the seam between a manager and a trainer."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Protocol

from playground.records import Reason
from playground.runs.job import Job, work
from playground.store.messages import Message
from playground.training.control import RunControl


class Executor(Protocol):
    """Does one job a call; called from several threads at once."""

    def run(self, job: Job, control: RunControl) -> Generator[list[Message]]:
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

    torch's random numbers belong to the process, so two runs at once are not reproducible here.
    """

    def run(self, job: Job, control: RunControl) -> Generator[list[Message]]:
        """Do the job here, in the thread of whoever asks for what happens."""
        yield from work(job, control)

    def warm(self) -> None:
        """Nothing to do."""

    def missing_devices(self, timeout: float = 0.0) -> Mapping[str, Reason] | None:
        """Those of this process."""
        from playground.training.devices import missing_devices  # imports torch

        return missing_devices()

    def close(self) -> None:
        """Nothing to do."""
