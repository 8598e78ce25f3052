"""The lesson of the cliff in a real browser."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

EYE = (
    "() => Object.values(document.querySelector('.cliff .surface').layout.scene.camera.eye).map((v) => "
    "Number(v.toFixed(3)))"
)
PIN = (
    "() => { const t = document.querySelector('.cliff .surface').data.at(-1); return [t.x[0], t.y[0], "
    "t.marker.symbol[1]] }"
)


def is_drawn_at(page: Page, step: int) -> None:
    """The curves' line, which is moved after the surface, stands at the step."""
    page.wait_for_function(
        "step => document.querySelector('.cliff .curves').layout.shapes[0].x0 === step",
        arg=step,
        timeout=30_000,
    )


def turn(page: Page) -> list[float]:
    """Drag the surface; where the camera is then."""
    usual = page.evaluate(EYE)
    surface = page.locator(".cliff .surface")
    surface.scroll_into_view_if_needed()
    box = surface.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y + 10)
    page.mouse.up()
    page.wait_for_function(f"usual => String(({EYE})()) !== String(usual)", arg=usual)
    return page.evaluate(EYE)


def test_on_a_dark_phone_in_chinese_the_slider_walks_along_the_paths_and_the_camera_stays(server, visit):
    """The smallest screen, for there the browsers of tests draw three dimensions on the processor."""
    page = visit(server, "gradients?view=cliff", width=390, locale="zh-CN", dark=True).page
    page.locator(".cliff[data-drawn]").wait_for(timeout=30_000)
    expect(page.locator(".cliff .surface")).to_have_attribute("aria-label", re.compile("^三维曲面"))
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    assert page.evaluate(
        "(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)(document.querySelector('.cliff'))"
    )
    assert page.evaluate(PIN)[2] == "diamond-open"  # thrown out
    turned = turn(page)
    slider = page.get_by_role("slider", name="更新步")
    expect(slider).to_have_attribute("aria-valuetext", "第 100 个更新步，共 100 个")
    slider.focus()
    page.keyboard.press("Home")
    is_drawn_at(page, 0)
    assert page.evaluate(PIN) == [5.5, -2.6, "diamond"]
    expect(page.locator(".cliff .now tbody tr").first).to_contain_text("0.04935")
    page.keyboard.press("ArrowRight")
    is_drawn_at(page, 1)
    assert page.evaluate(PIN)[0] < 5.5
    page.get_by_text("坡上更高处").click()  # other paths: the step and the camera stay
    expect(page.locator(".cliff[data-drawn*='-2.0']")).to_have_attribute("data-step", "1")
    page.wait_for_url(re.compile("b=-2"))
    assert page.evaluate(EYE) == turned
    page.get_by_role("button", name="播放").click()
    expect(page.locator(".cliff")).not_to_have_attribute("data-step", "1")
