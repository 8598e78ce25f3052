"""The pages of a class, each as one of its people sees it."""

import pytest

from pages.shared.people import words
from pages.shared.twin import twin_config
from pages.teacher.table import csv_of
from playground.records import RunStatus
from tests.helpers import some_text, tiny_config, until
from tests.pages.helpers import choose, said, sent
from tests.people import ALI, KEY, MEI, TEACHER


def keys(app) -> set[str]:
    return {button.key for button in app.button}


def told(app) -> str:
    return " ".join(str(element.value) for kind in (app.caption, app.text, app.error) for element in kind)


def owner_told(app, id: str) -> str:
    """The owner's cell of a run in the list."""
    (row,) = [row for row in sent(app, "run_list")["rows"] if row["id"] == id]
    return row["cells"]["owner"]["text"]


def drawn(app) -> str:
    """Everything that a page was given to show, its charts and panels too."""
    protos = [element.proto for element in app.main if element.proto is not None]
    return "".join(proto.SerializeToString().decode("utf-8", "ignore") for proto in protos)


def test_one_person_sees_nothing_of_a_class(page, others_run):
    app = page(run=others_run)
    assert not {"own_name_", "teacher_key"} & {field.key for field in app.text_input}
    assert "whose" not in {group.key for group in app.get("button_group")}
    assert {"pause", "stop", "delete"} <= keys(app)
    assert "you can look at it" not in told(app)


def test_somebody_elses_run_can_be_looked_at_and_copied_and_nothing_else(page, seen_by, others_run):
    seen_by(ALI)
    app = page(run=others_run)
    assert not {"pause", "resume", "stop", "delete", "twin", f"name_{others_run}"} & keys(app)
    assert "This run is Guest" in told(app) and "copy its settings" in told(app)
    app.button(key="copy").click().run()
    assert not app.exception
    assert app.query_params["epochs"] == "off"


@pytest.mark.parametrize(
    ("who", "stops"), [(MEI, {"stop"}), (ALI, {"stop_twin"}), (TEACHER, {"stop", "stop_twin"})]
)
def test_of_a_run_and_its_twin_everybody_can_stop_their_own(page, seen_by, others_run, manager, who, stops):
    twin = manager.start(twin_config(manager.store.get(others_run)), owner=ALI).id
    seen_by(who)
    app = page(run=others_run, twin="on")
    assert {"stop", "stop_twin"} & keys(app) == stops
    if "stop_twin" in stops:
        app.button(key="stop_twin").click().run()
        assert manager.wait(twin, 60).status is RunStatus.STOPPED
        assert manager.store.get(others_run).status is RunStatus.RUNNING


@pytest.mark.parametrize("who", [MEI, TEACHER])
def test_owner_and_teacher_have_all_the_buttons(page, seen_by, others_run, who):
    seen_by(who)
    app = page(run=others_run)
    assert {"pause", "stop", "delete"} <= keys(app)
    assert "you can look at it" not in told(app)


def test_whose_run_a_teacher_has_stopped_is_told_and_may_resume(page, seen_by, others_run, manager):
    seen_by(TEACHER)
    page(run=others_run).button(key="stop").click().run()
    manager.wait(others_run, 60)
    seen_by(MEI)
    app = page(run=others_run)
    assert [w.value for w in app.warning] == ["Your teacher stopped it."] and "resume" in keys(app)


def test_a_press_that_a_page_should_not_have_drawn_is_refused_with_a_word(page, seen_by, others_run, manager):
    seen_by(MEI)
    app = page(run=others_run)  # drawn for its owner, whose cookie is then cleared
    seen_by(ALI)
    app.button(key="stop").click().run()
    assert manager.store.get(others_run).status is RunStatus.RUNNING
    assert "only they and the teacher can stop it" in told(app)


def test_a_teachers_link_marks_the_browser_and_leaves_no_key_in_the_address(page, seen_by, others_run):
    server = seen_by(ALI)
    app = page(run=others_run, teacher=KEY)
    assert server.classroom.person(ALI).is_teacher
    assert "teacher" not in app.query_params
    assert {"pause", "stop"} <= keys(app)


def test_a_wrong_key_is_told(page, seen_by):
    server = seen_by(ALI)
    app = page(teacher="wrong")
    assert not server.classroom.person(ALI).is_teacher
    assert "not the teacher's key" in told(app) and "teacher" not in app.query_params


