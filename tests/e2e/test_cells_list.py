"""The list of what units follow under a person's hands: keys, moments, an idea of one's own, a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visitor

MEASURED = 60_000
"""ms in which a busy machine has measured what the network loses without each unit."""


@pytest.fixture
def cells(server, visit, trained) -> Visitor:
    """A visitor before the whole list of a quick look."""
    visitor = visit(server, f"gates?run={trained['quick']}")
    row(visitor.page).wait_for(timeout=MEASURED)
    measured(visitor.page)
    return visitor


def row(page: Page, name: str = "word_position"):
    return page.locator(f".cells .row[data-name={name}]")


def measured(page: Page) -> None:
    expect(row(page).locator(".says")).to_contain_text("nats a token", timeout=MEASURED)


def test_the_lens_opens_on_the_rows_passage_and_the_way_back_leads_to_the_list(cells):
    page = cells.page
    quantity, unit = row(page).locator(".unit").inner_text().split(" · unit ")
    passage = row(page).locator(".text").inner_text().replace("⏎", "")
    row(page).get_by_role("button", name="Open in the lens").click()
    page.locator("[data-chart=map] .heatmaplayer image").first.wait_for()
    expect(page.locator(".lens")).to_have_attribute("data-unit", unit)
    expect(page.locator(".lens")).to_have_attribute("data-look", f"heatmap {quantity}")
    sentence = page.get_by_role("textbox", name="Sentence").input_value()
    assert "".join(sentence.split()) == "".join(passage.split())
    page.wait_for_timeout(2_500)  # an earlier address that comes sooner is taken for one that was on its way
    page.go_back()
    expect(row(page)).to_be_visible(timeout=MEASURED)


def test_a_unit_is_watched_as_it_forms_without_leaving_the_list(cells):
    page = cells.page
    row(page).get_by_role("button", name="How it formed").click()
    chart = row(page).locator(".chart")
    expect(chart).to_have_attribute("aria-label", re.compile("Line chart"), timeout=MEASURED)
    epochs = chart.evaluate("chart => chart.data[1].x")
    assert epochs == sorted(epochs)
    assert epochs[0] == 0
    row(page).get_by_role("button", name="Close the chart").click()
    expect(chart).to_have_count(0)


def test_keys_go_from_row_to_row_and_open_one(cells):
    page = cells.page
    rows = page.locator(".cells .group[open] .row")
    rows.first.focus()
    page.keyboard.press("End")
    expect(rows.last).to_be_focused()
    page.keyboard.press("Home")
    expect(rows.first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("view=heatmap"))


def test_the_list_keeps_focus_and_what_is_unfolded_while_it_is_measured(server, visit, trained):
    page = visit(server, f"gates?run={trained['quick']}&epoch=1").page
    row(page).wait_for(timeout=MEASURED)
    page.locator(".cells summary").last.click()
    row(page).focus()
    measured(page)
    expect(row(page)).to_be_focused()
    expect(page.locator(".cells .group[open]")).to_have_count(2)


def test_before_the_first_step_nothing_has_been_learnt(cells):
    page = cells.page
    page.locator(".st-key-lens_epoch input[type=range]").first.focus()
    page.keyboard.press("Home")
    expect(page.locator(".cells")).to_have_attribute("data-epoch", "0", timeout=MEASURED)
    expect(page.locator(".cells .summary")).to_contain_text("nothing has been learnt")


def test_an_own_idea_is_typed_and_found(cells):
    page = cells.page
    page.get_by_role("button", name="Your own idea").click()
    for key, text in (("lens_idea", "long words"), ("lens_pattern", r"\w{6,}")):
        page.locator(f".st-key-{key} input").fill(text)
        page.locator(f".st-key-{key} input").press("Enter")
    expect(page.locator(".cells").get_by_text("long words").first).to_be_visible(timeout=MEASURED)
    page.wait_for_url(re.compile("idea=long"))


@pytest.mark.parametrize("dark", [False, True])
def test_a_phone_shows_cards_and_its_lens_has_numbers_for_names(server, visit, trained, dark):
    visitor = visit(server, f"gates?run={trained['quick']}", width=390, dark=dark)
    row(visitor.page).wait_for(timeout=MEASURED)
    assert visitor.fits(390)
    visitor.go(f"gates?run={trained['quick']}&view=heatmap")
    visitor.page.locator("[data-chart=map] .heatmaplayer image").first.wait_for()
    expect(visitor.page.locator("[data-chart=map] .annotation-text")).to_have_count(0)
    assert visitor.page.evaluate(
        "(s => s.scrollWidth <= s.clientWidth)(document.querySelector('.lens .scroll'))"
    )
