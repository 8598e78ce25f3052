"""The Two directions page in a real browser."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect


@pytest.fixture(scope="module")
def trap(server, visit_first) -> str:
    """The run that the lesson trains, live, when a person asks for it; its id."""
    visitor = visit_first(server, "directions").press("trap_train")
    expect(visitor.page.locator(".live-panel")).to_have_attribute("data-status", "running", timeout=30_000)
    expect(visitor.page.locator(".live-panel")).to_have_attribute("data-status", "finished", timeout=120_000)
    return visitor.settle().run()


@pytest.fixture
def masked(trained) -> str:
    """A run that fills in blanks; its twin from the left is there too."""
    return trained["masked"]


def words(page: Page) -> list[str]:
    return page.locator(".cloze .word").all_text_contents()


@pytest.mark.timeout(240)  # the training of the fixture counts too
def test_the_lesson_trains_a_trap_live_and_puts_it_to_the_test(server, visit, trap):
    page = visit(server, f"directions?run={trap}").page
    expect(page.locator(".live-panel")).to_have_attribute("data-status", "finished")
    perplexity = float(page.locator("[data-figure=train]").text_content())
    assert perplexity < 1.2  # it has read the answers
    page.locator(".st-key-trap_generate button").click()
    wrote = page.locator("[data-testid=stCode] code")
    expect(wrote).to_be_visible()
    tail = wrote.text_content()[-20:]
    assert any(tail == (tail[:period] * 20)[:20] for period in range(1, 11)), (
        tail
    )  # the same few letters again and again
    scrambled = float(page.locator("[data-testid=stMetricValue]").nth(1).text_content())
    assert scrambled > 10  # towards guessing among 28, or beyond
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()


def test_a_trap_cannot_write_elsewhere_and_the_page_leads_here(server, visit, trap):
    page = visit(server, f"write?run={trap}").page
    expect(page.get_by_text("This run cannot write")).to_be_visible()
    page.get_by_test_id("stMain").get_by_role("link", name="Two directions").click()
    expect(page.get_by_role("heading", name="3. Why: it had seen the answer")).to_be_visible()


def test_a_click_hides_a_token_and_another_brings_it_back(server, visit, masked):
    page = visit(server, f"directions?view=blanks&run={masked}&text=the+t_de").page
    expect(page.locator(".cloze")).to_have_attribute("data-blanks", "1")
    page.locator(".cloze .word").nth(1).click()
    expect(page.locator(".cloze")).to_have_attribute("data-blanks", "2")
    assert words(page) == ["t", "_", "e", "␣", "t", "_", "d", "e"]
    expect(page.locator(".cloze .blanks .row")).to_have_count(2 * 2 * 5)
    expect(page.get_by_text("What stood here: “h”")).to_be_visible()
    page.wait_for_url(re.compile("text=t_e"))
    page.locator(".cloze .word").nth(1).click()
    expect(page.locator(".cloze")).to_have_attribute("data-blanks", "1")
    assert words(page)[1] == "h"
    page.get_by_role("textbox", name="Sentence").fill("no blank")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("The text has no blank.")).to_be_visible()
    page.locator(".cloze .word").first.click()  # and it goes on from there
    expect(page.locator(".cloze")).to_have_attribute("data-blanks", "1")


def test_the_map_of_features_can_be_taken_away(server, visit, masked):
    page = visit(server, f"directions?view=features&run={masked}&text=the+tide").page
    expect(page.locator(".js-plotly-plot .scatterlayer .trace")).to_have_count(3)
    with page.expect_download() as started:
        page.locator(".st-key-features_csv button").click()
    rows = list(csv.DictReader(Path(started.value.path()).read_text("utf-8-sig").splitlines()))
    assert [row["token"] for row in rows] == list("the tide")
    assert [row["kind"] for row in rows[:4]] == ["consonant", "consonant", "vowel", "space"]


def test_a_typed_blank_cannot_be_brought_back(server, visit, masked):
    page = visit(server, f"directions?view=blanks&run={masked}&text=t_de").page
    expect(page.locator(".cloze .word.blank")).to_be_disabled()


def test_on_a_dark_phone_in_chinese_no_lesson_is_wider_than_the_screen(server, visit, trap, masked):
    visitor = visit(server, f"directions?run={trap}", width=390, locale="zh-CN", dark=True)
    page = visitor.page
    expect(page.get_by_role("heading", name="双向", exact=True)).to_be_visible()
    for lesson, drawn in (
        ("陷阱", "[data-testid=stPlotlyChart] .main-svg"),
        ("填空", ".cloze .row"),
        ("特征", ".js-plotly-plot .scatterlayer .trace"),
    ):
        page.get_by_role("radio", name=lesson, exact=True).check()
        expect(page.locator(drawn).first).to_be_visible()
        assert visitor.fits(390), lesson
