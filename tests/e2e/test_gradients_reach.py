"""The lesson of reach in a real browser."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.conftest import READY

CHART = ".st-key-reach .js-plotly-plot"
MAP = ".st-key-reach_map .js-plotly-plot"
LEFT = "s => Array.from(document.querySelector(s).calcdata[0], point => point.y)[20]"


def test_the_gain_slider_turns_vanishing_to_exploding_and_the_link_brings_it_back(server, visit):
    page = visit(server, "gradients?view=reach&show=fresh&gain=0.5&hidden_size=16").page
    page.locator(f"{CHART} .scatterlayer .trace").nth(2).wait_for()
    assert page.evaluate(LEFT, CHART) < 1e-4
    page.locator(".st-key-reach_gain input[type=range]").first.focus()
    page.keyboard.press("End")
    page.wait_for_url(re.compile(r"gain=1\.6"))
    expect(page.get_by_text("the largest |eigenvalue| of its recurrent weights is 1.60")).to_be_visible()
    page.wait_for_function(f"s => ({LEFT})(s) > 1e-2", arg=CHART)
    page.reload()
    page.locator(f"{CHART} .scatterlayer .trace").nth(2).wait_for()
    assert page.evaluate(LEFT, CHART) > 1e-2


def test_hovering_over_a_letter_says_in_words_what_it_moves(server, visit):
    page = visit(
        server, "gradients?view=reach&show=map&of=lstm&hidden_size=16&forget_bias=2&text=the+tide"
    ).page
    page.locator(f"{MAP} .heatmaplayer image").wait_for()
    box = page.locator(f"{MAP} .nsewdrag").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5 / 8, box["y"] + box["height"] * 7.5 / 8)
    expect(page.locator(f"{MAP} .hoverlayer")).to_contain_text(
        re.compile(r"“t” at 1 still moves the prediction at 8, 7 characters later: 0\.\d")
    )


def test_on_a_dark_phone_in_chinese_nothing_is_wider_than_the_screen(server, visit):
    link = "gradients?view=reach&show=fresh&gain=1.1&hidden_size=16"
    page = visit(server, link, width=390, locale="zh-CN", dark=True).page
    expect(page.get_by_role("heading", name="梯度", exact=True)).to_be_visible()
    for view, chart in (
        ("未训练的单元", "reach"),
        ("门在哪里让梯度回传得更远", "reach_biases"),
        ("一个句子", "reach_map"),
    ):
        page.locator(".st-key-reach_show").get_by_text(view, exact=True).click()
        page.locator(f".st-key-{chart} .main-svg").first.wait_for()
        page.locator(READY).wait_for()
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
