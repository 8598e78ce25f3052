"""A class with a teacher, seen by one of its people after the other."""

import pytest

from pages.shared import state
from playground.records import RunStatus
from playground.runs.server import Server
from tests.helpers import some_text, tiny_config, until
from tests.people import MEI, class_server


@pytest.fixture
def seen_by(manager, monkeypatch):
    """Makes the pages those of a class, seen by whoever is named."""
    server = class_server(manager)
    state.server.clear()
    monkeypatch.setattr(state, "open_server", lambda **more: server)

    def see(who: str | None) -> Server:
        monkeypatch.setattr(state, "told_person", lambda: who)
        return server

    yield see
    server.deletions.close()


@pytest.fixture
def training(manager):
    """A run of Mei's that trains until somebody stops it."""
    corpus = manager.store.library.add("Some text", some_text(600)).id
    id = manager.start(tiny_config(corpus=corpus, epochs="off"), owner=MEI).id
    until(lambda: manager.store.get(id).status is RunStatus.RUNNING)
    return id
