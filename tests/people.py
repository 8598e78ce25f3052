"""A class for tests: Mei, Ali and their teacher."""

from __future__ import annotations

from playground.runs.classroom import Classroom
from playground.runs.manager import RunManager
from playground.runs.server import Server
from playground.server_settings import ServerSettings

MEI, ALI, TEACHER = "a" * 32, "b" * 32, "c" * 32
"""Ids, as the door tells them."""
KEY = "the-teachers-key"


def class_server(manager: RunManager, **settings: object) -> Server:
    """A server whose people are told apart, and whose teacher has entered the key; close its `deletions`.

    Args:
        manager: Trains.
        settings: As `ServerSettings` takes them.
    """
    chosen = ServerSettings(teacher_key=KEY, **settings)  # type: ignore[arg-type]
    server = Server(manager, Classroom(manager.store, is_class=True, settings=chosen))
    server.classroom.become_teacher(server.classroom.person(TEACHER), KEY)
    return server
