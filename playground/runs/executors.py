"""Where a run's work is done: the seam between a manager and a trainer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from playground.runs.job import Job, work
from playground.runs.messages import Message
from playground.training.control import RunControl


class Executor(Protocol):
    """Does one job a call; called from several threads at once."""

    def run(self, job: Job, control: RunControl) -> Iterator[list[Message]]:
        """Do the job; yield what happens. Obeys `control` within one step.

        Raises:
            PlaygroundError: The run cannot go on.
        """
        ...

    def warm(self) -> None:
        """Have a worker ready for the next job, if workers are a thing here."""
        ...

    def close(self) -> None:
        """Let everything go."""
        ...


class InlineExecutor:
    """Works in the calling thread: for the command line, notebooks and tests.

    torch's random numbers belong to the process, so two runs at once are not reproducible here.
    """

    def run(self, job: Job, control: RunControl) -> Iterator[list[Message]]:
        """Do the job here."""
        return work(job, control)

    def warm(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do."""
