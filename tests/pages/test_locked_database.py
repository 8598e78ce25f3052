"""Pages while another program has locked the database: they wait, and come back as they were."""

from __future__ import annotations

import logging
import threading
from contextlib import ExitStack, contextmanager

import pytest

import pages.shared.failure  # noqa: F401  # takes the tracebacks away
from playground.errors import ConfigError, StoreBusy
from playground.records import RunStatus
from playground.store import database as database_module
from tests.helpers import some_text, tiny_config, until
from tests.pages.helpers import said
from tests.runs.test_locked_database import locked


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(database_module, "_BUSY_SECONDS", 0.2)


class Listener(logging.Handler):
    """Tells when a page has begun to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.waits = threading.Event()
        self.times = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.times += 1
        self.waits.set()


@contextmanager
def locked_until_a_page_waits(store):
    """The database is locked from here until a page has said that it waits."""
    listener, log = Listener(), logging.getLogger("pages.shared.patience")
    log.addHandler(listener)
    with ExitStack() as lock:
        lock.enter_context(locked(store, "EXCLUSIVE"))
        thread = threading.Thread(target=lambda: (listener.waits.wait(30), lock.close()))
        thread.start()
        yield listener
        thread.join()
    log.removeHandler(listener)


@pytest.mark.parametrize("name", [None, "write", "gates", "gradients"])
def test_a_page_waits_for_the_database_and_is_then_drawn_whole(manager, page, trained, name):
    id = trained()
    app = page(name, run=id)
    before = said(app)
    with locked_until_a_page_waits(manager.store) as listener:
        app.run()
    assert listener.times >= 1
    assert said(app) == before
    assert not app.error
    assert not app.exception


def test_what_is_pressed_meanwhile_is_done_as_soon_as_the_database_is_free(manager, page):
    corpus = manager.store.library.add("Some text", some_text()).id
    run = manager.start(tiny_config(corpus=corpus, epochs="off", sample_every=0)).id
    until(lambda: manager.store.get(run).step > 3)
    app = page(run=run)
    with locked_until_a_page_waits(manager.store):
        app.button("pause").click().run()
    until(lambda: manager.store.get(run).status is RunStatus.PAUSED)
    assert not app.error
    manager.stop(run)
    assert manager.wait(run, 60).status is RunStatus.STOPPED


def test_an_error_of_ours_is_one_line_of_the_log(caplog):
    log = logging.getLogger("streamlit.error_util")
    log.addHandler(caplog.handler)
    try:
        for error in (
            StoreBusy("It is locked."),
            ConfigError("It is {value}.", value=7),
            ValueError("a bug"),
        ):
            try:
                raise error
            except Exception as raised:
                log.error("Uncaught app execution", exc_info=raised)
    finally:
        log.removeHandler(caplog.handler)
    lines = [caplog.handler.format(record) for record in caplog.records]
    assert [line.count("\n") for line in lines[:2]] == [0, 0]
    assert "A page said: It is 7." in lines[1]
    assert "Traceback" in lines[2]
