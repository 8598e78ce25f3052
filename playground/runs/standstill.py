"""Everything stands still: a teacher pauses all runs at once, and lets those go on that this has paused."""

from __future__ import annotations

import math
import threading

from playground.access import Action, require_teacher
from playground.errors import PlaygroundError, RunNotFound, RunStateError, StoreBusy
from playground.records import Person, RunStatus
from playground.runs.manager import RunManager


class Standstill:
    """Pauses and resumes all runs. Every method may be called from any thread.

    Args:
        manager: Trains the runs.
    """

    def __init__(self, manager: RunManager) -> None:
        self._manager = manager
        self._lock = threading.Lock()
        self._paused: list[str] = []

    def pause_all(self, person: Person) -> int:
        """Let no run begin, and pause those that train; those that wait keep their places.

        Args:
            person: Who asks for it.

        Returns:
            How many were paused.

        Raises:
            NotAllowed: They are no teacher.
            StoreBusy: The database is locked; to be asked for again, nothing is lost.
        """
        require_teacher(person, Action.PAUSE_ALL)
        with self._lock:
            self._manager.hold()
            paused = 0
            for run in self._manager.store.table.recent(math.inf):
                if self._pause(run.id):
                    paused += 1
                    self._paused = [*(id for id in self._paused if id != run.id), run.id]
            return paused

    def resume_all(self, person: Person) -> int:
        """Let runs begin again, and those go on that `pause_all` has paused and nobody has stopped or resumed since.

        Args:
            person: Who asks for it.

        Returns:
            How many go on.

        Raises:
            NotAllowed: They are no teacher.
            StoreBusy: The database is locked; to be asked for again, nothing is lost.
        """
        require_teacher(person, Action.PAUSE_ALL)
        with self._lock:
            resumed = 0
            while self._paused:  # one by one: where the database is locked, the others are not forgotten
                resumed += self._resume(self._paused[-1])
                self._paused.pop()
            self._manager.release()
            return resumed

    def _pause(self, id: str) -> bool:
        try:
            self._manager.pause(id)
        except (RunNotFound, RunStateError):  # it does not train
            return False
        return True

    def _resume(self, id: str) -> bool:
        """Whether it goes on; one whose device or room on the disk is gone stays paused, as its owner sees."""
        try:
            if self._manager.store.get(id).status not in (RunStatus.PAUSED, RunStatus.RUNNING):
                return False
            self._manager.resume(id, is_limited=False)
        except StoreBusy:
            raise
        except PlaygroundError:  # it has ended, was deleted, or goes on already
            return False
        return True
