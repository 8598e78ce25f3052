"""What a run that trains shows, on every page: one run, and a visitor for each test."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visitor
from tests.e2e.written import is_, surprises, write_again
from tests.helpers import until

LIVE = "cell=lstm&hidden_size=12&batch_size=4&num_steps=35&lr=0.03&epochs=off"
RUN = ".st-key-picked input, .st-key-chain_run input"
MARKS = """['perplexity', 'norm'].map(c => document.querySelector('.' + c).layout.shapes
    .filter(s => s.line.dash === 'dashdot').length)"""


@pytest.fixture(scope="module")
def live(server, visit_first) -> Iterator[str]:
    """A run that a person has started on the page and that trains until the last test is over; its id."""
    starter = visit_first(server, f"?{LIVE}").press("start").expect_status("running")
    run = starter.run()
    starter.page.close()
    yield run
    visit_first(server, f"?run={run}").press("stop").expect_status("stopped")


@pytest.fixture
def watch(server, visit, live) -> Callable[[], Visitor]:
    """Opens the Train page on that run."""

    def open_page() -> Visitor:
        return visit(server, f"?run={live}").expect_status("running").wait_for_points(5)

    return open_page


@pytest.fixture
def theta(watch) -> Visitor:
    """A visitor who has the handle of θ in view."""
    visitor = watch()
    expect(visitor.page.locator(".theta")).to_be_visible()
    visitor.page.locator(".theta").scroll_into_view_if_needed()
    return visitor


def limit(page: Page) -> float:
    """θ as the handle has it."""
    return float(page.locator(".theta").get_attribute("aria-valuenow"))


def marks(page: Page) -> list[int]:
    """How often θ was moved, as each chart shows it."""
    return page.evaluate(MARKS)


def expect_marks(page: Page, count: int) -> None:
    """So many on both charts, which is when the run has confirmed the moves."""
    page.wait_for_function(f"count => ({MARKS}).every(n => n === count)", arg=count)


def test_the_curve_grows_and_falls(watch):
    visitor = watch()
    visitor.wait_for_points(visitor.points() + 20)
    first, *_, last = visitor.curve()[1]
    assert last < first
    expect(visitor.page.locator("[data-figure=train]")).to_have_text(re.compile(r"^[\d.]+$"))
    expect(visitor.page.locator("[data-figure=device]")).to_have_text("CPU")
    expect(visitor.page.locator(".newest")).to_contain_text("I was thirte")


def test_zoom_stays_while_data_arrive_and_the_page_reruns(watch):
    visitor = watch()
    page = visitor.page
    area = page.locator(".perplexity .nsewdrag").first
    box = area.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 70, steps=5)
    visitor.wait_for_points(visitor.points() + 5)  # data that arrive under the hand end nothing
    page.mouse.move(box["x"] + 220, box["y"] + 120, steps=5)
    page.mouse.up()
    ranges = "['x', 'y'].map(a => [...document.querySelector('.perplexity').layout[a + 'axis'].range])"
    page.wait_for_function("document.querySelector('.perplexity').layout.xaxis.autorange !== true")
    zoomed = page.evaluate(ranges)
    visitor.wait_for_points(visitor.points() + 20)
    assert page.evaluate(ranges) == zoomed
    two = page.locator(".st-key-bidirectional").get_by_text("Two directions", exact=True)
    two.click()  # any control: the page reruns
    page.wait_for_url(re.compile("bidirectional=true"))
    visitor.settle().wait_for_points(visitor.points() + 20)
    assert page.evaluate(ranges) == zoomed


def test_theta_dragged_down_is_a_lower_limit_and_leaves_a_mark_on_both_charts(theta):
    page = theta.page
    (before, same), was = marks(page), limit(page)
    assert before == same
    box = page.locator(".theta").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 30, steps=5)
    page.mouse.up()
    expect_marks(page, before + 1)
    assert 0 < limit(page) < was
    label = page.locator(".theta").text_content()
    assert float(label.removeprefix("θ = ")) == pytest.approx(limit(page), rel=0.01)
    assert float(page.locator(".clip-at").input_value()) == pytest.approx(limit(page), rel=1e-5)


def test_an_arrow_key_moves_theta_by_a_tenth(theta):
    page = theta.page
    (before, _), was = marks(page), limit(page)
    page.locator(".theta").focus()
    page.keyboard.press("ArrowUp")
    expect_marks(page, before + 1)
    assert limit(page) == pytest.approx(1.1 * was, rel=0.01)


def test_clipping_turned_off_hides_theta_and_turned_on_again_brings_it_back(theta):
    page = theta.page
    (before, _), was = marks(page), limit(page)
    page.locator(".clip-on").click()
    expect_marks(page, before + 1)
    expect(page.locator(".theta")).to_be_hidden()
    expect(page.locator(".clipped")).to_have_text("Clipping is off.")
    page.locator(".clip-on").click()
    expect_marks(page, before + 2)
    expect(page.locator(".theta")).to_be_visible()
    assert limit(page) == pytest.approx(was, rel=0.01)


def test_a_typed_theta_that_cannot_be_is_told_and_moves_nothing(theta):
    page = theta.page
    (before, _), was = marks(page), limit(page)
    page.locator(".clip-at").fill("-3")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("stAlert").first).to_contain_text(
        "give a number above 0, up to 1,000,000, or off"
    )
    theta.settle().wait_for_points(theta.points() + 20)
    assert (marks(page), limit(page)) == ([before, before], was)


def test_pause_stands_still_resume_goes_on_stop_ends_and_an_ended_run_can_be_resumed(watch):
    visitor = watch()
    visitor.press("pause").expect_status("paused")
    stood = visitor.page.evaluate(
        "fetch(location.origin + '/api/runs/' + new URL(location).searchParams.get('run') + "
        "'/history').then(r => r.json())"
    )
    expect(visitor.page.locator(".st-key-resume button")).to_be_enabled()
    expect(visitor.page.locator("[data-figure=status]")).to_contain_text("paused")
    visitor.press("resume").expect_status("running")
    visitor.page.wait_for_function(
        "epoch => document.querySelector('.perplexity').data[0].x.at(-1) > epoch",
        arg=stood["steps"]["epoch"][-1],
    )
    visitor.press("stop").expect_status("stopped")
    expect(visitor.page.locator(".clip-at")).to_be_disabled()
    visitor.press("resume").expect_status("running")


def test_follow_shows_newer_and_newer_weights(watch):
    visitor = watch()
    page = visitor.page
    page.get_by_role("link", name="Gate lens").click()
    page.locator(".st-key-lens_view").get_by_text("Heatmap").click()
    page.locator(".lens .js-plotly-plot .heatmaplayer image").first.wait_for()
    page.locator(".st-key-lens_follow").get_by_text("Follow").click()
    epochs = [float(page.locator(".lens").get_attribute("data-epoch"))]
    for _ in range(2):
        page.wait_for_function("old => +document.querySelector('.lens').dataset.epoch > old", arg=epochs[-1])
        epochs.append(float(page.locator(".lens").get_attribute("data-epoch")))
    assert epochs == sorted(set(epochs))
    page.get_by_role("link", name="Train").click()
    visitor.expect_status("running")  # looking on costs the run nothing


def test_a_unit_is_watched_as_it_forms_while_the_run_trains(watch):
    visitor = watch()
    page = visitor.page
    page.get_by_role("link", name="Gate lens").click()
    row = page.locator(".cells .row").first
    row.wait_for(timeout=60_000)
    expect(row.locator(".says")).to_contain_text("when the run stands still")
    row.locator("[data-action=formation]").click()
    name = row.get_attribute("data-name")
    chart = page.locator(f".cells .row[data-name={name}] .chart")
    chart.locator(".main-svg").first.wait_for(timeout=60_000)
    page.locator(".st-key-lens_follow").get_by_text("Follow").click()
    last = "[...document.querySelectorAll('.cells .chart')].at(-1)?.data?.[1].x.at(-1) ?? -1"
    before = page.evaluate(last)
    for _ in range(2):
        page.wait_for_function(f"before => ({last}) > before", arg=before, timeout=60_000)
        before = page.evaluate(last)
    page.get_by_role("link", name="Train").click()
    visitor.expect_status("running")


def test_the_lens_and_the_lessons_say_by_themselves_that_a_run_trains_no_longer(watch, server, visit, live):
    trains = watch()
    looking = [
        visit(server, link).page
        for link in (f"gates?run={live}", f"basics?view=perplexity&by=run&run={live}")
    ]
    for page in looking:
        expect(page.locator(RUN)).to_have_value(re.compile("training"))
    trains.press("stop").expect_status("stopped")
    try:
        for page in looking:
            expect(page.locator(RUN)).to_have_value(re.compile("stopped"))
        expect(looking[0].locator(".st-key-lens_follow")).to_be_hidden()
        expect(looking[0].locator(".st-key-lens_epoch")).not_to_contain_text("now")
    finally:
        trains.press("resume").expect_status("running")


def test_a_run_that_trains_writes_with_its_newest_weights(watch, server, visit, live):
    trains = watch()
    page = visit(server, f"write?run={live}&length=50&temperature=0").page  # a text of the weights alone
    is_(page, "done")
    first = surprises(page)
    expect(page.get_by_text("It still trains.")).to_be_visible()

    def differs() -> bool:
        write_again(page)
        return surprises(page) != first

    until(differs, 60)
    trains.expect_status("running").press("stop").expect_status("stopped")
    try:
        expect(page.get_by_text("It still trains.")).to_be_hidden()  # the page finds out by itself
    finally:
        trains.press("resume").expect_status("running")