def test_a_name_is_chosen_and_stands_in_the_list(page, seen_by, manager, others_run):
    seen_by(MEI)
    app = page(run=others_run)
    app.text_input(key="own_name_").set_value("Mei <b>").run()
    assert not app.exception and manager.store.people.get(MEI).name == "Mei <b>"
    assert owner_told(app, others_run) == "you"
    seen_by(ALI)
    assert owner_told(page(run=others_run), others_run) == "Mei <b>"


@pytest.mark.parametrize("name", ["gates", "write"])
def test_whoever_chooses_a_run_is_told_whose_it_is_unless_it_is_their_own(page, seen_by, manager, name):
    corpus = manager.store.library.add("Some text", some_text(600)).id
    for who in (MEI, ALI):
        run = manager.start(tiny_config(corpus=corpus, epochs=1), owner=who)
        manager.wait(run.id, 60)
    server = seen_by(ALI)
    server.classroom.rename(server.classroom.person(MEI), "Mei")
    own, others = page(name, run=run.id).selectbox(key="picked").options
    assert " · Mei · " in others and "Mei" not in own and " · you · " not in own
    assert others.startswith("LSTM 8 · Mei · ") and own.startswith("LSTM 8 · ")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_class_with_a_code_shows_nothing_before_it(page, seen_by, others_run, lang):
    server = seen_by(ALI, join_code="8472")
    app = page(run=others_run, lang=lang)
    assert len(app.header) == 1 and "start" not in keys(app)
    app.text_input(key="join_code").set_value("0000")
    app.button[0].click().run()
    assert app.error and server.classroom.needs_code(server.classroom.person(ALI))
    app.text_input(key="join_code").set_value("8472")
    app.button[0].click().run()
    assert not app.exception and "start" in keys(app)


def test_a_browser_without_cookies_may_look_and_is_told_why_it_may_not_start(
    page, seen_by, others_run, manager
):
    seen_by(None)
    app = page(run=others_run)
    app.button(key="start").click().run()
    assert "keeps no cookie" in told(app)
    assert len(manager.store.all()) == 1


def test_a_link_to_a_private_run_opens_no_run_and_says_why(page, seen_by, others_run):
    seen_by(ALI, sharing="private")
    for name in (None, "gates", "write"):
        app = page(name, run=others_run)
        assert "somebody else's" in " ".join(str(w.value) for w in app.warning), name


def test_the_teacher_hands_a_run_over(page, seen_by, others_run, manager):
    server = seen_by(TEACHER)
    server.classroom.rename(server.classroom.person(ALI), "Ali")
    app = page(run=others_run)
    assert "This run is Guest" in told(app) and "you can look at it" not in told(app)
    app.selectbox(key=f"owner_{others_run}_{MEI}").set_value(ALI).run()
    assert manager.store.get(others_run).owner == MEI  # a choice alone gives nothing away
    app.button(key="hand_over").click().run()
    assert not app.exception and manager.store.get(others_run).owner == ALI
    assert [toast.value for toast in app.toast] == ["It is Ali's now."] and "This run is Ali's." in told(app)
    assert app.button(key="hand_over").disabled
    assert not page(run=others_run).toast


def test_a_run_of_ones_own_says_nothing_of_its_owner(page, seen_by, others_run):
    seen_by(MEI)
    assert "This run is" not in told(page(run=others_run))


GONE = "are your runs gone?"


def test_whoever_may_have_lost_their_cookie_is_told_the_way_back(page, seen_by, others_run, manager):
    seen_by(ALI)
    assert GONE in said(page())
    manager.store.people.note(MEI)  # as whoever starts a run is noted
    seen_by(MEI)
    assert GONE not in said(page())
    seen_by(TEACHER)
    assert GONE not in said(page())
    server = seen_by(ALI)
    server.classroom.rename(server.classroom.person(ALI), "Ali")
    assert GONE not in said(page())


def test_a_name_that_somebody_else_has_is_taken_and_told_and_lists_tell_both_apart(
    page, seen_by, manager, others_run
):
    server = seen_by(ALI)
    server.classroom.rename(server.classroom.person(MEI), "Anna")
    alis = manager.start(manager.store.get(others_run).config, owner=ALI).id
    app = page(run=others_run)
    app.text_input(key="own_name_").set_value("Anna").run()
    assert not app.exception and manager.store.people.get(ALI).name == "Anna"
    sentence = "Somebody else here is called Anna, too. You stand in lists as 'Anna (2)'."
    assert sentence in said(app) and [toast.value for toast in app.toast] == [sentence]
    assert owner_told(choose(app, "whose", "class"), others_run) == "Anna"
    seen_by(TEACHER)
    app = page(run=alis)
    assert (owner_told(app, others_run), owner_told(app, alis)) == ("Anna", "Anna (2)")
    cards = server.wall.look(server.classroom.person(TEACHER)).cards
    assert {card.id: card.owner.name for card in cards} == {others_run: "Anna", alis: "Anna (2)"}
    assert {"Anna", "Anna (2)"} < set(
        csv_of(server, TEACHER, words()).decode().replace("\r\n", ",").split(",")
    )


