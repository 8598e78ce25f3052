"""Which browser has logged in as whom, and for how long that counts."""

import threading

import pytest

from playground.access import Sharing
from playground.errors import NotAllowed, RunPrivate, StoreBusy
from playground.records import NOBODY, Account
from playground.runs.classroom import Classroom
from playground.runs.logins import LOGIN_SECONDS, Logins
from playground.runs.server import Server
from playground.server_settings import ServerSettings
from playground.store.people import LONGEST_NAME
from tests.helpers import Clock, tiny_config

PHONE, LAPTOP = "1" * 32, "2" * 32
"""Browsers, as the door tells them."""
MEI, ALI = Account("a" * 32, "Mei"), Account("b" * 32, "Ali")


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def logins(store, clock):
    return Logins(store.logins, clock)


@pytest.fixture
def room(store):
    return Classroom(
        store, is_class=True, asks_login=True, settings=ServerSettings(teacher_key="a-key-of-ours")
    )


def test_a_browser_is_whoevers_login_a_page_has_seen(logins):
    assert logins.person(PHONE) is logins.person(None) is logins.person("") is None
    assert logins.begin(PHONE, MEI) and logins.begin(LAPTOP, MEI)
    assert logins.person(PHONE) == logins.person(LAPTOP) == MEI.person


def test_a_persons_id_is_no_browser(logins):
    logins.begin(PHONE, MEI)
    assert logins.person(MEI.person) is None


def test_a_login_belongs_to_one_person(logins):
    logins.begin(PHONE, MEI)
    assert not logins.begin(PHONE, ALI)
    assert logins.person(PHONE) == MEI.person


def test_a_login_that_has_ended_does_not_come_back_and_the_others_stay(logins):
    logins.begin(PHONE, MEI)
    logins.begin(LAPTOP, MEI)
    logins.end(PHONE)
    assert logins.person(PHONE) is None
    assert not logins.begin(
        PHONE, MEI
    )  # another tab, whose session still has what Streamlit read at its start
    assert logins.person(PHONE) is None and logins.person(LAPTOP) == MEI.person


def test_nothing_ends_where_nobody_has_logged_in(logins):
    logins.end(PHONE)
    assert logins.begin(PHONE, MEI)


def test_a_server_that_starts_again_knows_who_has_logged_in_and_out(logins, store, clock):
    logins.begin(PHONE, MEI)
    logins.begin(LAPTOP, ALI)
    logins.end(LAPTOP)
    again = Logins(store.logins, clock)
    assert again.person(PHONE) == MEI.person
    assert again.person(LAPTOP) is None and not again.begin(LAPTOP, ALI)


def test_a_login_is_over_when_streamlits_cookie_is(logins, store, clock):
    logins.begin(PHONE, MEI)
    clock.now = LOGIN_SECONDS
    assert logins.person(PHONE) == MEI.person and logins.begin(PHONE, MEI)
    clock.now += 1
    assert logins.person(PHONE) is None and not logins.begin(PHONE, MEI)
    assert not Logins(store.logins, clock).begin(PHONE, MEI)


def test_logins_that_are_long_over_are_forgotten(logins, store, clock):
    logins.begin(PHONE, MEI)
    clock.now = 3 * LOGIN_SECONDS + 1
    logins.begin(LAPTOP, MEI)
    assert set(store.logins.all()) == {LAPTOP}


def test_a_damaged_row_is_nobodys_login(store, clock):
    store._database.put("logins", {"id": PHONE, "person": b"\xff", "since": 0.0})
    store._database.put("logins", {"id": LAPTOP, "person": MEI.person, "since": "soon"})
    assert Logins(store.logins, clock).person(PHONE) is None
    assert Logins(store.logins, clock).person(LAPTOP) is None


def test_whoever_logs_out_while_the_database_is_locked_has_no_rights_from_then_on(logins, monkeypatch):
    def locked(id: str) -> None:
        raise StoreBusy("The database is locked.")

    logins.begin(PHONE, MEI)
    monkeypatch.setattr(logins._table, "end", locked)
    with pytest.raises(StoreBusy):
        logins.end(PHONE)
    assert logins.person(PHONE) is None and not logins.begin(PHONE, MEI)


def test_a_login_that_could_not_be_written_has_not_begun(logins, monkeypatch):
    def locked(*args, **more) -> None:
        raise StoreBusy("The database is locked.")

    with monkeypatch.context() as patched:
        patched.setattr(logins._table, "begin", locked)
        with pytest.raises(StoreBusy):
            logins.begin(PHONE, MEI)
    assert logins.person(PHONE) is None
    assert logins.begin(PHONE, MEI)


def test_who_comes_first_is_called_as_their_provider_says_and_then_as_they_say(room):
    assert room.log_in(PHONE, MEI)
    person = room.person(PHONE)
    assert (person.id, person.name, person.number) == (MEI.person, "Mei", 1)
    room.rename(person, "小雨")
    assert room.log_in(LAPTOP, Account(MEI.person, "Mei Lin"))
    assert room.person(LAPTOP).name == "小雨"
    room.rename(person, "")
    room.log_out(PHONE)
    assert room.log_in("3" * 32, MEI) and room.person("3" * 32).name == ""


