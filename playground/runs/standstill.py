"""Everything stands still: a teacher pauses all runs at once, and lets those go on that this has paused."""

from __future__ import annotations

import threading
from contextlib import suppress

from playground.access import Action, require_teacher
from playground.errors import PlaygroundError
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
        """
        require_teacher(person, Action.PAUSE_ALL)
        with self._lock:
            self._manager.hold()
            paused = [run.id for run in self._manager.store.table.recent(float("inf")) if self._pause(run.id)]
            self._paused += [id for id in paused if id not in self._paused]
            return len(paused)

    def resume_all(self, person: Person) -> int:
        """Let runs begin again, and those go on that `pause_all` has paused and nobody has stopped or resumed since.

        Args:
            person: Who asks for it.

        Returns:
            How many go on.

        Raises:
            NotAllowed: They are no teacher.
        """
        require_teacher(person, Action.PAUSE_ALL)
        with self._lock:
            resumed = [id for id in reversed(self._paused) if self._resume(id)]
            self._paused.clear()
            self._manager.release()
            return len(resumed)

    def _pause(self, id: str) -> bool:
        try:
            self._manager.pause(id)
        except PlaygroundError:  # it does not train
            return False
        return True

    def _resume(self, id: str) -> bool:
        with suppress(PlaygroundError):  # it has ended, or was deleted
            if self._manager.store.get(id).status in (RunStatus.PAUSED, RunStatus.RUNNING):
                self._manager.resume(id)
                return True
        return False
