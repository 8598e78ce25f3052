"""Marking, following and operating in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Visitor

MARKS = "view=search&theta=-0.3"


@pytest.fixture
def run(trained) -> str:
    """A finished run's id."""
    return trained["two_epochs"]


@pytest.fixture
def search(server, visit, run) -> Visitor:
    """A visitor who has a passage before them."""
    visitor = visit(server, f"gates?run={run}&{MARKS}&passage=100")
    token(visitor.page, 100).wait_for()
    return visitor.settle()


@pytest.fixture
def surgery(server, visit, run) -> Visitor:
    """A visitor who has the untouched text before them."""
    visitor = visit(server, f"gates?run={run}&view=surgery&length=80")
    visitor.page.locator(".surgery-panel .text").wait_for()
    return visitor.settle()


def token(page: Page, i: int):
    return page.locator(f".search-panel .passage [data-i='{i}']")


def drag(page: Page, start: int, last: int) -> None:
    token(page, start).hover()
    page.mouse.down()
    token(page, last).hover()
    page.mouse.up()


def marked(page: Page, start: int, stop: int) -> None:
    panel = page.locator(".search-panel")
    expect(panel).to_have_attribute("data-from", str(start))
    expect(panel).to_have_attribute("data-to", str(stop))
    expect(panel).to_have_attribute("data-pending", "false")
    page.wait_for_url(re.compile(rf"from={start}(&|$)"))
    page.wait_for_url(re.compile(rf"to={stop}(&|$)"))


def test_a_stretch_is_marked_with_the_mouse_and_its_matches_come(search):
    page = search.page
    drag(page, 120, 124)
    marked(page, 120, 125)
    expect(page.locator(".search-panel .passage .marked")).to_have_count(5)
    expect(page.locator(".search-panel .state")).to_contain_text("all through the 5 marked tokens")
    expect(page.locator(".search-panel .match").first).to_be_visible()
    expect(page.locator(".search-panel .match .track").first).to_be_visible()


def test_a_match_that_is_followed_becomes_the_passage(search):
    page = search.page
    drag(page, 120, 123)
    marked(page, 120, 124)
    match = page.locator(".search-panel .match").first
    expect(match.locator(".line .marked")).to_have_count(4)
    text = match.locator(".line .marked").all_text_contents()
    match.get_by_role("button", name="Follow").click()
    expect(page.locator(".search-panel")).not_to_have_attribute("data-from", "120")
    search.settle()
    passage = page.locator(".search-panel .passage .marked")
    expect(passage).to_have_count(4)
    shown = "".join(passage.all_text_contents()).replace(" ", "␣").replace("⏎\n", "⏎")
    assert shown == "".join(text)
    search.page.reload()
    expect(page.locator(".search-panel .passage .marked")).to_have_count(4)  # the link carries it


def test_a_stretch_is_marked_with_keys(search):
    page = search.page
    passage = page.get_by_role("listbox", name="A passage of the text")
    passage.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    expect(page.locator(".search-panel .state")).to_contain_text("Tokens marked: 4. Enter searches")
    page.keyboard.press("Enter")
    marked(page, 105, 109)
    expect(passage).to_be_focused()
    page.keyboard.press("ArrowDown")  # the next line
    cursor = int(page.locator(".search-panel .cursor").get_attribute("data-i"))
    assert cursor > 120
    assert page.get_by_role("option", selected=True).count() == 4


def test_a_unit_opens_in_the_lens_and_the_way_back_leads_to_the_search(search):
    page = search.page
    drag(page, 120, 123)
    marked(page, 120, 124)
    unit = page.locator(".search-panel .units a").first
    number = unit.text_content()
    unit.click()
    page.locator("[data-chart=map]").wait_for()
    expect(page.locator(".lens")).to_have_attribute("data-unit", number)
    page.wait_for_url(re.compile("view=heatmap"))
    search.settle()
    page.get_by_text("Search", exact=True).click()
    marked(page, 120, 124)


def test_a_stretch_is_marked_with_two_taps_on_a_phone(server, chromium: Browser, run):
    context = chromium.new_context(
        has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844}, locale="en-US"
    )
    page = context.new_page()
    visitor = Visitor(page, server).go(f"gates?run={run}&{MARKS}&passage=100")
    expect(page.locator(".search-panel .hint")).to_have_text(
        "Tap the first token of a stretch, then its last."
    )
    token(page, 131).tap()
    expect(page.locator(".search-panel .state")).to_have_text("Now tap the last token of the stretch.")
    token(page, 128).tap()
    marked(page, 128, 132)
    assert visitor.fits(390)
    context.close()


def test_a_unit_is_switched_off_and_what_is_lost_is_shown(surgery):
    page = surgery.page
    untouched = page.locator(".surgery-panel .text").first.text_content()
    page.get_by_role("textbox", name="Unit").fill("3")
    page.get_by_role("textbox", name="Unit").press("Enter")
    surgery.settle().press("surgery_add")
    expect(page.locator(".surgery-panel section")).to_have_count(2)
    expect(page.get_by_role("heading", name="With h of unit 3 = 0")).to_be_visible()
    everything = page.locator(".losses-panel [data-class=all]")
    expect(everything).to_contain_text("all predictions")
    expect(everything).to_contain_text(re.compile(r"[+−]0\.\d{3}"))
    expect(page.get_by_text(re.compile("With h of unit 3 = 0 a prediction costs"))).to_be_visible()
    assert page.locator(".surgery-panel .text").first.text_content().replace("▸", "") == untouched
    page.wait_for_url(re.compile("cut=h3%3D0"))
    with page.expect_download() as download:
        page.get_by_role("button", name="Losses by class").click()
    assert "class,title,predictions" in download.value.path().read_text("utf-8-sig")


def test_a_gate_is_clamped_by_a_switch_and_let_go_again(surgery):
    page = surgery.page
    surgery.press("surgery_switch_0")
    expect(page.locator(".surgery-panel section")).to_have_count(2)
    expect(page.get_by_role("heading", name="With f = 1")).to_be_visible()
    surgery.settle().press("surgery_undo")
    expect(page.locator(".surgery-panel section")).to_have_count(1)
    expect(page.get_by_text("Nothing is changed yet")).to_be_visible()


@pytest.mark.parametrize("view", [MARKS + "&from=120&to=124", "view=surgery&cut=f*%3D1&length=80"])
@pytest.mark.parametrize(
    ("width", "dark", "locale"), [(390, False, "zh-CN"), (390, True, "en-US"), (1280, True, "zh-CN")]
)
def test_both_views_fit_every_screen(server, visit, run, view, width, dark, locale):
    visitor = visit(server, f"gates?run={run}&{view}", width=width, dark=dark, locale=locale)
    visitor.page.locator(":is(.match, .losses-panel tr)").first.wait_for()
    assert visitor.fits(width)
