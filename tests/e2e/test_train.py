"""The way a person goes, in a real browser."""

from __future__ import annotations

import json
import os
import re
import signal

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import SMALL, Visitor, until

ENDLESS = f"{SMALL}&epochs=off"
COLOURS = """(() => {
    const chart = document.querySelector('.perplexity'), of = (e, what) => getComputedStyle(e)[what]
    return { text: of(document.querySelector('.live-panel'), 'color'), axis: of(chart.querySelector('.xtick text'), 'fill'),
             line: of(chart.querySelector('.js-line'), 'stroke') }
})()"""


def brightness(colour: str) -> float:
    """Of `rgb(1, 2, 3)`, from 0 to 1."""
    return sum(map(float, re.findall(r"[\d.]+", colour)[:3])) / 765


@pytest.fixture
def trains(server, visit):
    """A visitor whose run is under way; it is stopped afterwards."""
    visitor = visit(server, f"?{ENDLESS}").press("start").wait_for_points(5).expect_status("running")
    yield visitor
    if visitor.page.locator(".live-panel").get_attribute("data-status") in ("running", "paused"):
        visitor.press("stop").expect_status("stopped")


def test_start_makes_a_curve_that_grows(trains):
    trains.expect_status("running")
    trains.wait_for_points(trains.points() + 20)
    first, *_, last = trains.curve()[1]
    assert last < first
    expect(trains.page.locator("[data-figure=train]")).to_have_text(re.compile(r"^[\d.]+$"))
    expect(trains.page.locator("[data-figure=device]")).to_have_text("CPU")
    expect(trains.page.locator(".newest")).to_contain_text("I was thirte")


def test_zoom_stays_while_data_arrive_and_the_page_reruns(trains):
    page = trains.page
    area = page.locator(".perplexity .nsewdrag").first
    box = area.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 70, steps=5)
    trains.wait_for_points(trains.points() + 5)  # data that arrive under the hand end nothing
    page.mouse.move(box["x"] + 220, box["y"] + 120, steps=5)
    page.mouse.up()
    ranges = "['x', 'y'].map(a => [...document.querySelector('.perplexity').layout[a + 'axis'].range])"
    page.wait_for_function("document.querySelector('.perplexity').layout.xaxis.autorange !== true")
    zoomed = page.evaluate(ranges)
    trains.wait_for_points(trains.points() + 20)
    assert page.evaluate(ranges) == zoomed
    page.locator(".st-key-bidirectional").get_by_text(
        "Two directions", exact=True
    ).click()  # any control: the page reruns
    trains.settle().wait_for_points(trains.points() + 20)
    assert page.evaluate(ranges) == zoomed


def test_theta_is_dragged_while_the_run_trains_and_leaves_a_mark_on_both_charts(trains):
    page, handle = trains.page, trains.page.locator(".theta")
    expect(handle).to_have_text("θ = 1")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 30, steps=5)
    page.mouse.up()
    marks = (
        "['perplexity', 'norm'].map(c => document.querySelector('.' + c).layout.shapes.filter(s => "
        "s.line.dash === 'dashdot').length)"
    )
    page.wait_for_function(f"JSON.stringify({marks}) === '[1,1]'")
    moved = float(page.locator(".clip-at").input_value())
    assert 0 < moved < 1
    expect(handle).to_have_attribute("aria-valuenow", f"{moved:g}")
    handle.focus()
    page.keyboard.press("ArrowUp")
    page.wait_for_function(f"JSON.stringify({marks}) === '[2,2]'")
    assert float(page.locator(".clip-at").input_value()) == pytest.approx(1.1 * moved, rel=0.01)
    page.locator(".clip-on").click()
    page.wait_for_function(f"JSON.stringify({marks}) === '[3,3]'")
    expect(handle).to_be_hidden()
    expect(page.locator(".clipped")).to_have_text("Clipping is off.")
    page.locator(".clip-on").click()
    page.wait_for_function(f"JSON.stringify({marks}) === '[4,4]'")
    page.locator(".clip-at").fill("-3")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("stAlert").first).to_contain_text(
        "give a number above 0, up to 1,000,000, or off"
    )
    trains.settle().press("stop").expect_status("stopped")
    expect(page.locator(".clip-at")).to_be_disabled()
    level = trains.curve("norm", 1)[1]
    assert level[0] == 1 and None in level and level[-1] == pytest.approx(1.1 * moved, rel=0.01)