def test_two_people_of_one_name_are_told_apart_when_a_run_is_handed_over(page, seen_by, others_run, manager):
    server = seen_by(TEACHER)
    for who in (MEI, ALI):
        server.classroom.rename(server.classroom.person(who), "Mei")
    box = page(run=others_run).selectbox(key=f"owner_{others_run}_{MEI}")
    assert sorted(option for option in box.options if "Mei" in option) == ["Mei", "Mei (2)"]
    assert len(set(box.options)) == len(box.options)
    box.set_value(ALI).run().button(key="hand_over").click().run()
    assert manager.store.get(others_run).owner == ALI


def test_a_deletion_can_be_undone(page, trained, manager):
    id = trained()
    app = page(run=id)
    app.checkbox(key=f"sure_{id}").check().run()
    app.button(key="delete").click().run()
    assert manager.store.all() == [] and "run" not in app.query_params
    assert "Deleted:" in " ".join(str(m.value) for m in app.markdown)
    (toast,) = app.toast
    assert "Deleted: 'LSTM 8'. “Undo” stands below the chart" in toast.value
    assert not app.run().toast
    app.button(key="undo_delete").click().run()
    assert [run.id for run in manager.store.all()] == [id] and app.query_params["run"] == id
    assert "undo_delete" not in keys(app)


def test_a_run_under_way_is_told_to_the_list_which_lets_nobody_tick_it(page, others_run, manager):
    waits = manager.start(manager.store.get(others_run).config).id
    manager.stop(others_run)
    manager.wait(others_run, 60)
    drawn = sent(page(), "run_list")
    assert {row["id"]: row["is_under_way"] for row in drawn["rows"]} == {waits: True, others_run: False}
    assert "stop it first" in drawn["labels"]["under_way"]


def test_of_several_deletions_those_come_back_that_can_and_the_others_are_told(page, trained, manager):
    ids = [trained(epochs=epochs) for epochs in (1, 2, 3)]
    app = page(run=ids[0])
    for id in ids:
        app.query_params["run"] = id
        app.run()
        app.checkbox(key=f"sure_{id}").check().run()
        app.button(key="delete").click().run()
        if id == ids[0]:
            manager.store.remove_hidden(0)  # for good
    app.button(key="undo_delete").click().run()
    assert not app.exception and {run.id for run in manager.store.all()} == set(ids[1:])
    assert "gone for good" in told(app) and "undo_delete" not in keys(app)


def test_a_run_started_on_a_page_is_that_persons(page, seen_by, manager):
    seen_by(MEI)
    corpus = manager.store.library.add("Some text", some_text(900)).id
    app = page(corpus=corpus, epochs=1, hidden_size=8, device="cpu")
    app.button(key="start").click().run()
    assert [run.owner for run in manager.store.all()] == [MEI], told(app)


def test_what_a_start_would_need_is_told_to_a_person_of_a_class(page, seen_by, manager):
    corpus = manager.store.library.add("Some text", some_text(2_000)).id
    long = {"corpus": corpus, "hidden_size": 512, "epochs": 5_000, "batch_size": 8, "num_steps": 5}
    seen_by(ALI)
    assert "when it is alone" in told(page(**long))
    assert "when it is alone" not in told(page(**long | {"epochs": 1}))


def test_a_start_beyond_a_persons_share_is_refused_with_the_way_out(page, seen_by, manager, others_run):
    seen_by(MEI)
    manager.store.settings.put({"runs_per_person": 1})
    app = page(run=others_run)
    app.button(key="start").click().run()
    assert "Runs of yours that wait, train or were paused just now: 1." in told(app)
    assert len(manager.store.all()) == 1


@pytest.fixture
def unshared(manager):
    """A finished run of Mei's on a text that she has not shared."""
    corpus = manager.store.library.add("Mei's diary", some_text(900), MEI).id
    id = manager.start(tiny_config(corpus=corpus, epochs=1), owner=MEI).id
    manager.wait(id, 60)
    return id


@pytest.mark.parametrize("name", [None, "gates", "write", "basics", "gradients", "directions"])
def test_a_run_on_somebody_elses_text_opens_on_every_page(page, seen_by, unshared, name):
    seen_by(ALI)
    app = page(name, run=unshared)
    assert not app.exception and not app.error, told(app)


