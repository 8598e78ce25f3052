"""The Write page in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.benchmarks.flood_of_writers import Writers
from tests.e2e.conftest import Server, running, train, training_here
from tests.e2e.written import is_, panel, shown, text, write_again
from tests.helpers import until


@pytest.fixture
def writes(server, visit, trained):
    """Opens the page on a finished run."""

    def open_page(link: str = "", **options) -> Page:
        return visit(server, f"write?run={trained['lstm']}&{link}", **options).page

    return open_page


def test_it_writes_at_once_and_ends_where_it_should(writes):
    page = writes("prefix=the+tide&length=60")
    is_(page, "done")
    assert text(page).startswith("the tide")
    assert shown(page) == 60
    expect(page.locator(".side .row")).to_have_count(5)


def test_a_prefix_of_several_lines_is_taken_as_it_was_typed_and_its_line_ends_are_seen(writes):
    page = writes("length=20&temperature=0")
    field = page.get_by_role("textbox", name="Go on from")
    field.fill("the tide\n\nthe clock\n")
    field.press("Control+Enter")
    page.wait_for_url(re.compile(r"prefix=the\+tide%0A%0Athe\+clock%0A"))
    assert "seed=" not in page.url  # the key that takes the text does not also ask for another one
    is_(page, "done")
    expect(page.locator(".prefix")).to_have_text("the tide⏎\n⏎\nthe clock⏎\n", use_inner_text=False)
    expect(field).to_have_value("the tide\n\nthe clock\n")


def test_stop_holds_the_text_and_go_on_and_all_at_once_bring_the_rest(writes):
    page = writes("length=3000")
    page.wait_for_function("Number(document.querySelector('.writes')?.dataset.shown) > 5")
    page.get_by_role("button", name="Stop").click()
    is_(page, "stopped")
    before = shown(page)
    page.evaluate(
        "new Promise(done => { let n = 20; const f = () => n-- ? requestAnimationFrame(f) : done(); f() })"
    )
    assert shown(page) == before < 3000
    page.get_by_role("button", name="Go on", exact=True).click()
    page.wait_for_function("n => Number(document.querySelector('.writes').dataset.shown) > n", arg=before)
    page.get_by_role("button", name="All at once").click()
    is_(page, "done")
    assert shown(page) == 3000


def test_a_click_and_arrow_keys_show_what_else_could_have_stood_there(writes):
    page = writes("length=40&temperature=1")
    is_(page, "done")
    page.locator('.token[data-i="7"]').click()
    expect(page.locator(".side h4")).to_contain_text("Token 8,")
    expect(page.locator(".side .row").nth(4)).to_be_visible()  # the fifth, and one more for a chosen outsider
    page.keyboard.press("ArrowRight")
    expect(page.locator(".side h4")).to_contain_text("Token 9,")
    expect(page.locator('.token.at[data-i="8"]')).to_have_count(1)
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".side h4")).to_contain_text("Token 8,")


def test_another_seed_writes_another_text_and_the_link_brings_it_back(writes, server, visit):
    page = writes("length=60&temperature=1.2")
    is_(page, "done")
    first = text(page)
    write_again(page)
    page.wait_for_url(re.compile("seed="))
    again = visit(server, page.url.removeprefix(server.url + "/")).page
    is_(again, "done")
    assert text(again) == text(page) != first


def test_the_same_seed_at_several_moments(writes):
    page = writes("view=training&length=30")
    is_(page, "done")
    expect(page.locator(".lane h4")).to_have_text(["epoch 1", "epoch 2", "epoch 3"])
    assert len({text(page, lane) for lane in range(3)}) == 3


def test_surprise_is_shown_by_colour_and_underline(writes):
    page = writes("view=surprise&text=the+tide+é")
    is_(page, "done")
    expect(page.locator(".text .token")).to_have_count(10)
    expect(page.locator(".text .unknown")).to_have_text("é")
    thickest = page.locator(".text .level4").first
    assert thickest.evaluate("e => getComputedStyle(e).borderBottomWidth") == "4px"
    page.get_by_label("colour by surprise").uncheck()
    assert thickest.evaluate("e => getComputedStyle(e).borderBottomWidth") == "0px"


def test_the_text_can_be_copied_and_downloaded(writes):
    page = writes("prefix=the+tide&length=25")
    is_(page, "done")
    with page.expect_download() as started:
        page.get_by_role("button", name="Download").click()
    assert Path(started.value.path()).read_text("utf-8") == text(page).replace("⏎\n", "\n")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator(".text-panel .copy").click()
    expect(page.locator(".text-panel .copy")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == text(page).replace("⏎\n", "\n")


@pytest.fixture(scope="module")
def by_heart(tmp_path_factory) -> Iterator[tuple[Server, str]]:
    """A server with a run that has learnt 400 characters by heart, and its id."""
    folder = tmp_path_factory.mktemp("by_heart")
    with training_here(folder / "data") as manager:
        run = train(
            manager,
            {
                "cell": "gru",
                "hidden_size": 48,
                "batch_size": 2,
                "num_steps": 20,
                "max_tokens": 400,
                "epochs": 60,
            },
        )
    with running(folder / "data", folder / "server.log") as server:
        yield server, run


def test_what_a_network_has_learnt_by_heart_is_told_and_marked_below_the_text(by_heart, visit):
    server, run = by_heart
    page = visit(server, f"write?run={run}&prefix=I+was&length=120&temperature=0").page
    is_(page, "done")
    line = page.locator(".copied-line")
    expect(line).to_contain_text(re.compile(r"Copied: \d+\.\d% stands in the training text in pieces of 20"))
    longest = re.search(r"the longest has (\d+)", line.text_content() or "")
    assert longest is not None
    marks = page.locator(".copied-text mark").all_text_contents()
    assert max(map(len, marks)) >= int(longest[1]) >= 20
    assert page.locator(".copied-text").text_content() == text(page).removeprefix("I was")
    underline = "e => getComputedStyle(e).textDecorationLine"
    assert page.locator(".copied-text mark").first.evaluate(underline) == "underline"


def test_where_nothing_is_copied_that_is_said_and_a_pasted_text_is_not_judged(writes):
    page = writes("prefix=the+tide&length=80&temperature=2")
    is_(page, "done")
    expect(page.locator(".copied-line")).to_contain_text(
        "no piece of 20 characters stands in the training text"
    )
    expect(page.locator(".copied-text")).to_be_hidden()
    page.get_by_role("radio", name="What surprises it", exact=True).check()
    expect(page.get_by_role("textbox", name="Text")).to_be_visible()
    is_(page, "done")
    expect(page.locator(".copied")).to_be_hidden()


def test_arrow_keys_alone_walk_through_a_pasted_text(writes):
    page = writes("view=surprise&text=the+tide")
    is_(page, "done")
    page.locator(".text-panel .text").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.locator(".side h4")).to_contain_text("Token 3,")
    expect(page.locator(".side .row")).to_have_count(5)


def test_a_burst_of_arrow_keys_moves_the_temperature_as_far(writes):
    page = writes("length=20&temperature=0")
    is_(page, "done")
    thumb = page.locator(".st-key-write_temperature input[type=range]")
    thumb.focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight", delay=30)
    page.wait_for_url(re.compile("temperature=1(&|$)"))
    expect(thumb).to_have_value("1")


def test_among_too_many_writers_a_text_waits_for_its_turn_says_so_and_begins_by_itself(
    server, visit, writes, trained
):
    crowd = Writers(
        f"{server.url}/api/runs/{trained['lstm']}/write?prefix=the+tide&length=10000", 40, patient=False
    )
    try:
        until(lambda: crowd.told["429"] > 40)
        page = writes("prefix=the+tide&length=30", locale="zh-CN")
        expect(panel(page)).to_have_attribute("data-queued", "true")
        expect(page.locator(".writes .lost")).to_have_text(
            "现在有许多文本正在生成。这一段正在排队，轮到它时会自动开始。"
        )
    finally:
        crowd.stop()
    is_(page, "done")
    expect(page.locator(".writes .lost")).to_be_hidden()
    assert shown(page) == 30
    visit.problems[:] = [problem for problem in visit.problems if "429 (Too Many" not in problem]


def test_on_a_dark_phone_in_chinese_no_view_is_wider_than_the_screen(server, visit, trained):
    link = f"write?run={trained['lstm']}&length=40"
    visitor = visit(server, link, width=390, locale="zh-CN", dark=True)
    page = visitor.page
    expect(page.get_by_role("heading", name="让它写")).to_be_visible()
    for view, own in (
        ("写作", page.locator(".writes .prefix")),
        ("它怎样学会写", page.locator(".lane h4").nth(2)),
        ("什么让它意外", page.get_by_label("按意外程度着色")),
    ):
        page.get_by_role("radio", name=view, exact=True).check()
        expect(own).to_be_visible()
        is_(page, "done")
        assert visitor.fits(390), view
