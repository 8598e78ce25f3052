"""What only a browser shows of a language: the document's own, Streamlit's words, and numbers at a chart."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect


def menu(page: Page) -> str:
    """What Streamlit's menu says."""
    page.locator('[data-testid="stMainMenuButton"]').click()
    shown = page.locator('[data-testid="stMainMenuPopover"]')
    shown.wait_for()
    words = shown.inner_text()
    page.keyboard.press("Escape")
    shown.wait_for(state="hidden")
    return words


def test_the_document_and_streamlits_words_follow_the_language_there_and_back(server, visit):
    page = visit(server, "?lang=zh").page
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    assert "打印" in menu(page)
    page.get_by_role("button", name="添加自己的文本").click()
    expect(page.get_by_test_id("stFileUploader")).to_contain_text("每个文件最大")
    expect(page.get_by_test_id("stFileUploader")).not_to_contain_text("per file")
    page.keyboard.press("Escape")
    page.get_by_role("radio", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("button", name="Add your own text")).to_be_visible()
    assert "Print" in menu(page)


def test_powers_of_ten_are_raised_at_the_charts_of_a_run_that_explodes(server, visit):
    page = visit(
        server,
        "?corpus=the_tide_clock&cell=rnn&normalize=letters&optimizer=sgd&lr=1&max_grad_norm=off&epochs=2"
        "&hidden_size=256&max_tokens=10000&held_out=0&batch_size=32&input=one-hot&dropout=0&sample_every=0",
    )
    page.press("start").expect_status("finished")
    ticks = page.page.locator(".chart.perplexity .ytick text").all_text_contents()
    assert ticks
    assert not [tick for tick in ticks if re.search(r"e[+−-]?\d|\d{5}", tick)]
