"""People who log in at a provider, each in a browser of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
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


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("oidc")


@pytest.fixture(scope="module")
def log_in_server(folder: Path, provider: Provider) -> Iterator[Server]:
    server = Server(
        folder / "data",
        folder / "server.log",
        HOME=str(folder),  # Streamlit looks for .streamlit/secrets.toml there
        PLAYGROUND_IDENTITY="oidc",
        PLAYGROUND_TEACHER_KEY=KEY,
    )
    file = folder / ".streamlit" / "secrets.toml"
    file.parent.mkdir()
    file.write_text(secrets_for(provider, server.port), "utf-8")
    server.start()
    try:
        yield server
    finally:
        server.stop()
    written = (folder / "server.log").read_text("utf-8")
    assert "Traceback" not in written, written


class Guest(Visitor):
    """A person at a browser, who may have logged in."""

    def log_in(self, sub: str) -> Guest:
        self.press("log_in")
        self.page.get_by_role("link", name=sub).click()
        self.page.wait_for_url(f"{self.server.url}/**")
        self.settle()
        return self

    def api(self, route: str) -> int:
        """The status with which one of our own routes answers this browser's pages."""
        return int(self.page.evaluate("async route => (await fetch(route)).status", f"/api/{route}"))


@pytest.fixture
def browser_of(
    chromium: Browser, log_in_server: Server, provider: Provider
) -> Iterator[Callable[..., Guest]]:
    """Opens the server in one more browser profile."""
    with ExitStack() as stack:

        def come(link: str = "", profile: BrowserContext | None = None) -> Guest:
            if profile is None:
                profile = chromium.new_context(locale="en-US")
                stack.callback(profile.close)
            visits = Visits(lambda locale: profile)
            stack.callback(visits.end)
            visitor = visits(log_in_server, link)
            stack.callback(lambda: check(visits))
            return Guest(visitor.page, log_in_server)

        def check(visits: Visits) -> None:
            expected = f"asked for {provider.url}"
            assert [problem for problem in visits.problems if not problem.startswith(expected)] == []

        yield come


def test_whoever_has_not_logged_in_sees_the_way_to_it_and_nothing_else(browser_of):
    mei = browser_of().log_in("mei-1")
    mei.go(f"?{SMALL}&epochs=1&max_tokens=3000").press("start").expect_status("finished")
    stranger = browser_of(f"?run={mei.run()}")
    expect(stranger.page.locator("[data-testid=stMain] button")).to_have_count(1)
    expect(stranger.page.locator(".live-panel, .run-list")).to_have_count(0)


def test_a_login_says_whose_a_run_is(browser_of):
    mei = browser_of().log_in("mei-1")
    expect(mei.page.locator(".st-key-who button").first).to_contain_text("Mei")
    mei.go(f"?{SMALL}&epochs=off").press("start").wait_for_points(5)
    run = mei.run()
    ali = browser_of().log_in("ali-2").go(f"?run={run}").wait_for_points(5)
    expect(ali.page.locator(".st-key-stop")).to_have_count(0)
    again = browser_of().log_in("mei-1").go(f"?run={run}").wait_for_points(5)
    again.press("stop").expect_status("stopped")
    mei.expect_status("stopped")
