"""A server that nobody has visited yet, below a base path, and what is left when it is killed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import SMALL, Server, running


@pytest.fixture(scope="module")
def own_server(tmp_path_factory) -> Iterator[Server]:
    """A server that a test may kill; who does starts it again."""
    folder = tmp_path_factory.mktemp("own_server")
    with running(folder / "data", folder / "server.log", "rnn/class1") as server:
        yield server


def test_a_deep_link_works_on_a_fresh_server(own_server, visit):
    page = visit(own_server, "?cell=gru&lang=zh").page
    expect(page.locator(".st-key-start")).to_contain_text("开始")
    expect(page.get_by_test_id("stText").first).to_contain_text("GRU")


def test_below_a_base_path_one_trains_looks_and_writes(own_server, visit):
    visitor = visit(own_server, f"?{SMALL}&max_tokens=3000&epochs=2").press("start").expect_status("finished")
    assert visitor.points() > 0
    run = visitor.run()
    visitor.go(f"gates?run={run}")
    expect(visitor.page.locator("[data-chart=overview] .main-svg").first).to_be_visible()
    visitor.go(f"write?run={run}&length=20")
    expect(visitor.page.locator(".text-panel")).to_have_attribute("data-state", "done")
    assert "/rnn/class1/" in visitor.page.url


def test_a_killed_server_leaves_a_run_that_goes_on(own_server, visit):
    visitor = visit(own_server, f"?{SMALL}&epochs=400").press("start").wait_for_points(30)
    link = visitor.page.url.removeprefix(own_server.url + "/")
    own_server.kill()
    try:
        expect(visitor.page.locator(".live-panel .lost")).to_be_visible()
    finally:
        own_server.start()
    visitor.page.close()
    visit.problems.clear()  # the browser rightly complained that the server was gone
    again = visit(own_server, link).expect_status("interrupted")
    expect(again.page.get_by_test_id("stAlert").first).to_contain_text("The server stopped")
    again.press("resume").expect_status("running").wait_for_points(30)
    again.press("stop").expect_status("stopped")
