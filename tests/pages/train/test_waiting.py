"""The page says who waits for a turn, and lets people take their own out."""

from __future__ import annotations

import pytest

from playground.records import RunStatus
from tests.helpers import some_text, tiny_config, until
from tests.pages.helpers import said, sent
from tests.people import ALI, MEI, TEACHER

ENDLESS = {"epochs": "off", "sample_every": 0}


@pytest.fixture
def start(manager):
    corpus = manager.store.library.add("Some text", some_text(600)).id
    return lambda owner, name="": manager.start(tiny_config(corpus=corpus, **ENDLESS), name, owner=owner).id


def line(app) -> list[str]:
    return [element.value for element in app.markdown if "\\. " in str(element.value)]


def test_nothing_is_said_of_waiting_where_nobody_waits(page, manager, start):
    id = start(None)
    until(lambda: manager.store.get(id).status is RunStatus.RUNNING)
    app = page(run=id)
    assert not app.expander or not any("Who waits" in box.label for box in app.expander)


def test_one_person_alone_sees_the_queue_without_names(page, manager, start):
    first, second, third = (start(None, name) for name in ("first", "second", "third"))
    until(lambda: manager.store.get(first).status is RunStatus.RUNNING)
    app = page(run=first)
    assert "Who waits for a turn: 2" in [box.label for box in app.expander]
    assert line(app) == ["1\\. second · after the runs before it", "2\\. third · after the runs before it"]
    app.button(key=f"cancel_{second}").click().run()
    assert not app.exception
    assert manager.store.get(second).status is RunStatus.STOPPED
    assert manager.queue_position(third) == 1


def test_in_a_class_owners_and_times_are_told_and_only_ones_own_can_be_taken_out(
    page, manager, start, seen_by
):
    seen_by(ALI)
    training = start(TEACHER, "endless")
    until(lambda: manager.store.get(training).status is RunStatus.RUNNING)
    manager._dispatcher.slices.clear()  # it keeps its place while we look
    meis, alis = start(MEI, "Mei's run"), start(ALI, "Ali's run")
    app = page(run=alis)
    first, second = line(app)
    assert "Mei's run" in first and "in about" in first
    assert "Ali's run · you · in about" in second
    keys = {button.key for button in app.button}
    assert f"cancel_{alis}" in keys and f"cancel_{meis}" not in keys


def test_while_the_teacher_has_paused_all_no_time_is_told(page, manager, start, seen_by):
    seen_by(ALI)
    manager.hold()
    id = start(ALI, "Mine")
    app = page(run=id)
    (told,) = line(app)
    assert told == "1\\. Mine · you · waits until the teacher resumes all runs"
    assert sent(app, "live_chart")["labels"]["held"] == "waits until the teacher resumes all runs"
    manager.release()
    until(lambda: manager.store.get(id).status is RunStatus.RUNNING)
    assert line(page(run=id)) == []


def test_a_run_taken_out_that_has_ended_meanwhile_is_told(page, manager, start):
    first, second = start(None, "first"), start(None, "second")
    app = page(run=first)
    manager.stop(second)
    app.button(key=f"cancel_{second}").click().run()
    assert not app.exception
    assert "is stopped, so it cannot be stopped" in said(app) + " ".join(error.value for error in app.error)


def test_the_panel_has_the_words_for_turns(page, start):
    words = sent(page(run=start(None)), "live_chart")["labels"]["turns"]
    assert set(words) == {"people", "person", "runs", "run", "next"}
    assert "{n}" in words["people"] and "{time}" in words["next"]
