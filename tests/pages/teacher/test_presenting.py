"""The teacher shows a page to everybody."""

import pytest

from playground.runs.stage import Stage
from tests.pages.helpers import linked, said, sent
from tests.people import ALI, KEY, MEI, TEACHER


def keys(app) -> set[str]:
    return {button.key for button in app.button}


def banners(app) -> list:
    return [p for p in app.get("bidi_component") if p.proto.component_name == "stage"]


def test_on_ones_own_machine_nothing_is_shown_nor_asked(page):
    app = page()
    assert not banners(app) and "show_to_all" not in keys(app)


def test_the_teacher_shows_a_page_as_it_stands(page, seen_by, others_run):
    server = seen_by(TEACHER)
    app = page("gates", run=others_run)
    app.button(key="show_to_all").click().run()
    assert not app.exception
    shown = server.stage.current()
    assert (shown.page, shown.words["run"]) == ("gates", others_run)
    assert "You show everybody: Gate lens" in said(app)
    assert sent(app, "stage")["version"] == server.news != "0-0"
    app.button(key="stop_showing").click().run()
    assert server.stage.current() is None and "stop_showing" not in keys(app)


def test_a_student_comes_along_and_goes_back(page, seen_by, others_run):
    server = seen_by(MEI)
    app = page("write", run=others_run, prefix="tide")
    assert "come_along" not in keys(app) and "show_to_all" not in keys(app)
    server.stage.show(server.classroom.person(TEACHER), "basics", {"view": "zipf"})
    app.run()
    assert "Your teacher shows: Basics · Zipf" in said(app)
    app.button(key="come_along").click().run()
    assert not app.exception and linked(app)["view"] == "zipf"
    assert app.session_state["page"] == "basics" and "come_along" not in keys(app)
    server.stage.stop(server.classroom.person(TEACHER))
    app.switch_page("basics/page.py")  # where the browser stands
    app.run()
    app.button(key="go_back").click().run()
    assert not app.exception and app.session_state["page"] == "write"
    assert linked(app)["run"] == others_run and "go_back" not in keys(app)


def test_who_has_gone_on_by_themselves_is_not_followed_by_a_way_back(page, seen_by, others_run):
    server = seen_by(MEI)
    app = page("write", run=others_run)
    server.stage.show(server.classroom.person(TEACHER), "basics", {"view": "zipf"})
    app.run()
    app.button(key="come_along").click().run()
    app.switch_page("train/page.py")
    app.run()
    assert "go_back" in keys(app)  # it is still shown: there and back
    server.stage.stop(server.classroom.person(TEACHER))
    app.run()
    assert "go_back" not in keys(app) and "shows nothing" not in said(app)


def test_another_teachers_page_is_told_as_theirs(page, seen_by):
    server = seen_by(TEACHER)
    server.classroom.become_teacher(server.classroom.person(ALI), KEY)
    server.stage.show(server.classroom.person(ALI), "basics", {"view": "zipf"})
    app = page()
    assert "Your teacher shows: Basics · Zipf" in said(app)
    assert {"come_along", "stop_showing"} <= keys(app)


def test_coming_along_on_the_same_page_changes_its_address(page, seen_by):
    server = seen_by(MEI)
    app = page("basics", view="zipf", lang="zh")
    server.stage.show(server.classroom.person(TEACHER), "basics", {"view": "markov"})
    app.run()
    app.button(key="come_along").click().run()
    assert not app.exception and (linked(app)["view"], linked(app)["lang"]) == ("markov", "zh")
    app.button(key="go_back").click().run()
    assert not app.exception and linked(app)["view"] == "zipf"


def test_a_page_that_is_at_its_usual_is_shown_so(page, seen_by):
    server = seen_by(MEI)
    app = page(hidden_size=16)
    server.stage.show(server.classroom.person(TEACHER), "train", {})
    app.run()
    app.button(key="come_along").click().run()
    assert not app.exception and "hidden_size" not in linked(app)
    app.button(key="go_back").click().run()
    assert linked(app)["hidden_size"] == "16"


def test_a_teacher_who_has_clicked_on_can_show_that_instead(page, seen_by, others_run):
    server = seen_by(TEACHER)
    app = page("gates", run=others_run)
    app.button(key="show_to_all").click().run()
    assert "show_this" not in keys(app)
    app.switch_page("basics/page.py")
    app.query_params.clear()
    app.query_params["view"] = "zipf"
    app.run()
    assert "You show everybody: Gate lens" in said(app)
    app.button(key="show_this").click().run()
    shown = server.stage.current()
    assert (shown.page, shown.words["view"]) == ("basics", "zipf")
    assert "You show everybody: Basics · Zipf" in said(app) and "show_this" not in keys(app)


def test_a_run_of_that_name_is_shown_letter_for_letter(page, seen_by, others_run, manager):
    manager.store.rename(others_run, "[x](http://evil.example) **b**")
    server = seen_by(MEI)
    server.stage.show(server.classroom.person(TEACHER), "gates", {"run": others_run})
    app = page()
    assert r"\[x\](http:" in said(app) and r"\*\*b\*\*" in said(app)


def test_words_that_do_not_fit_are_told_as_in_any_address(page, seen_by):
    server = seen_by(MEI)
    app = page()
    server.stage.show(
        server.classroom.person(TEACHER), "train", {"hidden_size": "-3", "view": "nowhere", "run": "no such"}
    )
    app.run()
    app.button(key="come_along").click().run()
    assert not app.exception and "'-3'" in said(app) and "There is no run" in said(app)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_students_are_told_that_everything_stands_still(page, seen_by, others_run, lang):
    server = seen_by(MEI)
    server.standstill.pause_all(server.classroom.person(TEACHER))
    app = page(lang=lang)
    assert len(app.info) == 1 and sent(app, "stage")["version"].endswith("-1")


def test_a_press_of_somebody_who_is_no_teacher_any_more_shows_nothing(page, seen_by):
    server = seen_by(TEACHER)
    app = page("basics", view="zipf")
    seen_by(MEI)
    app.button(key="show_to_all").click().run()
    assert server.stage.current() is None and isinstance(server.stage, Stage)
    assert "Only the teacher can show a page to everybody." in said(app)