def test_a_twin_without_clipping_explodes_beside_its_run_and_the_page_says_why(server, visit):
    link = "?cell=rnn&max_tokens=3000&normalize=letters&held_out=0&optimizer=sgd&lr=4&epochs=4&batch_size=8&input=one-hot&dropout=0&sample_every=0"
    visitor = visit(server, link).press("start").expect_status("finished")
    page = visitor.page
    page.locator(".st-key-twin button").first.click()
    expect(page.locator(".twin")).to_have_attribute("data-status", "finished", timeout=60_000)
    told = page.get_by_test_id("stAlert").filter(has_text="twin without clipping")
    expect(told).to_contain_text(
        re.compile(r"Exploded.* in epoch \d+ .*perplexity of .*Without clipping one long gradient")
    )
    twin = visitor.curve("perplexity", 3)
    assert len(twin[0]) > 20
    assert max(twin[1]) > 1000 * max(visitor.curve("perplexity", 0)[1])
    assert len(visitor.curve("norm", 2)[0]) == len(twin[0])
    page.reload()
    visitor.settle().wait_for_points(20)
    page.wait_for_function(f"document.querySelector('.perplexity').data[3].x.length === {len(twin[0])}")
    page.locator(".st-key-twin_hide button").first.click()
    expect(told).to_be_hidden()
    page.wait_for_function("document.querySelector('.perplexity').data.length === 3")


def test_pause_stands_still_resume_goes_on_stop_ends(trains):
    trains.press("pause").expect_status("paused")
    stood = trains.page.evaluate(
        "fetch(location.origin + '/api/runs/' + new URL(location).searchParams.get('run') + "
        "'/history').then(r => r.json())"
    )
    expect(trains.page.locator(".st-key-resume button")).to_be_enabled()
    expect(trains.page.locator("[data-figure=status]")).to_contain_text("paused")
    trains.press("resume").expect_status("running")
    trains.wait_for_points(len(stood["steps"]["epoch"]) + 5)
    trains.press("stop").expect_status("stopped")
    expect(trains.page.locator(".st-key-stop button")).to_be_disabled()
    expect(trains.page.locator(".st-key-start button")).to_be_enabled()


def test_reload_and_another_browser_show_the_same_curve(server, visit):
    first = visit(server, f"?{SMALL}&epochs=3").press("start").expect_status("finished")
    first.page.wait_for_function("document.querySelector('.perplexity').data[1].x.length === 3")
    curve, norms = first.curve(), first.curve("norm")
    assert len(curve[0]) > 20
    other = visit(server, first.page.url.removeprefix(server.url + "/")).wait_for_points(len(curve[0]))
    assert other.curve() == curve
    assert other.curve("norm") == norms
    first.page.reload()
    first.settle().wait_for_points(len(curve[0]))
    assert first.curve() == curve


def test_a_link_brings_the_set_up_back(server, visit):
    link = "?cell=gru&num_layers=2&hidden_size=64&max_grad_norm=0.5&seed=7&optimizer=sgd&lr=0.5&epochs=12"
    page = visit(server, link).page
    expect(page.get_by_test_id("stText").first).to_contain_text("GRU 64 · 2 layers · one direction · θ = 0.5")
    expect(page.get_by_test_id("stText").first).to_contain_text("SGD 0.5 · seed 7")
    page.get_by_text("RNN", exact=True).click()
    page.wait_for_url(re.compile("cell=rnn"))
    assert "hidden_size=64" in page.url


def test_hands_faster_than_the_network_lose_no_setting(server, visit):
    visitor = visit(server, "write")
    held, is_slow = [], [False]

    def connect(browser):
        upstream = browser.connect_to_server()
        upstream.on_message(lambda m: held.append(lambda: browser.send(m)) if is_slow[0] else browser.send(m))

    visitor.page.route_web_socket(re.compile("_stcore/stream"), connect)
    visitor.go(f"?{SMALL}&lang=en")
    is_slow[0] = True  # what the server answers does not come before all is done
    for setting, value in (("hidden_size", "24"), ("epochs", "2")):
        field = visitor.page.locator(f".st-key-{setting} input")
        field.fill(value)
        field.press("Tab")
        until(lambda: visitor.page.evaluate("1") and held, 15, f"the server has heard of {setting}")
    visitor.page.locator(".st-key-start button").click()
    is_slow[0] = False
    for send in held:
        send()
    visitor.expect_status("finished")
    words = visitor.page.evaluate("Object.fromEntries(new URL(location).searchParams)")
    words.pop("run")
    asked = dict(pair.split("=") for pair in SMALL.split("&"))
    assert words == asked | {"lang": "en", "hidden_size": "24", "epochs": "2"}


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("hidden_size=99999", "Hidden units is '99999'; give a whole number from 8 to 1,024."),
        ("max_grad_norm=nan", "Clipping threshold θ is 'nan'; give a number above 0"),
        ("cell=<b>x</b>", "Cell is '<b>x</b>'; choose one of rnn, gru, lstm."),
        ("corpus=nosuch", "The link names the text 'nosuch', which is not here."),
        ("run=nosuch", "There is no run 'nosuch'."),
    ],
)
def test_a_wrong_link_is_told_and_survived(server, visit, asked, told):
    visitor = visit(server, f"?{asked}")
    expect(visitor.page.get_by_test_id("stAlert").first).to_contain_text(told)
    expect(visitor.page.locator(".st-key-start button")).to_be_enabled()


