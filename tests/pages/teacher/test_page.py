"""The teacher's page, as everybody sees it."""

import csv
import io

import pytest

from pages.shared import state
from pages.teacher.table import csv_of
from playground.records import RunStatus
from playground.runs.classroom import Classroom
from playground.runs.server import Server
from playground.server_settings import ServerSettings
from tests.helpers import some_text, tiny_config, until
from tests.pages.helpers import said, sent

MEI, TEACHER = "a" * 32, "c" * 32
KEY = "the-teachers-key"


@pytest.fixture
def seen_by(manager, monkeypatch):
    """Makes the pages those of a class, seen by whoever is named."""
    settings = ServerSettings(teacher_key=KEY)
    server = Server(manager, Classroom(manager.store, is_class=True, settings=settings))
    state.server.clear()
    monkeypatch.setattr(state, "open_server", lambda **more: server)
    room = server.classroom
    room.become_teacher(room.person(TEACHER), KEY)

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


def keys(app) -> set[str]:
    return {button.key for button in app.button}


def test_on_ones_own_machine_the_page_says_whom_it_is_for(page):
    app = page("teacher")
    assert "teacher of a class" in said(app) and not {"pause_all", "resume_all"} & keys(app)


@pytest.mark.parametrize("who", [MEI, None])
def test_a_student_gets_one_sentence_and_no_run(page, seen_by, training, who):
    seen_by(who)
    app = page("teacher")
    assert "teacher of a class" in said(app) and not {"pause_all", "resume_all"} & keys(app)
    assert not [p for p in app.get("bidi_component") if p.proto.component_name == "wall"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_wall_has_words_for_all_that_its_route_tells(page, seen_by, training, lang):
    server = seen_by(TEACHER)
    app = page("teacher", lang=lang)
    data = sent(app, "wall")
    labels = data["labels"]
    card = server.wall.look(server.classroom.person(TEACHER)).cards[0]
    assert set(labels["statuses"]) == set(RunStatus) and set(labels["troubles"]) >= {"stuck", "silent"}
    assert data["texts"][card.settings.get("corpus", server.manager.store.get(training).config.corpus.corpus)]
    assert {"hidden_size", "lr", "cell"} <= set(data["settings"])
    assert (labels["open"] == "Open") is (lang == "en")


def test_everything_is_paused_and_goes_on(page, seen_by, training, manager):
    seen_by(TEACHER)
    app = page("teacher")
    app.button(key="pause_all").click().run()
    assert not app.exception and "Everything is paused" in said(app)
    until(lambda: manager.store.get(training).status is RunStatus.PAUSED)
    app.button(key="resume_all").click().run()
    until(lambda: manager.store.get(training).status is RunStatus.RUNNING)
    assert "Everything is paused" not in said(app) and "pause_all" in keys(app)


def test_a_press_of_somebody_who_is_no_teacher_any_more_is_refused(page, seen_by, training, manager):
    seen_by(TEACHER)
    app = page("teacher")
    seen_by(MEI)
    app.button(key="pause_all").click().run()
    assert not manager.is_held and manager.store.get(training).status is RunStatus.RUNNING


def test_the_table_has_a_row_a_run_and_no_formula(page, seen_by, training, manager):
    server = seen_by(TEACHER)
    server.classroom.rename(server.classroom.person(MEI), "=Mei")
    manager.store.rename(training, "@SUM(A1)")
    until(lambda: manager.store.get(training).train_loss is not None)
    manager.stop(training)
    manager.wait(training, 60)
    head, row = csv.reader(io.StringIO(csv_of(manager.store.all()).decode("utf-8-sig")))
    told = dict(zip(head, row, strict=True))
    assert (told["run"], told["owner"], told["name"]) == (training, "'=Mei", "'@SUM(A1)")
    assert told["hidden_size"] == "8" and float(told["train_perplexity"]) > 1
