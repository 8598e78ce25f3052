"""The gate lens in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visitor

SENTENCE = "the tide came in"


@pytest.fixture
def run(trained) -> str:
    """A finished run's id."""
    return trained["two_epochs"]


@pytest.fixture
def lens(server, visit, run):
    """A visitor who looks at it."""
    return look(visit(server, f"gates?view=heatmap&order=index&run={run}&text={SENTENCE.replace(' ', '+')}"))


def look(visitor: Visitor) -> Visitor:
    visitor.page.locator(".lens .js-plotly-plot .heatmaplayer image").first.wait_for()
    return visitor


def shows(page: Page, **data: object) -> None:
    for name, value in data.items():
        expect(page.locator(".lens")).to_have_attribute(f"data-{name}", str(value))


def cell_of(page: Page, column: int, row: int) -> tuple[float, float]:
    """Where a cell of the large heatmap is on the screen, brought into view."""
    page.locator("[data-chart=map]").scroll_into_view_if_needed()
    return tuple(
        page.evaluate(
            """([x, y]) => { const c = document.querySelector('[data-chart=map]'), l = c._fullLayout, b = c.getBoundingClientRect()
               return [b.left + l.xaxis._offset + l.xaxis.l2p(x), b.top + l.yaxis2._offset + l.yaxis2.l2p(y)] }""",
            [column, row],
        )
    )


def test_a_typed_sentence_is_traced(lens):
    page = lens.page
    page.get_by_role("textbox", name="Sentence").fill("no man 7 é")
    page.keyboard.press("Control+Enter")
    page.wait_for_function("document.querySelector('[data-chart=map]')?.data?.[1].x.length === 10")
    expect(page.locator(".coloured")).to_contain_text("no man 7 é")
    expect(page.get_by_text("the network does not know")).to_contain_text("“é” (10)")
    expect(page.locator(".coloured .unknown")).to_have_count(2)
    page.wait_for_url(re.compile(r"text=no\+man"))


def test_a_click_on_a_cell_shows_its_unit(lens):
    page = lens.page
    page.mouse.click(*cell_of(page, 5, 3))  # rows count from below: unit 8 of 12
    shows(page, step=5, unit=8)
    expect(page.get_by_text("Unit 8 at token 6")).to_be_visible()
    expect(page.locator("[data-chart=unit]")).to_have_attribute("aria-label", re.compile("unit 8"))
    page.wait_for_url(re.compile("unit=8"))


def test_arrow_keys_walk_along_the_sentence_and_a_field_keeps_its_own(lens):
    page = lens.page
    page.locator(".coloured span").nth(4).click()  # behind the caption: token 4
    expect(page.locator(".lens")).to_have_attribute("data-step", "3")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".lens")).to_have_attribute("data-step", "4")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".lens")).to_have_attribute("data-step", "2")
    field = page.get_by_role("textbox", name="Sentence")
    field.press("ArrowLeft")
    field.blur()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".lens")).to_have_attribute("data-step", "3")  # from 2: the field's key did not count


def test_up_and_down_choose_a_unit_once_the_lens_has_been_clicked(lens):
    page = lens.page
    page.mouse.click(*cell_of(page, 5, 3))
    shows(page, step=5, unit=8)
    scrolled = page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop")
    page.keyboard.press("ArrowUp")
    shows(page, step=5, unit=7)
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    shows(page, step=5, unit=9)
    expect(page.get_by_text("Unit 9 at token 6")).to_be_visible()
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == scrolled
    expect(page.locator(".lens .hint")).to_contain_text("↑ and ↓ the unit")


def test_scrubbing_to_epoch_0_and_back_keeps_the_zoom(lens):
    page = lens.page
    trained = page.evaluate("document.querySelector('[data-chart=map]').data[1].z[0][5]")
    (x0, y0), (x1, y1) = cell_of(page, 2, 9), cell_of(page, 9, 3)
    page.mouse.move(x0, y0)
    page.mouse.down()
    page.mouse.move(x1, y1, steps=4)
    page.mouse.up()
    read = "[...document.querySelector('[data-chart=map]')._fullLayout.xaxis.range]"
    page.wait_for_function(f"{read}[0] > 1")
    zoomed = page.evaluate(read)
    slider = page.locator(".st-key-lens_epoch input[type=range]").first
    slider.focus()
    page.keyboard.press("Home")
    shows(page, epoch=0)
    assert page.evaluate("document.querySelector('[data-chart=map]').data[1].z[0][5]") != trained
    assert page.evaluate(read) == zoomed
    slider.focus()
    page.keyboard.press("End")
    shows(page, epoch=2)
    assert page.evaluate("document.querySelector('[data-chart=map]').data[1].z[0][5]") == trained


