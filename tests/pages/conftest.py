"""The pages on a data directory of their own, without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared import state
from playground.records import RunStatus
from playground.runs.launch import launch
from playground.runs.server import Server
from tests.helpers import some_text, tiny_config, until
from tests.people import MEI, class_server

ROOT = Path(__file__).parents[2]


def _forget() -> None:
    state.server.clear()
    state.gate_service.clear()
    state.checkpoint_cache.clear()
    state.text_service.clear()
    state.ngram_service.clear()
    state.reach_service.clear()
    state.bracket_service.clear()
    state.cell_service.clear()
    state.surgery_service.clear()


@pytest.fixture
def manager(tmp_path, monkeypatch):
    manager = launch(tmp_path, inline=True)
    _forget()
    server = Server(manager)
    monkeypatch.setattr(state, "open_server", lambda **more: server)
    yield manager
    server.deletions.close()
    manager.close()
    manager.store.close()
    _forget()


@pytest.fixture
def page(manager):
    def open_page(name: str | None = None, **link) -> AppTest:
        app = AppTest.from_file(str(ROOT / "pages" / "router.py"), default_timeout=20)
        if name is not None:  # AppTest knows the pages' names only after a run, which has to have no link
            if "lang" in link:
                app.query_params["lang"] = link["lang"]
            app.run()
            app.switch_page(f"{name}/page.py")
        for name, value in link.items():
            app.query_params[name] = str(value)
        app.run()
        assert not app.exception
        return app

    return open_page


@pytest.fixture
def trained(manager):
    """Train a small run to its end; return its id."""

    def make(**settings) -> str:
        corpus = manager.store.library.add("Some text", some_text(600)).id
        run = manager.start(tiny_config(**{"corpus": corpus, "epochs": 2, **settings}))
        assert manager.wait(run.id, 60).status is RunStatus.FINISHED
        return run.id

    return make


@pytest.fixture
def seen_by(manager, monkeypatch):
    """Makes the pages those of a class, seen by whoever is named; the settings are those of the first call."""
    made: list[Server] = []

    def see(who: str | None, **settings: object) -> Server:
        if not made:
            made.append(class_server(manager, **settings))
            state.server.clear()
            monkeypatch.setattr(state, "open_server", lambda **more: made[0])
        monkeypatch.setattr(state, "told_person", lambda: who)
        return made[0]

    yield see
    for server in made:
        server.deletions.close()


@pytest.fixture
def others_run(manager):
    """A run of Mei's that trains until somebody stops it."""
    corpus = manager.store.library.add("Some text", some_text(600)).id
    id = manager.start(tiny_config(corpus=corpus, epochs="off"), owner=MEI).id
    until(lambda: manager.store.get(id).status is RunStatus.RUNNING)
    return id
