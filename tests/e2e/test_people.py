"""Several people on one server, each in a browser of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.e2e.conftest import SMALL, Server, Visitor, Visits, running, visiting

KEY = "the-teachers-own-key"
ACTS = (".st-key-stop", ".st-key-pause", ".st-key-twin", ".st-key-delete", "[class*=st-key-name_]")


@pytest.fixture(scope="module")
def class_server(tmp_path_factory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("class")
    with running(
        folder / "data", folder / "server.log", PLAYGROUND_IDENTITY="cookie", PLAYGROUND_TEACHER_KEY=KEY
    ) as server:
        yield server


@pytest.fixture
def person(chromium: Browser, class_server: Server) -> Iterator[Callable[..., Visitor]]:
    """Opens the class's server as one more person, with a browser profile of their own."""
    with ExitStack() as stack:

        def come(link: str = "", **more) -> Visitor:
            profile: BrowserContext = chromium.new_context(locale=more.pop("locale", "en-US"))
            stack.callback(profile.close)
            visits: Visits = stack.enter_context(visiting(lambda locale: profile))
            return visits(class_server, link, **more)

        yield come


def test_a_second_person_looks_and_writes_and_cannot_touch_anothers_run(person):
    mei = person(f"?{SMALL}&epochs=off").press("start").wait_for_points(5)
    link = mei.page.url.removeprefix(mei.server.url + "/")
    ali = person(link).wait_for_points(5)
    expect(ali.page.get_by_text("This run is Guest")).to_be_visible()
    for acts in ACTS:
        expect(ali.page.locator(acts)).to_have_count(0)
    expect(ali.page.locator(".clip-at")).to_be_disabled()
    expect(mei.page.locator(".clip-at")).to_be_enabled()
    ali.page.locator(".st-key-menu button").first.click()
    expect(ali.page.locator(".st-key-reuse button")).to_be_visible()
    for acts in ACTS:
        expect(ali.page.locator(acts)).to_have_count(0)
    ali.go(f"write?run={mei.run()}&length=20")
    expect(ali.page.locator(".text-panel")).to_have_attribute("data-state", "done")
    mei.press("stop").expect_status("stopped")


def test_the_teachers_link_gives_the_rights_and_nothing_else_does(person):
    mei = person(f"?{SMALL}&epochs=off").press("start").wait_for_points(5)
    link = mei.page.url.removeprefix(mei.server.url + "/")
    thief = person(f"{link}&teacher=guessed-key")
    expect(thief.page.get_by_text("not the teacher's key")).to_be_visible()
    expect(thief.page.locator(".st-key-stop")).to_have_count(0)
    teacher = person(f"{link}&teacher={KEY}").wait_for_points(5)
    assert "teacher" not in teacher.page.url and KEY not in teacher.page.content()
    teacher.press("stop").expect_status("stopped")
    mei.expect_status("stopped")


def test_who_clears_their_cookies_loses_control_and_nothing_else(person):
    mei = person(f"?{SMALL}&epochs=off").press("start").wait_for_points(5)
    before = mei.points()
    mei.page.context.clear_cookies()
    mei.page.reload()
    mei.settle().wait_for_points(before)
    expect(mei.page.get_by_text("This run is Guest")).to_be_visible()
    expect(mei.page.locator(".st-key-stop")).to_have_count(0)
    teacher = person(f"?run={mei.run()}&teacher={KEY}")
    teacher.press("stop").expect_status("stopped")


def test_a_name_that_is_chosen_stands_beside_the_runs_letter_for_letter(person):
    mei = person(f"?{SMALL}&epochs=1")
    mei.page.locator(".st-key-who button").first.click()
    field = mei.page.get_by_role("textbox", name="Your name")
    field.fill("<b>Mei</b> www.evil.example")
    field.press("Enter")
    expect(mei.page.get_by_text("<b>Mei</b>").first).to_be_visible()
    mei.page.keyboard.press("Escape")
    mei.press("start").expect_status("finished")
    ali = person(f"?run={mei.run()}")
    expect(ali.page.locator(".run-list td.owner").first).to_contain_text("<b>Mei</b>")
    expect(ali.page.locator("a[href*=evil]")).to_have_count(0)
    expect(ali.page.locator(".run-list td.owner b")).to_have_count(0)


def test_a_deletion_is_undone(person):
    mei = person(f"?{SMALL}&epochs=1&max_tokens=3000").press("start").expect_status("finished")
    run = mei.run()
    row = mei.page.locator(f"tr[data-run='{run}']")
    row.locator("input").check()
    mei.page.locator(".run-list .delete").click()
    mei.page.locator(".run-list .sure").click()
    expect(row).to_have_count(0)
    mei.page.locator(".st-key-undo_delete button").click()
    expect(mei.page.locator(f"tr[data-run='{run}']")).to_have_count(1)
    mei.expect_status("finished")


def test_who_looks_at_anothers_run_keeps_the_set_up_that_they_were_at(person):
    mei = person(f"?{SMALL}&epochs=1&max_tokens=3000").press("start").expect_status("finished")
    ali, run = person("?cell=gru&hidden_size=77&epochs=1"), mei.run()
    ali.page.locator(f"tr[data-run='{run}'] td.name button").click()
    ali.page.wait_for_url(lambda url: f"run={run}" in url)
    ali.settle()
    assert "hidden_size=77" in ali.page.url and "cell=gru" in ali.page.url
