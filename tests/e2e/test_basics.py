"""The Basics page in a real browser."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect


def drawn(page: Page, key: str):
    """A chart that Plotly has drawn."""
    chart = page.locator(f".st-key-{key} .js-plotly-plot")
    expect(chart.locator(".main-svg").first).to_be_visible()
    return chart


def test_a_person_steps_through_the_minibatches_by_keyboard(server, visit):
    page = visit(server, "basics?view=partitioning").page
    frame = drawn(page, "partition_text").locator(".annotation-text b, .annotation-text tspan[style*=bold]")
    expect(frame).to_have_text(["1·1", "1·2"])
    page.locator(".st-key-partition_minibatch_at input[type=range]").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile("minibatch=3"))
    expect(frame).to_have_text(["3·1", "3·2"])
    expect(page.get_by_text("which has read 10 tokens by now")).to_be_visible()
    page.locator(".st-key-partition_sampling").get_by_text("random", exact=True).click()
    page.wait_for_url(re.compile("sampling=random"))
    expect(page.get_by_text("every state begins at zero")).to_be_visible()


def test_a_second_direction_is_drawn_with_its_arrows(server, visit):
    page = visit(server, "basics?view=latent&hidden_size=32").page
    chart = drawn(page, "latent_unrolled")
    back = chart.locator(".legendtext", has_text="← state")
    expect(back).to_have_count(0)
    page.locator(".st-key-latent_bidirectional label").click()
    expect(back).to_have_count(1)
    page.wait_for_url(re.compile("bidirectional=true"))
    heads = (
        "() => document.querySelector('.st-key-latent_unrolled .js-plotly-plot').data.filter(t => t.name "
        "=== '← state')[0].marker.size.filter(s => s > 0).length"
    )
    assert page.evaluate(heads) == 3
    expect(page.get_by_test_id("stMetricValue")).to_have_text("17,692")


def test_the_next_lesson_is_read_from_its_beginning(server, visit):
    page = visit(server, "basics?view=latent&hidden_size=32", width=390).page
    drawn(page, "latent_unrolled")
    top = "document.querySelector('[data-testid=stMain]').scrollTop"
    page.locator(".st-key-lesson_next").scroll_into_view_if_needed()
    assert page.evaluate(top) > 400
    page.locator(".st-key-lesson_next button").click()
    page.wait_for_url(re.compile("view=zipf"))
    expect(page.get_by_role("heading", name=re.compile("Zipf")).first).to_be_visible()
    assert page.evaluate(top) < 100


def test_on_a_dark_phone_in_chinese_no_lesson_is_wider_than_the_screen(server, visit):
    link = "basics?bidirectional=true&num_layers=2&minibatch=2"
    visitor = visit(server, link, width=390, locale="zh-CN", dark=True)
    page = visitor.page
    expect(page.get_by_role("heading", name="序列基础", exact=True)).to_be_visible()
    for lesson, own in (
        ("自回归", page.locator(".st-key-forecast_errors .main-svg")),
        ("链式法则与困惑度", page.get_by_role("heading", name="拖动一个概率")),
        ("马尔可夫假设", page.get_by_role("heading", name="一次猜测背后的计数")),
        ("隐状态", page.locator(".st-key-latent_unrolled .main-svg")),
        ("齐普夫定律", page.get_by_role("heading", name="最常见的")),
        ("数据划分", page.locator(".st-key-partition_minibatch .main-svg")),
    ):
        page.get_by_role("radio", name=lesson, exact=True).check()
        expect(own.first).to_be_visible()
        expect(page.locator("[data-testid=stPlotlyChart] .main-svg").first).to_be_visible()
        assert visitor.fits(390), lesson