def test_a_set_up_with_somebody_elses_text_says_why_it_is_another_one(page, seen_by, unshared):
    seen_by(ALI)
    app = page(run=unshared)
    app.button(key="copy").click().run()
    assert not app.exception
    said = " ".join(str(w.value) for w in app.warning)
    assert "The text \"Mei's diary\" is somebody else's, and not shared" in said.replace("\\", "")
    assert app.selectbox(key="corpus").value == "the_tide_clock"


def test_a_start_on_a_text_that_is_not_shared_any_more_says_so_once(page, seen_by, manager):
    server = seen_by(ALI)
    mei = server.runs_of(MEI).texts
    corpus = mei.add("Mei's diary", some_text(900)).id
    mei.share(corpus, True)
    app = page(corpus=corpus)
    mei.share(corpus, False)
    app.button(key="start").click().run()
    assert not app.exception and manager.store.all() == []
    told = [e.value for kind in (app.warning, app.error) for e in kind if "not shared" in e.value]
    assert len(told) == 1 and app.selectbox(key="corpus").value == "the_tide_clock"


DIARY = "щжю ыэя щжю ёфц ыэя щжю " * 40
"""No text that comes with the playground has any of its letters."""


@pytest.mark.parametrize("view", ["markov", "zipf", "perplexity"])
def test_a_link_to_somebody_elses_text_shows_none_of_it(page, seen_by, manager, view):
    corpus = manager.store.library.add("Mei's diary", DIARY, MEI).id
    seen_by(MEI)
    link = {"view": view, "corpus": corpus}
    assert set("щжю") <= set(drawn(page("basics", **link)))
    seen_by(ALI)
    app = page("basics", **link)
    assert not (set(DIARY) - {" "}) & set(drawn(app))
    assert "not shared" in said(app)


@pytest.mark.parametrize("name", ["gates", "write", "directions"])
def test_a_page_of_anothers_run_does_not_begin_with_a_text_that_is_not_shared(page, seen_by, manager, name):
    """More than the words with which its samples begin, which the run itself shows."""
    corpus = manager.store.library.add("Mei's diary", DIARY, MEI).id
    more = {"bidirectional": True, "objective": "masked"} if name == "directions" else {}
    run = manager.start(tiny_config(corpus=corpus, epochs=1, max_tokens=600, **more), owner=MEI).id
    manager.wait(run, 60)
    views = {"directions": {"view": "blanks"}, "gates": {"view": "heatmap"}}
    link = {"run": run} | views.get(name, {})
    seen_by(MEI)
    assert DIARY[:18] in drawn(page(name, **link)).replace("_", " ")
    seen_by(ALI)
    assert DIARY[:18] not in drawn(page(name, **link)).replace("_", " ")


LESSONS = {
    "trap": ({"bidirectional": True}, "directions"),
    "blanks": ({"bidirectional": True, "objective": "masked"}, "directions"),
}


@pytest.mark.parametrize("view", LESSONS)
def test_a_lesson_shows_anothers_run_without_a_stop_and_ones_own_first(page, seen_by, manager, view):
    settings, name = LESSONS[view]
    corpus = manager.store.library.add("Some text", some_text(600)).id
    config = tiny_config(corpus=corpus, epochs="off", **settings)
    others = manager.start(config, owner=MEI).id
    seen_by(ALI)
    until(lambda: manager.store.get(others).status is RunStatus.RUNNING)
    app = page(name, view=view)
    assert app.query_params["run"] == others and f"{view}_stop" not in keys(app)
    own = manager.start(config, owner=ALI).id
    newest = manager.start(config, owner=MEI).id
    app = page(name, view=view)
    assert app.query_params["run"] == own and own != newest
    assert f"{view}_stop" in keys(app)


def test_a_press_of_stop_on_a_lesson_that_was_drawn_for_another_is_refused_with_a_word(
    page, seen_by, manager
):
    corpus = manager.store.library.add("Some text", some_text(600)).id
    settings, name = LESSONS["trap"]
    id = manager.start(tiny_config(corpus=corpus, epochs="off", **settings), owner=MEI).id
    seen_by(MEI)
    until(lambda: manager.store.get(id).status is RunStatus.RUNNING)
    app = page(name, view="trap", run=id)
    seen_by(ALI)
    app.button(key="trap_stop").click().run()
    assert not app.exception and manager.store.get(id).status is RunStatus.RUNNING
    assert "only they and the teacher can stop it" in told(app)