def test_what_is_told_under_a_resting_pointer_is_of_the_moment_on_show(lens):
    page = lens.page
    page.mouse.move(*cell_of(page, 5, 3))
    told = page.locator("[data-chart=map] .hoverlayer .hovertext")
    told.wait_for()
    before = told.text_content()
    slider = page.locator(".st-key-lens_epoch input[type=range]").first
    slider.evaluate("slider => slider.focus({ preventScroll: true })")  # the pointer stays over its cell
    page.keyboard.press("Home")
    shows(page, epoch=0)
    page.wait_for_function(
        "before => { const t = document.querySelector('[data-chart=map] .hoverlayer .hovertext'); "
        "return t && t.textContent !== before }",
        arg=before,
    )
    after = told.text_content()
    page.mouse.move(0, 0)
    page.mouse.move(*cell_of(page, 5, 3))
    told.wait_for()
    assert told.text_content() == after


def test_play_goes_from_the_first_moment_to_the_last(lens):
    page = lens.page
    page.evaluate(
        "() => { const lens = document.querySelector('.lens'); window.seen = [];"
        " new MutationObserver(() => window.seen.push(lens.dataset.epoch))"
        ".observe(lens, { attributes: true, attributeFilter: ['data-epoch'] }) }"
    )  # a moment on a busy machine may be shorter than the time between two looks
    page.locator(".st-key-lens_play button").first.click()
    page.wait_for_function(
        "() => window.seen.filter((epoch, i, all) => epoch !== all[i - 1]).join() === '0,1,2'", timeout=60_000
    )
    expect(page.locator(".st-key-lens_play")).to_contain_text("Play")


def test_the_menu_goes_to_the_lens_and_back_without_losing_anything(server, visit, run):
    visitor = visit(server, f"?cell=gru&hidden_size=24&run={run}")
    page = visitor.page
    page.get_by_role("link", name="Gate lens").click()
    page.get_by_text("All gates", exact=True).click()
    page.locator("[data-chart=all]").wait_for()
    page.get_by_role("link", name="Train").click()
    expect(page.get_by_text("Start trains: GRU 24")).to_be_visible()
    assert f"run={run}" in page.url
    page.get_by_role("link", name="Gate lens").click()
    page.locator("[data-chart=all]").wait_for()


def test_the_language_of_now_wins_over_the_one_of_an_old_visit(server, visit, run):
    page = look(visit(server, f"gates?view=heatmap&run={run}&lang=zh")).page
    page.get_by_role("link", name="训练").click()
    page.get_by_text("English", exact=True).click()
    expect(page.locator(".st-key-start")).to_contain_text("Start")
    page.get_by_role("link", name="Gate lens").first.click()
    expect(page.get_by_role("heading", name="The gate lens")).to_be_visible()
    page.wait_for_url(re.compile(r"gates\?.*lang=en"))


def test_a_link_brings_the_look_back(server, visit, run):
    link = f"gates?run={run}&epoch=1&text=the+sea&gate=o&view=compare&order=mean&unit=3&step=2&lang=zh"
    page = visit(server, link).page
    expect(page.locator("[data-chart=second]")).to_be_visible()
    shows(page, epoch=1, unit=3, step=2)
    expect(page.get_by_role("textbox", name="句子")).to_have_value("the sea")
    expect(page.get_by_role("radio", name="o 输出门")).to_be_checked()


def test_a_phone_scrolls_the_sentence_and_not_the_page(server, visit, run):
    page = look(visit(server, f"gates?view=heatmap&run={run}", width=390)).page
    fits = "(s => s.scrollWidth <= s.clientWidth)(document.querySelector('.lens .scroll'))"
    assert page.evaluate(fits)  # the usual sentence
    page = look(visit(server, f"gates?view=heatmap&run={run}&text={'the+tide+' * 8}", width=390)).page
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    assert page.evaluate("(s => s.scrollWidth > s.clientWidth)(document.querySelector('.lens .scroll'))")


def test_the_figures_can_be_taken_home(lens, tmp_path):
    page = lens.page
    for key, suffix in (("lens_npz", ".npz"), ("lens_csv", ".csv"), ("lens_html", ".html")):
        page.get_by_text("Download", exact=True).click()
        with page.expect_download() as download:
            page.locator(f".st-key-{key} button").first.click()
        assert download.value.suggested_filename.startswith("gates-")
        assert download.value.suggested_filename.endswith(suffix)
        page.keyboard.press("Escape")
