"""The way a person goes, in a real browser."""

from __future__ import annotations

import json
import os
import re
import signal

from playwright.sync_api import expect

from tests.e2e.conftest import SMALL, Visitor
from tests.helpers import until

SHORT = f"{SMALL}&max_tokens=3000"
COLOURS = """(() => {
    const chart = document.querySelector('.perplexity'), of = (e, what) => getComputedStyle(e)[what]
    return { text: of(document.querySelector('.live-panel'), 'color'), axis: of(chart.querySelector('.xtick text'), 'fill'),
             line: of(chart.querySelector('.js-line'), 'stroke') }
})()"""


def brightness(colour: str) -> float:
    """Of `rgb(1, 2, 3)`, from 0 to 1."""
    return sum(map(float, re.findall(r"[\d.]+", colour)[:3])) / 765


def test_an_ended_run_shows_where_theta_stood_all_along_and_moves_it_no_more(server, visit, trained):
    visitor = visit(server, f"?run={trained['moved']}").expect_status("stopped").wait_for_points(5)
    expect(visitor.page.locator(".clip-at")).to_be_disabled()
    level = visitor.curve("norm", 1)[1]
    assert level[0] == 1
    assert None in level  # clipping was off for a while
    assert level[-1] == 0.5


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
    assert len(twin[0]) > 12  # two epochs of it: then it has ended by itself
    assert max(twin[1]) > 1000 * max(visitor.curve("perplexity", 0)[1])
    expect(page.locator(".beyond")).to_contain_text("goes on to")
    top = "10 ** document.querySelector('.perplexity').layout.yaxis.range[1]"
    assert page.evaluate(top) < max(twin[1])
    page.locator(".beyond button").click()
    assert page.evaluate(top) > max(twin[1])
    assert len(visitor.curve("norm", 2)[0]) == len(twin[0])
    page.reload()
    visitor.settle().wait_for_points(20)
    page.wait_for_function(f"document.querySelector('.perplexity').data[3].x.length === {len(twin[0])}")
    page.locator(".st-key-twin_hide button").first.click()
    expect(told).to_be_hidden()
    page.wait_for_function("document.querySelector('.perplexity').data.length === 3")


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
    expect(page.get_by_test_id("stText").first).to_contain_text("SGD 0.5 · 12 epochs · seed 7")
    page.get_by_text("RNN", exact=True).click()
    page.wait_for_url(re.compile("cell=rnn"))
    assert "hidden_size=64" in page.url


def test_a_whole_set_up_chosen_with_one_click_is_one_step_back(server, visit):
    visitor = visit(server, "?lang=en")
    page, before = visitor.page, visitor.page.evaluate("history.length")
    page.get_by_text(re.compile("^d2l: GRU")).click()
    page.wait_for_url(re.compile("cell=gru.*"))
    visitor.settle()
    assert page.evaluate("history.length") == before + 1


def test_hands_faster_than_the_network_lose_no_setting(server, visit):
    visitor = visit(server, "write")
    held, is_slow = [], [False]

    def connect(browser):
        upstream = browser.connect_to_server()
        upstream.on_message(lambda m: held.append(lambda: browser.send(m)) if is_slow[0] else browser.send(m))

    visitor.page.route_web_socket(re.compile("_stcore/stream"), connect)
    visitor.go(f"?{SHORT}&lang=en")
    is_slow[0] = True  # what the server answers does not come before all is done
    for setting, value in (("hidden_size", "24"), ("epochs", "2")):
        field, heard = visitor.page.locator(f".st-key-{setting} input"), len(held)
        field.fill(value)
        field.press("Tab")
        until(lambda heard=heard: visitor.page.evaluate("1") and len(held) > heard, 15)  # the server answers
    visitor.page.locator(".st-key-start button").click()
    is_slow[0] = False
    for send in held:
        send()
    visitor.expect_status("finished")
    words = visitor.page.evaluate("Object.fromEntries(new URL(location).searchParams)")
    words.pop("run")
    asked = dict(pair.split("=") for pair in SHORT.split("&"))
    assert words == asked | {"lang": "en", "hidden_size": "24", "epochs": "2"}


def test_a_wrong_link_is_told_and_survived(server, visit):
    link = "?hidden_size=99999&max_grad_norm=nan&cell=<b>x</b>&corpus=nosuch&run=nosuch"
    visitor = visit(server, link)
    page = visitor.page
    for told in (
        "Hidden units is '99999'; give a whole number from 8 to 1,024.",
        "Clipping threshold θ is 'nan'; give a number above 0",
        "Cell is '<b>x</b>'; choose one of rnn, gru, lstm.",  # as it was typed, and no markup
        "The link names the text 'nosuch', which is not here.",
        "There is no run 'nosuch'.",
    ):
        expect(page.get_by_test_id("stAlert").filter(has_text=told)).to_be_visible()
    expect(page.locator(".st-key-start button")).to_be_enabled()


def test_an_uploaded_text_is_trained_on(server, visit, tmp_path):
    file = tmp_path / "my own <b>text.txt"
    file.write_text("it was a dark and stormy night. " * 40, "utf-8")
    visitor = visit(server, f"?{SMALL}&epochs=2")
    page = visitor.page
    page.get_by_text("Add your own text").click()
    page.locator("input[type=file]").set_input_files(file)
    told = page.get_by_test_id("stAlertContentSuccess").get_by_text("Added and chosen: 1,280 characters.")
    expect(told).to_be_visible()
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
    page.get_by_text("GB18030 (GBK), simplified Chinese").click()
    expect(
        page.get_by_test_id("stAlertContentSuccess").get_by_text("Added and chosen: 720 characters.")
    ).to_be_visible()