@pytest.mark.parametrize(
    ("name", "kept"), [("", ""), (" a\u202e\nb ", "a b"), ("x" * 31, "x" * LONGEST_NAME), ("<b>", "<b>")]
)
def test_any_name_may_come_from_a_provider(room, name, kept):
    assert room.log_in(PHONE, Account("c" * 32, name))
    assert room.person(PHONE).name == kept


@pytest.mark.parametrize(("told", "account"), [(None, MEI), ("", MEI), (PHONE, None), (None, None)])
def test_a_login_without_its_cookie_and_a_cookie_without_its_login_are_nobodys(room, told, account):
    assert not room.log_in(told, account)
    assert room.person(told) is NOBODY and room.id_of(told) is None


def test_nobody_is_shown_a_run_and_asked_to_log_in_first(room):
    with pytest.raises(NotAllowed, match="Log in first"):
        room.require_joined(room.person(PHONE))
    assert room.sharing_with(room.person(PHONE)) is Sharing.PRIVATE
    room.log_in(PHONE, MEI)
    room.require_joined(room.person(PHONE))
    assert room.sharing_with(room.person(PHONE)) is Sharing.PUBLIC


def test_a_page_that_was_drawn_before_the_log_out_has_nothing_more_to_draw(room, make_manager, store):
    server = Server(make_manager(), room)
    id = store.create(tiny_config(), "Mine", MEI.person).id
    room.log_in(PHONE, MEI)
    assert [run.id for run in server.runs_of(PHONE).all()] == [id]
    room.log_out(PHONE)
    here = server.runs_of(PHONE)
    assert here.all() == here.everything() == []
    with pytest.raises(RunPrivate):
        here.get(id)
    with pytest.raises(RunPrivate):
        here.stop(id)
    server.deletions.close()


def test_the_teachers_key_makes_a_teacher_of_a_person_on_all_their_browsers(room):
    for told, account in ((PHONE, MEI), (LAPTOP, MEI), ("3" * 32, ALI)):
        room.log_in(told, account)
    room.become_teacher(room.person(PHONE), "a-key-of-ours")
    assert room.person(LAPTOP).is_teacher and not room.person("3" * 32).is_teacher
    room.log_out(PHONE)
    assert not room.person(PHONE).is_teacher and room.person(LAPTOP).is_teacher


def test_the_code_of_the_class_is_asked_for_after_the_login(store):
    room = Classroom(store, is_class=True, asks_login=True, settings=ServerSettings(join_code="8472"))
    with pytest.raises(NotAllowed, match="Log in first"):
        room.require_joined(room.person(PHONE))
    room.log_in(PHONE, MEI)
    with pytest.raises(NotAllowed, match="asks for its code"):
        room.require_joined(room.person(PHONE))
    room.join(room.person(PHONE), "8472")
    room.require_joined(room.person(PHONE))


@pytest.mark.parametrize("is_class", [True, False])
def test_where_nobody_logs_in_the_door_tells_a_person(store, is_class):
    room = Classroom(store, is_class=is_class)
    assert room.log_in(None, None) and room.log_in(PHONE, None)
    assert not room.asks_login and room.id_of(PHONE) == PHONE
    room.log_out(PHONE)
    assert room.id_of(PHONE) == PHONE and room.sharing_with(room.person(None)) is Sharing.PUBLIC


def test_a_name_that_came_with_a_log_in_is_seen_at_once(store):
    person = "f" * 32
    assert store.people.get(person).name == ""  # somebody asked before
    store.logins.begin("a" * 32, Account(person, "Mei Lin"), 1.0, forget_before=0.0)
    assert store.people.get(person).name == "Mei Lin"


def test_who_is_known_waits_for_nobody_who_logs_in_while_the_database_is_locked(store, logins, monkeypatch):
    logins.begin(PHONE, MEI)
    begun, go = threading.Event(), threading.Event()

    def locked(*args, **more):
        begun.set()
        assert go.wait(30)
        raise StoreBusy("locked")

    monkeypatch.setattr(store.logins, "begin", locked)

    def come():
        with pytest.raises(StoreBusy):
            logins.begin(LAPTOP, ALI)

    waiting = threading.Thread(target=come)
    waiting.start()
    assert begun.wait(30)
    assert logins.begin(PHONE, MEI)  # or this would hang
    logins.end(PHONE)
    assert not logins.begin(PHONE, MEI)
    go.set()
    waiting.join(30)
    assert logins.person(LAPTOP) is None


def test_log_ins_of_long_ago_are_forgotten_in_memory_too(logins, clock):
    logins.begin(PHONE, MEI)
    clock.now += 4 * LOGIN_SECONDS
    logins.begin(LAPTOP, ALI)
    assert set(logins._known) == {LAPTOP}
