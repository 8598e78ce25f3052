"""The pages of a server whose people log in, before and after it."""

import pytest
import streamlit

from pages.shared import state
from playground.errors import StoreBusy
from playground.identity import Identity
from playground.oidc import Oidc
from playground.records import Account, RunStatus
from playground.runs.classroom import Classroom
from playground.runs.server import Server
from playground.server_settings import ServerSettings
from tests.helpers import some_text, tiny_config, until

PHONE, LAPTOP = "1" * 32, "2" * 32
MEI, ALI = Account("a" * 32, "Mei <b>"), Account("b" * 32, "Ali")
KEY = "the-teachers-key"


class Browser:
    """What the door and Streamlit tell of whoever looks at a page."""

    def __init__(self) -> None:
        self.told: str | None = None
        self.account: Account | None = None
        self.providers: tuple[str, ...] = ("",)

    def has(self, told: str | None, account: Account | None) -> None:
        self.told, self.account = told, account


@pytest.fixture
def browser(monkeypatch):
    browser = Browser()
    monkeypatch.setattr(state, "told_person", lambda: browser.told)
    monkeypatch.setattr(state, "told_account", lambda: browser.account)
    monkeypatch.setattr(state, "identity", lambda: Identity(True, oidc=Oidc(browser.providers, "s" * 32)))
    return browser


@pytest.fixture
def login_server(manager, monkeypatch):
    servers = []

    def make(**settings) -> Server:
        chosen = ServerSettings(teacher_key=KEY, **settings)
        room = Classroom(manager.store, is_class=True, asks_login=True, settings=chosen)
        server = Server(manager, room)
        servers.append(server)
        state.server.clear()
        monkeypatch.setattr(state, "open_server", lambda **more: server)
        return server

    yield make
    for server in servers:
        server.deletions.close()


@pytest.fixture
def leaving(monkeypatch):
    """Notes how Streamlit is asked to log somebody out."""
    asked = []
    monkeypatch.setattr(streamlit, "logout", lambda: asked.append("out"))
    return asked


@pytest.fixture
def training(manager):
    """A run of Mei's that trains until somebody stops it."""
    corpus = manager.store.library.add("Some text", some_text(600)).id
    id = manager.start(tiny_config(corpus=corpus, epochs="off"), owner=MEI.person).id
    until(lambda: manager.store.get(id).status is RunStatus.RUNNING)
    return id


def keys(app) -> set[str]:
    return {button.key for button in app.button}


def is_log_in_page(app) -> bool:
    """There is the way to log in, and nothing of runs."""
    return (
        len(app.header) == 1
        and all(str(key).startswith("log_in") for key in keys(app))
        and len(keys(app)) > 0
        and not app.text_input
        and not app.get("bidi_component")
    )


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", [None, "gates", "write", "teacher"])
def test_whoever_has_not_logged_in_sees_the_way_to_it_and_nothing_else(
    page, login_server, browser, training, name, lang
):
    login_server()
    for told, account in ((None, None), (PHONE, None), (None, MEI)):
        browser.has(told, account)
        app = page(name, run=training, lang=lang)
        assert is_log_in_page(app) and app.button[0].label == {"en": "Log in", "zh": "登录"}[lang]


def test_each_provider_has_a_button(page, login_server, browser):
    login_server()
    browser.providers = ("google", "*school*")
    app = page()
    assert [button.label for button in app.button] == ["Log in with google", r"Log in with \*school\*"]


def test_a_login_gives_its_rights_on_every_browser_and_others_none(
    page, login_server, browser, training, manager
):
    login_server()
    browser.has(LAPTOP, ALI)
    assert not {"pause", "stop", "delete"} & keys(page(run=training))
    browser.has(PHONE, MEI)
    app = page(run=training)
    assert app.text_input(key="own_name_Mei <b>").value == "Mei <b>"
    assert {"pause", "stop", "log_out"} <= keys(app)
    app.button(key="stop").click().run()
    assert manager.wait(training, 60).status is RunStatus.STOPPED


def test_who_logs_out_has_no_rights_any_more_in_another_tab_either(
    page, login_server, browser, training, manager, leaving
):
    server = login_server()
    browser.has(PHONE, MEI)
    tab, other_tab = page(run=training), page(run=training)
    tab.button(key="log_out").click().run()
    assert leaving == ["out"] and is_log_in_page(tab)
    assert server.classroom.id_of(PHONE) is None
    other_tab.button(key="stop").click().run()  # Streamlit tells an open tab nothing of it
    assert is_log_in_page(other_tab)
    assert manager.store.get(training).status is RunStatus.RUNNING
    browser.has(LAPTOP, MEI)
    assert "stop" in keys(page(run=training))


def test_a_log_out_that_had_to_wait_for_the_database_is_done_when_it_is_free(
    page, login_server, browser, manager, leaving, monkeypatch
):
    server = login_server()
    browser.has(PHONE, MEI)
    app = page()
    written = type(manager.store.logins).end
    tries = []

    def first_locked(table, id: str) -> None:
        tries.append(id)
        if len(tries) == 1:
            raise StoreBusy("The database is locked.")
        written(table, id)

    monkeypatch.setattr(type(manager.store.logins), "end", first_locked)
    app.button(key="log_out").click().run()
    assert is_log_in_page(app) and tries == [PHONE, PHONE] and leaving == ["out"]
    assert manager.store.logins.all()[PHONE].is_ended
    assert server.classroom.id_of(PHONE) is None


def test_the_code_of_the_class_and_the_teachers_key_still_count(page, login_server, browser, training):
    server = login_server(join_code="8472")
    browser.has(PHONE, ALI)
    app = page(run=training)
    assert {field.key for field in app.text_input} == {"join_code"}
    app.text_input(key="join_code").set_value("8472")
    app.button[0].click().run()
    assert "start" in keys(app) and "stop" not in keys(app)
    app = page(run=training, teacher=KEY)
    assert "stop" in keys(app) and "teacher" not in app.query_params
    assert server.classroom.person(PHONE).is_teacher


def test_a_teachers_link_gives_nothing_to_whoever_has_not_logged_in(page, login_server, browser):
    server = login_server()
    browser.has(PHONE, None)
    app = page(teacher=KEY)
    assert is_log_in_page(app) and "teacher" not in app.query_params
    browser.has(PHONE, MEI)
    page()
    assert not server.classroom.person(PHONE).is_teacher


def test_where_nobody_logs_in_there_is_no_way_out(page):
    assert not {"log_in", "log_out"} & keys(page())


def test_a_teachers_key_outlives_a_log_in_that_has_to_wait_for_the_database(
    page, login_server, browser, monkeypatch
):
    server = login_server()
    browser.has(PHONE, MEI)
    begin, asked = server.classroom.log_in, []

    def locked_at_first(*args):
        asked.append(args)
        if len(asked) == 1:
            raise StoreBusy("locked")
        return begin(*args)

    monkeypatch.setattr(server.classroom, "log_in", locked_at_first)
    app = page(teacher=KEY)
    assert len(asked) > 1 and "teacher" not in app.query_params
    assert server.classroom.person(PHONE).is_teacher