def test_the_language_can_be_switched_and_linked(server, visit):
    page = visit(server).page
    page.get_by_text("简体中文").click()
    expect(page.locator(".st-key-start")).to_contain_text("开始")
    page.wait_for_url(re.compile("lang=zh"))
    chinese = visit(server, locale="zh-CN").page
    expect(chinese.locator(".st-key-start")).to_contain_text("开始")
    english = visit(server, "?lang=en", locale="zh-CN").page
    expect(english.locator(".st-key-start")).to_contain_text("Start")


def test_a_phone_shows_everything_without_sideways_scrolling(server, visit, trained):
    visitor = visit(server, f"?run={trained['rnn']}", width=390).expect_status("finished").wait_for_points(5)
    page = visitor.page
    for part in (".perplexity", ".norm", ".newest", ".st-key-start"):
        box = page.locator(part).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390, part
    assert visitor.fits(390)
    curve, presets = (page.locator(part).bounding_box() for part in (".perplexity", ".st-key-presets"))
    assert curve["y"] + curve["height"] <= presets["y"]


def test_every_run_can_be_opened_renamed_and_deleted(server, visit, trained):
    visitor = visit(server, f"?run={trained['spare']}").expect_status("finished")
    page = visitor.page
    page.locator(".st-key-menu button").first.click()  # the second one is its twin for small screens
    page.get_by_label("Name", exact=True).fill("my <i>first</i> run")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("stText").first).to_contain_text("my <i>first</i> run")
    with page.expect_download() as download:
        page.get_by_text("Export (weights, settings, curves)").click()
    assert download.value.suggested_filename.startswith("run-")
    page.get_by_test_id("stPopoverBody").get_by_text("Really delete").click()
    visitor.settle().press("delete")
    expect(page.locator(".live-panel .nothing")).to_be_visible()
    assert "run=" not in page.url


def test_a_killed_worker_fails_its_run_and_resume_goes_on(server, visit):
    visitor: Visitor = visit(server, f"?{SMALL}&epochs=400").press("start").wait_for_points(30)
    workers = server.workers()
    assert workers
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    visitor.expect_status("failed")
    expect(visitor.page.get_by_test_id("stAlert").first).to_contain_text("was killed (SIGKILL)")
    visitor.press("resume").expect_status("running").wait_for_points(30)
    visitor.press("stop").expect_status("stopped")


def test_the_charts_follow_a_switch_between_light_and_dark(server, visit, trained):
    visitor = visit(server, f"?run={trained['rnn']}").expect_status("finished").wait_for_points(5)
    page = visitor.page
    points, light = visitor.curve(), page.evaluate(COLOURS)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        f"before => JSON.stringify({COLOURS}) !== before", arg=json.dumps(light, separators=(",", ":"))
    )
    dark = page.evaluate(COLOURS)
    assert all(brightness(dark[part]) > brightness(light[part]) + 0.4 for part in ("text", "axis"))
    assert dark["line"] != light["line"]
    assert visitor.curve() == points


def test_a_click_on_a_run_opens_it_whatever_was_done_before_and_boxes_only_select(server, visit, trained):
    visitor = visit(server, f"?run={trained['rnn']}").expect_status("finished")
    page, row = visitor.page, lambda name: visitor.page.locator(f".run-list tr[data-run='{trained[name]}']")
    page.get_by_text("Two directions", exact=True).last.click()  # a setting, right before
    page.wait_for_url(re.compile("bidirectional=true"))
    row("left").locator("input").click()
    row("lstm").locator("td.status").click()
    page.wait_for_url(re.compile(f"run={trained['lstm']}"))
    expect(row("lstm")).to_have_class("open")
    expect(row("left").locator("input")).to_be_checked()
    expect(page.locator(".run-list .delete")).to_have_text("Delete 1 …")
    page.locator(".run-list th button").filter(has_text="train perplexity").click()
    values = page.locator(".run-list td.number[data-label='train perplexity'] span").all_text_contents()
    numbers = [float(value) for value in values if re.fullmatch(r"[\d.]+", value)]  # others write 10¹²
    assert numbers == sorted(numbers)


def test_a_phones_drawer_closes_after_a_page_is_chosen(server, visit):
    page = visit(server, width=390).page
    expect(page.locator(".run-list td.name").first).to_be_visible()  # the panels are there
    page.get_by_test_id("stExpandSidebarButton").first.click()
    page.get_by_role("link", name="Basics").click()
    page.wait_for_url(re.compile("/basics"))
    expect(page.get_by_test_id("stExpandSidebarButton").first).to_be_visible()


def test_a_link_is_shared_with_or_without_its_run(server, visit, trained):
    page = visit(server, f"?run={trained['rnn']}").expect_status("finished").page
    page.get_by_text("Share", exact=True).click()
    link = page.get_by_test_id("stPopoverBody").get_by_test_id("stCode")
    expect(link).to_contain_text(f"run={trained['rnn']}")
    expect(page.get_by_test_id("stPopoverBody").locator("img")).to_be_visible()
    page.get_by_text("this set-up").click()
    expect(link).not_to_contain_text("run=")
    expect(link).to_contain_text("cell=rnn")
    assert page.title() == "Train · Recurrent playground"


def test_the_first_screenful_holds_the_curve_and_what_the_network_writes(server, visit, trained):
    page = visit(server, f"?run={trained['rnn']}").expect_status("finished").wait_for_points(5).page
    page.set_viewport_size({"width": 1280, "height": 800})
    for part in (".newest", ".perplexity"):
        box = page.locator(part).bounding_box()
        assert box["y"] + box["height"] <= 800, part