def test_an_uploaded_text_is_trained_on(server, visit, tmp_path):
    file = tmp_path / "my own <b>text.txt"
    file.write_text("it was a dark and stormy night. " * 40, "utf-8")
    visitor = visit(server, f"?{SMALL}&epochs=2")
    page = visitor.page
    page.get_by_text("Add your own text").click()
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("Added and chosen: 1,280 characters.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stText").first).to_contain_text("my own <b>text")
    visitor.settle().press("start").expect_status("finished")
    expect(page.locator(".newest")).to_contain_text("it was a dar")


def test_a_text_in_gb18030_asks_for_its_encoding(server, visit, tmp_path):
    file = tmp_path / "旧文.txt"
    file.write_bytes(("雨下了一夜,街上没有人。" * 60).encode("gb18030"))
    page = visit(server, f"?{SMALL}").page
    page.get_by_text("Add your own text").click()
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("The text is not UTF-8")).to_be_visible()
    page.get_by_text("GB18030", exact=True).click()
    expect(page.get_by_text("Added and chosen: 720 characters.")).to_be_visible()


def test_a_refused_text_is_told_with_the_figures(server, visit, tmp_path):
    file = tmp_path / "book.zip"
    file.write_bytes(b"PK\x03\x04" + bytes(200))
    page = visit(server, f"?{SMALL}").page
    page.get_by_text("Add your own text").click()
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("This is a file of the kind ZIP")).to_be_visible()


def test_the_language_can_be_switched_and_linked(server, visit):
    page = visit(server).page
    page.get_by_text("简体中文").click()
    expect(page.locator(".st-key-start")).to_contain_text("开始")
    page.wait_for_url(re.compile("lang=zh"))
    chinese = visit(server, locale="zh-CN").page
    expect(chinese.locator(".st-key-start")).to_contain_text("开始")
    english = visit(server, "?lang=en", locale="zh-CN").page
    expect(english.locator(".st-key-start")).to_contain_text("Start")


def test_a_phone_shows_everything_without_sideways_scrolling(server, visit):
    visitor = visit(server, f"?{SMALL}&epochs=2", width=390).press("start").expect_status("finished")
    page = visitor.page
    for part in (".perplexity", ".norm", ".newest", ".st-key-start"):
        box = page.locator(part).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390, part
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390


def test_every_run_can_be_opened_renamed_and_deleted(server, visit):
    visitor = visit(server, f"?{SMALL}&epochs=1").press("start").expect_status("finished")
    page = visitor.page
    page.locator(".st-key-menu button").first.click()  # the second one is its twin for small screens
    page.get_by_label("Name", exact=True).fill("my <i>first</i> run")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("stText").first).to_contain_text("my <i>first</i> run")
    with page.expect_download() as download:
        page.get_by_text("Export (weights, settings, curves)").click()
    assert download.value.suggested_filename.startswith("run-")
    page.get_by_text("Delete for good").click()
    visitor.settle().press("delete")
    expect(page.locator(".live-panel .nothing")).to_be_visible()
    assert "run=" not in page.url


def test_a_deep_link_works_on_a_fresh_server(own_server, visit):
    page = visit(own_server, "?cell=gru&lang=zh").page
    expect(page.locator(".st-key-start")).to_contain_text("开始")
    expect(page.get_by_test_id("stText").first).to_contain_text("GRU")


def test_a_killed_server_leaves_a_run_that_goes_on(own_server, visit):
    visitor: Visitor = visit(own_server, f"?{SMALL}&epochs=400")
    visitor.press("start").wait_for_points(30)
    own_server.kill()
    expect(visitor.page.locator(".live-panel .lost")).to_be_visible()
    own_server.start()
    link = visitor.page.url.removeprefix(own_server.url + "/")
    visitor.page.context.close()
    visit.problems.clear()  # the browser rightly complained that the server was gone
    again = visit(own_server, link).expect_status("interrupted")
    expect(again.page.get_by_test_id("stAlert").first).to_contain_text("The server stopped")
    again.press("resume").expect_status("running").wait_for_points(30)
    again.press("stop").expect_status("stopped")


def test_a_killed_worker_fails_its_run_and_resume_goes_on(own_server, visit):
    visitor: Visitor = visit(own_server, f"?{SMALL}&epochs=400").press("start").wait_for_points(30)
    for pid in own_server.workers():
        os.kill(pid, signal.SIGKILL)
    visitor.expect_status("failed")
    expect(visitor.page.get_by_test_id("stAlert").first).to_contain_text("was killed (SIGKILL)")
    visitor.press("resume").expect_status("running").wait_for_points(30)
    visitor.press("stop").expect_status("stopped")


def test_the_charts_follow_a_switch_between_light_and_dark(server, visit):
    visitor = visit(server, f"?{SMALL}&epochs=1", color_scheme="light").press("start")
    page = visitor.expect_status("finished").page
    points, light = visitor.curve(), page.evaluate(COLOURS)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        f"before => JSON.stringify({COLOURS}) !== before", arg=json.dumps(light, separators=(",", ":"))
    )
    dark = page.evaluate(COLOURS)
    assert all(brightness(dark[part]) > brightness(light[part]) + 0.4 for part in ("text", "axis"))
    assert dark["line"] != light["line"]
    assert visitor.curve() == points
