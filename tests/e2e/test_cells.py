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
        "Without it:", timeout=60_000
    )  # measured after the list is drawn
    assert len(row(page).locator(".passage .text span").all()) > 50
    assert row(page, "quotes").count() == 0 or row(page, "quotes").get_attribute("data-kind") == "weak"
    expect(page.locator(".cells .summary")).not_to_contain_text("inside quotes")


def test_a_unit_is_opened_in_the_lens_and_switched_off(cells):
    page = cells.page
    unit = unit_of(page)
    press(page, "lens")
    page.locator(".lens .js-plotly-plot .heatmaplayer image").first.wait_for()
    expect(page.locator(".lens")).to_have_attribute("data-unit", unit)
    page.wait_for_url(re.compile(f"unit={unit}"))
    expect(
        page.locator("[data-chart=map] .annotation-text").first
    ).to_be_visible()  # rows are called by what they follow
    page.locator(".st-key-lens_view").get_by_text("Cells", exact=True).click()
    row(page).wait_for()
    press(page, "surgery")
    page.wait_for_url(re.compile(f"cut=h{unit}"))
    losses = page.locator(".losses-panel")
    expect(losses).to_contain_text("position in the word: large", timeout=30_000)
    expect(losses).to_contain_text("all predictions")
    expect(page.locator(".surgery-panel")).to_have_attribute("data-lanes", "2")
    assert cells.fits(1280)


def test_the_keyboard_goes_from_row_to_row_and_opens_one(cells):
    page = cells.page
    rows = page.locator(".cells .group[open] .row")
    rows.first.focus()
    page.keyboard.press("ArrowDown")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(rows.first).to_be_focused()
    page.keyboard.press("Enter")
    page.locator(".lens .js-plotly-plot .heatmaplayer image").first.wait_for()


def test_how_a_unit_came_to_follow_something_is_a_curve_over_training(cells):
    page = cells.page
    press(page, "formation")
    chart = row(page).locator(".formed .js-plotly-plot")
    chart.wait_for(timeout=60_000)
    assert page.evaluate("document.querySelector('.formed .js-plotly-plot').data[0].x.length") > 5
    expect(row(page).locator("button[data-action=formation]")).to_have_text("Close the chart")
    press(page, "formation")
    expect(chart).to_have_count(0)


def test_on_a_phone_and_in_chinese_nothing_is_too_wide(server, visit, run):
    for view in ("cells", "search", "surgery"):
        visitor = visit(
            server, f"gates?run={run}&view={view}&cut=h3%3D0&lang=zh", width=390, locale="zh-CN", dark=True
        )
        visitor.page.locator(".cells .row, .search-panel .token, .surgery-panel .text").first.wait_for(
            timeout=30_000
        )
        assert visitor.fits(390), view


@pytest.fixture
def search(server, visit, run) -> Visitor:
    visitor = visit(server, f"gates?run={run}&view=search&quantity=c&theta=0.5")
    visitor.page.locator(".search-panel .token").first.wait_for(timeout=30_000)
    return visitor


def matches(page: Page) -> int:
    return int(page.locator(".search-panel").get_attribute("data-matches"))


def test_a_stretch_marked_with_the_mouse_is_found_elsewhere_and_a_match_is_followed(server, visit, search):
    page = search.page
    tokens = page.locator(".search-panel .passage .token")
    tokens.nth(6).hover()
    page.mouse.down()
    tokens.nth(9).hover()
    page.mouse.up()
    page.wait_for_url(re.compile(r"[?&]from=\d+"))
    expect(page.locator(".search-panel .passage .token.marked")).to_have_count(4)
    page.wait_for_function("Number(document.querySelector('.search-panel').dataset.matches) > 0")
    assert page.locator(".search-panel .units a").count() > 0
    first = page.locator(".search-panel .matches > *").first
    where = page.locator(".search-panel").get_attribute("data-from")
    first.get_by_role("button").click()
    page.wait_for_function("from => document.querySelector('.search-panel').dataset.from !== from", arg=where)
    expect(page.locator(".search-panel .passage .token.marked")).to_have_count(4)
    followed = page.locator(".search-panel").get_attribute("data-from")
    search.settle()
    other = visit(server, page.url.split("/", 3)[3])  # the link carries it
    expect(other.page.locator(".search-panel")).to_have_attribute("data-from", followed)
    expect(other.page.locator(".search-panel .passage .token.marked")).to_have_count(4)


def test_a_stretch_is_marked_with_the_keyboard(search):
    page = search.page
    page.locator(".search-panel .passage").focus()
    for key in ("Home", "ArrowRight", "ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight"):
        page.keyboard.press(key)
    expect(page.locator(".search-panel .state")).to_contain_text("Tokens marked: 3")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"[?&]from=\d+"))
    expect(page.locator(".search-panel .passage .token.marked")).to_have_count(3)


def test_a_switch_shows_what_the_book_says_of_a_gate(server, visit, run):
    page = visit(server, f"gates?run={run}&view=surgery").page
    page.get_by_text("f = 0: all is forgotten").click()
    page.wait_for_url(re.compile(r"cut=f"))
    expect(page.locator(".surgery-panel")).to_have_attribute("data-lanes", "2", timeout=30_000)
    expect(page.locator(".surgery-panel mark").first).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".surgery-panel")).to_have_attribute("data-lanes", "1")
