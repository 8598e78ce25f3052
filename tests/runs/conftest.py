"""A server for a class, and the manager that trains its runs."""

import pytest

from playground.runs.server import Server
from tests.people import class_server


@pytest.fixture
def manager(make_manager):
    return make_manager()


@pytest.fixture
def class_of(manager):
    """A server for a class, in which one person is the teacher."""
    servers = []

    def make(**settings) -> Server:
        servers.append(class_server(manager, runs_per_person="off", **settings))
        return servers[-1]

    yield make
    for server in servers:
        server.deletions.close()
