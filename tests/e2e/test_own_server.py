"""Where the server may live: below a base path, at the root, behind a proxy; and what is left when it is killed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from copy import copy

import pytest
from playwright.sync_api import expect

from playground.store.database import DATABASE
from tests.e2e.conftest import SMALL, Server, running
from tests.e2e.proxy import stripping_proxy


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


def trains_looks_and_writes(server, visit) -> None:
    visitor = visit(server, f"?{SMALL}&max_tokens=3000&epochs=2").press("start").expect_status("finished")
    assert visitor.points() > 0
    run = visitor.run()
    visitor.go(f"gates?view=heatmap&run={run}")
    expect(visitor.page.locator("[data-chart=overview] .main-svg").first).to_be_visible()
    visitor.go(f"write?run={run}&length=20")
    expect(visitor.page.locator(".text-panel")).to_have_attribute("data-state", "done")
    assert visitor.page.url.startswith(server.url)


def test_below_a_base_path_one_trains_looks_and_writes(own_server, visit):
    assert own_server.url.endswith("/rnn/class1")
    trains_looks_and_writes(own_server, visit)


def test_at_the_root_one_trains_looks_and_writes(server, visit):
    trains_looks_and_writes(server, visit)


def test_behind_a_proxy_that_strips_its_prefix_one_trains_looks_and_writes(server, visit):
    with stripping_proxy("user/ann", server.port) as (port, proxy):
        behind = copy(server)
        behind.url = f"http://127.0.0.1:{port}/user/ann"
        trains_looks_and_writes(behind, visit)
        assert proxy.refused == []


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


def test_while_another_program_locks_the_database_the_page_stays_says_so_and_does_what_was_pressed(
    own_server, visit
):
    visitor = visit(own_server, f"?{SMALL}&epochs=off").press("start").wait_for_points(30)
    expect(visitor.page.locator(".st-key-pause button")).to_be_enabled()
    notice = visitor.page.get_by_text("Another program has locked the run database.")
    with sqlite3.connect(own_server.data / DATABASE, isolation_level=None, timeout=30) as other:
        other.execute("BEGIN EXCLUSIVE")
        visitor.press("pause")
        expect(notice).to_be_visible(timeout=40_000)
        line = visitor.page.locator(".live-panel .lost")
        expect(line).to_have_text(
            "Another program has locked the database; what the run tells waits in memory."
        )
        expect(visitor.page.locator(".st-key-start button")).to_be_visible()
        expect(visitor.page.locator(".st-key-lang")).to_be_visible()
        other.execute("ROLLBACK")
    other.close()
    visitor.expect_status("paused")
    expect(notice).to_be_hidden()
    expect(line).to_be_hidden()
    visitor.press("stop").expect_status("stopped")
    visitor.page.close()
    visit.problems.clear()  # the browser rightly noted each answer that there was none
