"""The server at the root, below a base path and behind a proxy: everything that the pages ask for is found."""

from __future__ import annotations

from copy import copy

from playwright.sync_api import expect

from tests.e2e.conftest import SMALL, running
from tests.e2e.proxy import stripping_proxy


def trains_looks_and_writes(server, visit) -> None:
    visitor = visit(server, f"?{SMALL}&epochs=2").press("start").expect_status("finished")
    assert visitor.points() > 0
    run = visitor.page.evaluate("new URL(location).searchParams.get('run')")
    visitor.go(f"gates?run={run}")
    expect(visitor.page.locator("[data-chart=overview] .main-svg").first).to_be_visible()
    visitor.go(f"write?run={run}&length=20")
    expect(visitor.page.locator(".text-panel")).to_have_attribute("data-state", "done")
    assert visitor.page.url.startswith(server.url)


def test_at_the_root_and_behind_a_proxy_that_strips_its_prefix_one_trains_looks_and_writes(server, visit):
    trains_looks_and_writes(server, visit)
    with stripping_proxy("user/ann", server.port) as (port, proxy):
        behind = copy(server)
        behind.url = f"http://127.0.0.1:{port}/user/ann"
        trains_looks_and_writes(behind, visit)
        assert proxy.refused == []


def test_below_a_base_path_one_trains_looks_and_writes(tmp_path, visit):
    with running(tmp_path, "rnn/class1") as server:
        trains_looks_and_writes(server, visit)
        assert "Traceback" not in server.log.read_text("utf-8")
