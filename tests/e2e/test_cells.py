"""From a list of what units follow to the unit, to what is lost without it, and to where else it is on."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visitor


@pytest.fixture
def run(trained) -> str:
    """A quick look's id."""
    return trained["quick"]


@pytest.fixture
def cells(server, visit, run) -> Visitor:
    """A visitor who looks at what it follows."""
    visitor = visit(server, f"gates?run={run}")
    visitor.page.locator(".cells .row").first.wait_for(timeout=30_000)
    return visitor


def row(page: Page, name: str = "word_position"):
    return page.locator(f".cells .row[data-name={name}]")


def press(page: Page, action: str) -> None:
    row(page).locator(f"button[data-action={action}]").click()


def unit_of(page: Page) -> str:
    """The number of the unit that follows the position in the word."""
    return re.search(r"\d+", row(page).locator(".unit").inner_text()).group()


def test_a_quick_look_follows_the_position_in_the_word_and_no_quotes(cells):
    page = cells.page
    expect(row(page).locator(".badge")).to_have_text(re.compile("a cell|follows it"))
    expect(row(page).locator(".says")).to_contain_text(
        "Without it, on held-out text", timeout=60_000
    )  # measured after the list is drawn
    assert len(row(page).locator(".passage .text span").all()) > 50
    assert row(page, "quotes").count() == 0 or row(page, "quotes").get_attribute("data-kind") == "weak"
    expect(page.locator(".cells .summary")).not_to_contain_text("inside quotes")


def test_a_unit_is_opened_in_the_lens_and_switched_off(cells, run):
    page = cells.page
    unit = unit_of(page)
    press(page, "lens")
    page.locator(".lens .js-plotly-plot .heatmaplayer image").first.wait_for()
    expect(page.locator(".lens")).to_have_attribute("data-unit", unit)
    page.wait_for_url(re.compile(f"unit={unit}"))
    expect(
        page.locator("[data-chart=map] .annotation-text").first
    ).to_be_visible()  # rows are called by what they follow
    cells.go(f"gates?run={run}")
    row(page).wait_for()
    press(page, "surgery")
    page.wait_for_url(re.compile(f"cut=h{unit}"))
    losses = page.locator(".losses-panel")
    expect(losses).to_contain_text("position in the word: large", timeout=30_000)
    expect(losses).to_contain_text("all predictions")
    expect(page.locator(".surgery-panel")).to_have_attribute("data-lanes", "2")
    assert cells.fits(1280)


def test_on_a_phone_and_in_chinese_nothing_is_too_wide(server, visit, run):
    for view in ("cells", "search", "surgery"):
        visitor = visit(
            server, f"gates?run={run}&view={view}&cut=h3%3D0&lang=zh", width=390, locale="zh-CN", dark=True
        )
        visitor.page.locator(".cells .row, .search-panel .token, .surgery-panel .text").first.wait_for(
            timeout=30_000
        )
        assert visitor.fits(390), view
