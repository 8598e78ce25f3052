"""The teacher's page, as everybody sees it."""

import csv
import io

import pytest

from pages.shared.people import Words
from pages.teacher.table import csv_of
from playground.errors import NotAllowed
from playground.records import RunStatus
from playground.records.wall import Caveat
from tests.helpers import until
from tests.pages.helpers import said, sent
from tests.people import MEI, TEACHER

WORDS = Words(machine="the server", guest="Guest", guest_n="Guest {n}")


def keys(app) -> set[str]:
    return {button.key for button in app.button}


def test_on_ones_own_machine_the_page_says_whom_it_is_for(page):
    app = page("teacher")
    assert "teacher of a class" in said(app) and not {"pause_all", "resume_all"} & keys(app)


@pytest.mark.parametrize("who", [MEI, None])
def test_a_student_gets_one_sentence_and_no_run(page, seen_by, others_run, who):
    seen_by(who)
    app = page("teacher")
    assert "teacher of a class" in said(app) and not {"pause_all", "resume_all"} & keys(app)
    assert not [p for p in app.get("bidi_component") if p.proto.component_name == "wall"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_wall_has_words_for_all_that_its_route_tells(page, seen_by, others_run, lang):
    server = seen_by(TEACHER)
    app = page("teacher", lang=lang)
    data = sent(app, "wall")
    labels = data["labels"]
    card = server.wall.look(server.classroom.person(TEACHER)).cards[0]
    assert set(labels["statuses"]) == set(RunStatus) and set(labels["troubles"]) >= {"stuck", "silent"}
    assert data["texts"][
        card.settings.get("corpus", server.manager.store.get(others_run).config.corpus.corpus)
    ]
    assert {"hidden_size", "lr", "cell"} <= set(data["settings"]) and set(labels["caveats"]) == set(Caveat)
    directions, epochs = data["settings"]["bidirectional"], data["settings"]["epochs"]
    if lang == "en":
        assert (directions["alone"]["true"], directions["words"]["false"]) == ("Two directions", "off")
        assert epochs["alone"]["null"] == "Until stopped"
    else:
        assert (directions["alone"]["true"], directions["words"]["false"]) == ("双向", "关")
    assert set(labels["people"]) == {"machine", "guest", "guest_n"} and "{n}" in labels["people"]["guest_n"]
    assert (labels["open"] == "Open") is (lang == "en")


def test_everything_is_paused_and_goes_on(page, seen_by, others_run, manager):
    seen_by(TEACHER)
    app = page("teacher")
    app.button(key="pause_all").click().run()
    assert not app.exception and "Everything is paused" in said(app)
    until(lambda: manager.store.get(others_run).status is RunStatus.PAUSED)
    app.button(key="resume_all").click().run()
    until(lambda: manager.store.get(others_run).status is RunStatus.RUNNING)
    assert "Everything is paused" not in said(app) and "pause_all" in keys(app)


def test_a_press_of_somebody_who_is_no_teacher_any_more_is_refused(page, seen_by, others_run, manager):
    seen_by(TEACHER)
    app = page("teacher")
    seen_by(MEI)
    app.button(key="pause_all").click().run()
    assert not manager.is_held and manager.store.get(others_run).status is RunStatus.RUNNING
    assert "Only the teacher can pause and resume all runs." in said(app)


def test_the_table_has_a_row_a_run_and_no_formula(page, seen_by, others_run, manager):
    server = seen_by(TEACHER)
    server.classroom.rename(server.classroom.person(MEI), "=Mei")
    manager.store.rename(others_run, "@SUM(A1)")
    until(lambda: manager.store.get(others_run).train_loss is not None)
    manager.stop(others_run)
    manager.wait(others_run, 60)
    head, row = csv.reader(io.StringIO(csv_of(server, TEACHER, WORDS).decode("utf-8-sig")))
    told = dict(zip(head, row, strict=True))
    assert (told["run"], told["owner"], told["name"]) == (others_run, "'=Mei", "'@SUM(A1)")
    assert (told["status"], told["trouble"], told["text"]) == ("stopped", "", "Some text")
    with pytest.raises(NotAllowed):
        csv_of(server, MEI, WORDS)
    assert told["hidden_size"] == "8" and float(told["train_perplexity"]) > 1
