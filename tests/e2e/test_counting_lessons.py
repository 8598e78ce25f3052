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
