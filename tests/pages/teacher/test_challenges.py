"""The teacher's challenges on the class's page."""

import pytest

from playground.config import ChallengeLimits, CorpusConfig
from playground.records import MACHINE
from tests.helpers import some_text
from tests.pages.helpers import linked, said, sent
from tests.people import MEI, TEACHER


def keys(app) -> set[str]:
    return {button.key for button in app.button}


def opened(app):
    """The box in which one is made is open."""
    app.session_state["challenge_menu"] = True
    return app.run()


def boards(app) -> list:
    return [p for p in app.get("bidi_component") if p.proto.component_name == "challenge"]


@pytest.fixture
def server(seen_by):
    return seen_by(TEACHER)


def begin(server, title="Rain", **limits):
    return server.challenges.make(MACHINE, title, CorpusConfig(), ChallengeLimits(**limits))


def test_where_there_is_none_only_the_way_to_one_is_drawn(page, server):
    app = page("teacher")
    assert not boards(app) and "end_challenge" not in keys(app)
    assert "make_challenge" in keys(opened(app))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_one_press_makes_it_and_its_board_and_link_are_there(page, server, lang):
    app = opened(page("teacher", lang=lang))
    app.text_input(key="challenge_title").set_value("Lesson 5")
    app.number_input(key="challenge_most_parameters").set_value(50_000)
    app.button(key="make_challenge").click().run()
    assert not app.exception
    (made,) = server.challenges.all(MACHINE)
    story = "the_tide_clock" if lang == "en" else "yujie_zhongbiao"
    assert (made.title, made.most_parameters, made.most_minutes, made.corpus.corpus) == (
        "Lesson 5",
        50_000,
        3.0,
        story,
    )
    assert linked(app)["challenge"] == made.id
    data = sent(app, "challenge")
    assert data["is_large"] and data["path"].endswith(f"{made.id}/board")
    assert "Lesson 5" in said(app) and "50,000" in said(app)
    assert any(f"/?challenge={made.id}" in code.value for code in app.code)


def test_its_box_closes_with_the_press_and_offers_another_when_it_is_opened_again(page, server):
    app = opened(page("teacher"))
    app.button(key="make_challenge").click().run()
    assert app.session_state["challenge_menu"] is False and "make_challenge" not in keys(app)
    opened(app).button(key="make_challenge").click().run()
    assert len(server.challenges.all(MACHINE)) == 2


def test_the_second_of_two_quick_presses_makes_no_other(page, server):
    app = opened(page("teacher"))
    app.session_state["challenges_made"] = 1  # the first has been done, and nothing drawn since
    app.button(key="make_challenge").click().run()
    assert server.challenges.all(MACHINE) == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_one_that_nobody_is_shown_says_so_and_showing_it_is_the_next_press(page, server, lang):
    begin(server)
    app = page("teacher", lang=lang)
    told = "Nobody is told of it by itself" if lang == "en" else "学生不会自动得知"
    assert told in said(app) and app.button(key="show_challenge").proto.type == "primary"
    app.button(key="show_challenge").click().run()
    assert told not in said(app) and app.button(key="show_challenge").proto.type == "secondary"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_its_link_says_the_limits_and_after_the_end_that_it_shows_the_board(page, server, lang):
    made = begin(server, most_parameters=60_000)
    app = page("teacher", challenge=made.id, lang=lang)
    link = f"/?challenge={made.id}"
    assert any(link in code.value for code in app.code)
    assert said(app).count("60,000") == 2  # beside the board, and at the link
    app.button(key="end_challenge").click().run()
    assert any(link in code.value for code in app.code) and said(app).count("60,000") == 1
    assert ("whoever opens the link sees its board" if lang == "en" else "打开链接可以看到排行榜") in said(
        app
    )


def test_an_emptied_limit_is_none(page, server):
    app = opened(page("teacher"))
    for name in ("most_parameters", "most_minutes"):
        app.number_input(key=f"challenge_{name}").set_value(None).run()
    app.button(key="make_challenge").click().run()
    (made,) = server.challenges.all(MACHINE)
    assert (made.most_parameters, made.most_minutes, made.title) == (None, None, "The Tide Clock")
    assert "Networks of any size. Best held-out perplexity." in said(app)


def test_what_cannot_be_is_told_and_nothing_is_made(page, server):
    app = opened(page("teacher"))
    app.number_input(key="challenge_held_out").set_value(0.0).run()
    app.button(key="make_challenge").click().run()
    assert server.challenges.all(MACHINE) == [] and "nothing is held out" in said(app)


def test_a_text_that_others_may_not_read_is_told(page, server):
    text = server.runs_of(MEI).texts.add("Diary", some_text(600)).id
    app = opened(page("teacher", corpus=text))
    app.button(key="make_challenge").click().run()
    assert server.challenges.all(MACHINE) == [] and "not shared with the class" in said(app)


def test_it_is_shown_to_everybody(page, server):
    made = begin(server)
    app = page("teacher")
    app.button(key="show_challenge").click().run()
    shown = server.stage.current()
    assert (shown.page, dict(shown.words)) == ("train", {"challenge": made.id})
    assert "You show everybody: Train · Rain" in said(app)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_it_is_ended_and_its_board_stays(page, server, lang):
    made = begin(server)
    app = page("teacher", lang=lang)
    app.button(key="end_challenge").click().run()
    assert not server.challenges.get(made.id).is_open
    assert boards(app) and not {"end_challenge", "show_challenge"} & keys(app)
    assert ("has ended" in said(app)) is (lang == "en")


@pytest.mark.parametrize("shown", [True, False])
def test_a_challenge_that_has_ended_is_not_shown_any_more_and_anything_else_still_is(page, server, shown):
    made = begin(server)
    words = {"challenge": made.id, "cell": "gru"} if shown else {"cell": "gru"}
    server.stage.show(server.classroom.person(TEACHER), "train", words)
    page("teacher").button(key="end_challenge").click().run()
    assert (server.stage.current() is None) is shown


def test_the_newest_open_one_is_shown_and_every_other_can_be_chosen(page, server):
    first, second = begin(server, "First"), begin(server, "Second")
    server.challenges.end(MACHINE, second.id)
    app = page("teacher")
    assert sent(app, "challenge")["path"].endswith(f"{first.id}/board")
    (choice,) = [box for box in app.selectbox if str(box.key).startswith("challenge_choice")]
    choice.set_value(second.id).run()
    assert (
        sent(app, "challenge")["path"].endswith(f"{second.id}/board")
        and linked(app)["challenge"] == second.id
    )


def test_where_all_have_ended_one_is_shown_only_when_it_is_chosen(page, server):
    made = begin(server)
    server.challenges.end(MACHINE, made.id)
    app = page("teacher")
    assert not boards(app) and "make_challenge" in keys(opened(app))
    (choice,) = [box for box in app.selectbox if str(box.key).startswith("challenge_choice")]
    choice.set_value(made.id).run()
    assert boards(app)


def test_a_press_of_somebody_who_is_no_teacher_any_more_is_refused(page, server, seen_by):
    made = begin(server)
    app = page("teacher")
    seen_by(MEI)
    app.button(key="end_challenge").click().run()
    assert server.challenges.get(made.id).is_open
    assert "Only the teacher can make a challenge, and end it." in said(app)


def test_a_student_sees_no_challenge_there(page, server, seen_by):
    made = begin(server)
    seen_by(MEI)
    app = page("teacher", challenge=made.id)
    assert not boards(app) and "make_challenge" not in keys(app)
