"""The panel that a text is written in, as tests look at it."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def panel(page: Page):
    return page.locator(".text-panel.writes")


def is_(page: Page, state: str) -> None:
    expect(panel(page)).to_have_attribute("data-state", state)


def text(page: Page, lane: int = 0) -> str:
    return page.locator(".text-panel .text").nth(lane).text_content()


def surprises(page: Page) -> list[str]:
    """Every token that was written, with its surprise: other weights have others, also where the text is the same."""
    return page.evaluate("[...document.querySelectorAll('.writes .token[title]')].map(token => token.title)")


def shown(page: Page) -> int:
    return int(panel(page).get_attribute("data-shown").split()[0])


def write_again(page: Page) -> None:
    turn = int(panel(page).get_attribute("data-turn"))
    page.locator(".st-key-write_again button").first.click()
    page.wait_for_function(
        "n => { const { turn, state } = document.querySelector('.writes').dataset; return "
        "Number(turn) > n && state === 'done' }",
        arg=turn,
    )
