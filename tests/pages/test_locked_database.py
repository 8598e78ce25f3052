"""Pages while another program has locked the database: they wait, and come back as they were."""

from __future__ import annotations

import logging
import threading
from contextlib import ExitStack, contextmanager

import pytest

import pages.shared.failure  # noqa: F401  # takes the tracebacks away
from playground.errors import ConfigError, StoreBusy
from playground.records import RunStatus
from playground.runs.personal import PersonalRuns
from playground.store import database as database_module
from tests.helpers import some_text, tiny_config, until
from tests.pages.helpers import linked, said
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


def test_a_press_that_waits_is_done_to_its_run_also_when_another_one_was_opened_since(manager, page):
    corpus = manager.store.library.add("Some text", some_text()).id
    pressed, opened = (
        manager.start(tiny_config(corpus=corpus, epochs=epochs, sample_every=0)).id for epochs in ("off", 1)
    )
    until(lambda: manager.store.get(pressed).step > 3)
    app = page(run=pressed)
    with locked_until_a_page_waits(manager.store):
        app.query_params["run"] = opened
        app.button("stop").click().run()
    assert manager.wait(pressed, 60).status is RunStatus.STOPPED
    assert manager.wait(opened, 60).status is RunStatus.FINISHED
    assert linked(app)["run"] == opened and not app.error and not app.exception


def test_deleting_a_run_closes_no_other_that_was_opened_since(manager, page, trained):
    deleted, opened = trained(), trained(epochs=1)
    app = page(run=deleted)
    app.checkbox(key=f"sure_{deleted}").check().run()
    with locked_until_a_page_waits(manager.store):
        app.query_params["run"] = opened
        app.button("delete").click().run()
    assert [run.id for run in manager.store.all()] == [opened]
    assert linked(app)["run"] == opened and not app.error and not app.exception


def test_a_twin_that_waited_is_shown_beside_its_own_run_alone(manager, page, trained):
    run, opened = trained(max_grad_norm=0.01), trained(epochs=1)
    app = page(run=run)
    with locked_until_a_page_waits(manager.store):
        app.query_params["run"] = opened
        app.button("twin").click().run()
    (twin,) = [each for each in manager.store.all() if each.id not in (run, opened)]
    assert twin.config.train.max_grad_norm is None
    assert linked(app)["run"] == opened and "twin" not in linked(app) and not app.exception


def test_of_two_runs_that_a_press_starts_none_is_started_twice(manager, page, monkeypatch):
    start, asked = PersonalRuns.start, []

    def starting(here, config, *more):
        asked.append(config)
        if len(asked) == 2:
            raise StoreBusy("It is locked.")
        return start(here, config, *more)

    monkeypatch.setattr(PersonalRuns, "start", starting)
    app = page("directions", view="blanks")
    app.button(key="blanks_train").click().run()
    assert len(asked) == 3 and not app.exception
    first, second = reversed(manager.store.all())
    assert first.config != second.config and linked(app)["run"] == first.id


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
