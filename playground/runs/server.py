"""A server: its runs, its people, and what was deleted within the last minute."""

from __future__ import annotations

from pathlib import Path

from playground.runs.challenges import Challenges
from playground.runs.classroom import Classroom
from playground.runs.deletions import Deletions
from playground.runs.launch import launch
from playground.runs.manager import RunManager
from playground.runs.personal import PersonalRuns
from playground.runs.stage import Stage
from playground.runs.standstill import Standstill
from playground.runs.wall import Wall
from playground.server_settings import ServerSettings


class Server:
    """What pages and routes share; made once.

    Args:
        manager: Trains.
        classroom: Tells who is who; None: everybody is the machine's owner.
        deletions: Deletes so that it can be undone; None takes a minute for it.
    """

    def __init__(
        self,
        manager: RunManager,
        classroom: Classroom | None = None,
        deletions: Deletions | None = None,
    ) -> None:
        self.manager = manager
        self.classroom = classroom or Classroom(manager.store)
        self.deletions = deletions or Deletions(manager.store)
        self.wall = Wall(manager, self.classroom)
        self.standstill = Standstill(manager)
        self.stage = Stage(self.classroom)
        self.challenges = Challenges(manager.store, self.classroom)

    @property
    def news(self) -> str:
        """Another word whenever what every page has to say of the class changes."""
        return f"{self.stage.version}-{int(self.manager.is_held)}"

    def runs_of(self, id: str | None) -> PersonalRuns:
        """What somebody may see and do.

        Args:
            id: What the door has told of them; None where it told nothing.
        """
        return PersonalRuns(self.manager, self.classroom, self.deletions, self.classroom.person(id))

    def close(self) -> None:
        """Stop everything in order, and let go of the data directory."""
        self.deletions.close()
        try:
            self.manager.close()
        finally:
            self.manager.store.close()


def open_server(directory: Path | None = None, *, is_class: bool = False, asks_login: bool = False) -> Server:
    """Open a data directory, for one person or for a class; errors as `launch`.

    Args:
        directory: The data directory; None takes `PLAYGROUND_DATA`, else the user's own.
        is_class: Its people are told apart.
        asks_login: They log in first.
    """
    settings = ServerSettings.read()
    manager = launch(directory)
    try:
        room = Classroom(manager.store, is_class=is_class, asks_login=asks_login, settings=settings)
        return Server(manager, room)
    except BaseException:
        manager.close()
        manager.store.close()
        raise
