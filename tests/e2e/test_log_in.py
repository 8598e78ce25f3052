"""People who log in at a provider, each in a browser of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.e2e.conftest import SMALL, Server, Visitor, Visits
from tests.oidc_provider import Provider, providing, secrets_for

KEY = "the-teachers-own-key"
PEOPLE = {
    "mei-1": {"given_name": "Mei", "name": "Mei Lin"},
    "ali-2": {"name": "Ali"},
    "nobody-3": {},
}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with providing(PEOPLE) as provider:
        yield provider


@contextmanager
def serving(folder: Path, provider: Provider, base_path: str = "") -> Iterator[Server]:
    """A server whose people log in there, from here to the end."""
    server = Server(
        folder / "data",
        folder / "server.log",
        base_path,
        HOME=str(folder),  # Streamlit looks for .streamlit/secrets.toml there
        PLAYGROUND_IDENTITY="oidc",
        PLAYGROUND_TEACHER_KEY=KEY,
    )
    file = folder / ".streamlit" / "secrets.toml"
    file.parent.mkdir()
    file.write_text(secrets_for(provider, server.url), "utf-8")
    server.start()
    try:
        yield server
    finally:
        server.stop()
    written = server.log.read_text("utf-8")
    assert "Traceback" not in written, written


@pytest.fixture(scope="module")
def log_in_server(tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("oidc"), provider) as server:
        yield server


class Guest(Visitor):
    """A person at a browser, who may have logged in."""

    def log_in(self, sub: str) -> Guest:
        self.press("log_in")
        self.page.get_by_role("link", name=sub).click()
        self.page.wait_for_url(f"{self.server.url}/**")
        self.settle()
        return self

    def api(self, route: str) -> int:
        """The status with which one of our own routes answers this browser."""
        return self.page.context.request.get(f"{self.server.url}/api/{route}").status


@pytest.fixture
def browser_of(
    chromium: Browser, log_in_server: Server, provider: Provider
) -> Iterator[Callable[..., Guest]]:
    """Opens the server in one more browser profile."""
    with ExitStack() as stack:

        def come(
            link: str = "",
            profile: BrowserContext | None = None,
            cookies: Sequence = (),
            server: Server = log_in_server,
        ) -> Guest:
            if profile is None:
                profile = chromium.new_context(locale="en-US")
                stack.callback(profile.close)
                profile.add_cookies(cookies)
            visits = Visits(lambda locale: profile)
            stack.callback(check, visits)
            stack.callback(visits.end)
            return Guest(visits(server, link).page, server)

        def check(visits: Visits) -> None:
            usual = (
                f"asked for {provider.url}",
                "Failed to load resource: the server responded with a status of 403",
            )
            assert [problem for problem in visits.problems if not problem.startswith(usual)] == []

        yield come


@pytest.fixture
def mei(browser_of) -> Guest:
    """Whoever has logged in, with a run that trains until somebody stops it."""
    mei = browser_of().log_in("mei-1")
    mei.go(f"?{SMALL}&epochs=off").press("start").wait_for_points(5)
    return mei


def routes_of(guest: Guest, run: str) -> list[int]:
    return [guest.api(f"runs/{run}/history"), guest.api(f"runs/{run}/write?prefix=the&length=3")]


def test_whoever_has_not_logged_in_sees_the_way_to_it_and_nothing_else(browser_of, mei):
    for link in (f"?run={mei.run()}", f"gates?run={mei.run()}"):
        stranger = browser_of(link)
        expect(stranger.page.locator(".st-key-log_in button")).to_be_visible()
        expect(stranger.page.locator("[data-testid=stMain] button")).to_have_count(1)
        expect(stranger.page.locator("[data-testid=stDialog], .live-panel, .run-list")).to_have_count(0)
        assert routes_of(stranger, mei.run()) == [403, 403]
        stranger.page.context.add_cookies(
            [{"name": "_streamlit_user", "value": "forged", "url": stranger.server.url}]
        )
        stranger.page.reload()
        expect(stranger.settle().page.locator(".st-key-log_in button")).to_be_visible()
        assert routes_of(stranger, mei.run()) == [403, 403]
    mei.press("stop").expect_status("stopped")


def test_a_login_says_whose_a_run_is_in_every_browser_and_its_end_takes_the_rights_away(
    browser_of, mei, log_in_server
):
    run = mei.run()
    assert routes_of(mei, run) == [200, 200]
    expect(mei.page.locator(".st-key-who button").first).to_contain_text("Mei")
    ali = browser_of(f"?run={run}").log_in("ali-2").wait_for_points(5)  # where the link leads
    expect(ali.page.get_by_text("you can look at it")).to_be_visible()
    expect(ali.page.locator(".st-key-stop")).to_have_count(0)
    again = browser_of(f"?run={run}").log_in("mei-1").wait_for_points(5)
    expect(again.page.locator(".st-key-stop button")).to_be_enabled()

    other_tab = browser_of(f"?run={run}", profile=mei.page.context).wait_for_points(5)
    mei.page.locator(".st-key-who button").first.click()
    mei.press("log_out")
    expect(mei.page.locator(".st-key-log_in button")).to_be_visible()
    mei.settle()
    assert routes_of(mei, run) == [403, 403]
    other_tab.page.locator(".st-key-stop button").click()
    expect(other_tab.page.locator(".st-key-log_in button")).to_be_visible()
    assert routes_of(again, run) == [200, 200]
    again.press("stop").expect_status("stopped")


def test_a_copy_of_the_cookie_is_worth_nothing_after_the_log_out(browser_of, mei):
    run, cookies = mei.run(), mei.page.context.cookies()
    mei.press("stop").expect_status("stopped")
    stolen = [cookie for cookie in cookies if cookie["name"].startswith("_streamlit_user")]
    thief = browser_of(f"?run={run}", cookies=stolen)
    assert routes_of(thief, run) == [200, 200]  # whoever has the cookie has logged in: nobody can tell
    mei.page.locator(".st-key-who button").first.click()
    mei.press("log_out")
    expect(mei.page.locator(".st-key-log_in button")).to_be_visible()
    assert routes_of(thief, run) == [403, 403]
    thief.page.reload()
    expect(thief.settle().page.locator(".st-key-log_in button")).to_be_visible()


def test_the_teachers_link_leads_through_the_log_in(browser_of, mei):
    teacher = browser_of(f"?run={mei.run()}&teacher={KEY}").log_in("nobody-3").wait_for_points(5)
    assert "teacher" not in teacher.page.url and KEY not in teacher.page.content()
    teacher.press("stop").expect_status("stopped")


def test_a_server_that_starts_again_knows_who_has_logged_in(browser_of, mei, log_in_server):
    run = mei.run()
    mei.press("stop").expect_status("stopped")
    mei.page.goto("about:blank")
    log_in_server.stop()
    log_in_server.start()
    assert routes_of(mei, run) == [200, 200]  # before any page has been drawn
    mei.go(f"?run={run}")
    expect(mei.page.locator(".st-key-who button").first).to_contain_text("Mei")


def test_a_server_below_a_path_of_its_own_has_log_ins_of_its_own(browser_of, provider, tmp_path):
    with serving(tmp_path, provider, "rnn/class1") as server:
        mei = browser_of(f"?{SMALL}&epochs=1&max_tokens=3000", server=server).log_in("mei-1")
        mei.press("start").expect_status("finished")
        run = mei.run()
        assert routes_of(mei, run) == [200, 200]
        stranger = browser_of(f"gates?run={run}", server=server)
        assert routes_of(stranger, run) == [403, 403]
        stranger.log_in("ali-2")
        assert stranger.page.url.startswith(f"{server.url}/gates?run={run}")
        mei.page.locator(".st-key-who button").first.click()
        mei.press("log_out")
        expect(mei.page.locator(".st-key-log_in button")).to_be_visible()
        assert routes_of(mei, run) == [403, 403]
        for guest in (mei, stranger):
            guest.page.goto("about:blank")
