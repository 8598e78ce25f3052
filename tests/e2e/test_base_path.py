"""The server below a base path: everything that the pages ask for is found there."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import SMALL, running


def test_below_a_base_path_one_trains_looks_and_writes(tmp_path, visit):
    with running(tmp_path, "rnn/class1") as server:
        visitor = visit(server, f"?{SMALL}&epochs=2").press("start").expect_status("finished")
        assert visitor.points() > 0
        run = visitor.page.evaluate("new URL(location).searchParams.get('run')")
        visitor.go(f"gates?run={run}")
        expect(visitor.page.locator("[data-chart=overview] .main-svg").first).to_be_visible()
        visitor.go(f"write?run={run}&length=20")
        expect(visitor.page.locator(".text-panel")).to_have_attribute("data-state", "done")
        assert "/rnn/class1/" in visitor.page.url
        assert "Traceback" not in server.log.read_text("utf-8")
