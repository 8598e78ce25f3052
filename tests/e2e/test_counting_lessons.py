"""The lessons about counting in a real browser."""

from __future__ import annotations

import re

from playwright.sync_api import expect

CHART = "[data-testid=stPlotlyChart] .main-svg"


def test_a_probability_dragged_to_0_makes_the_perplexity_infinite_at_once(server, visit):
    page = visit(server, "basics?view=perplexity&text=the+clock").page
    perplexity = page.locator("[data-testid=stMetricValue]").nth(2)
    before = perplexity.text_content()
    slider = page.locator(".st-key-chain_p input")
    slider.press("Home")
    expect(perplexity).to_have_text("∞")
    expect(page.get_by_text(f"it was {before}")).to_be_visible()
    page.wait_for_url(re.compile(r"[?&]p=0(&|$)"))
    expect(page.locator(CHART).first).to_be_visible()
    slider.press("End")
    expect(perplexity).not_to_have_text("∞")
    assert 1 <= float(perplexity.text_content()) < float(before)


def test_on_a_dark_phone_in_chinese_no_lesson_is_wider_than_the_screen(server, visit):
    page = visit(server, "basics?view=markov", width=390, locale="zh-CN", color_scheme="dark").page
    expect(page.get_by_role("heading", name="序列基础", exact=True)).to_be_visible()
    for lesson, heading in (
        ("马尔可夫假设", "一次猜测背后的计数"),
        ("齐普夫定律", "最常见的"),
        ("链式法则与困惑度", "拖动一个概率"),
    ):
        page.get_by_role("radio", name=lesson).click()
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        page.locator(CHART).first.wait_for()
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
