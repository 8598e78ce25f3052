"""The gate lens in a real browser: how fast a view switches, and what following costs a run.

    python -m tests.benchmarks.lens_in_browser [--times 5] [--rounds 4] [--seconds 8]

200 characters through an LSTM of 256 units. Asked: a switch within 300 ms from the click to the
drawn figure; a run that is followed keeps 95 % of its speed (on and off take turns).
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from playground.benchmarks.machine import describe_machine
from playground.text.corpora import CorpusLibrary
from tests.benchmarks.live_speed import speed
from tests.e2e.conftest import Server, Visitor, launch_browser

CHARACTERS = 200
SWITCHES = [
    ("lens_gate", "i input gate"),
    ("lens_gate", "h hidden state"),
    ("lens_order", "mean"),
    ("lens_gate", "f forget gate"),
    ("lens_view", "All gates"),
    ("lens_view", "Saturation and memory"),
    ("lens_view", "Compare"),
    ("lens_view", "Heatmap"),
    ("lens_order", "number"),
]
SWITCH = """async ([key, name]) => {
    const lens = document.querySelector('.lens')
    const option = [...document.querySelectorAll(`.st-key-${key} button, .st-key-${key} label`)].find(e => e.innerText === name)
    const drawn = new Promise(done => new MutationObserver((_, me) => { me.disconnect(); requestAnimationFrame(() => done(performance.now())) })
        .observe(lens, { attributes: true, attributeFilter: ['data-look'] }))
    const never = new Promise((_, fail) => setTimeout(() => fail(new Error(`nothing was drawn after ${name}`)), 10000))
    const pressed = performance.now()
    option.click()
    return await Promise.race([drawn, never]) - pressed
}"""


def switches(page: Page, times: int) -> dict[str, list[float]]:
    """Milliseconds from the click to the drawn figure, by what was clicked."""
    durations: dict[str, list[float]] = {name: [] for _, name in SWITCHES}
    for i in range(times + 1):
        for key, name in SWITCHES:
            page.locator(f".st-key-{key}").wait_for()
            took = page.evaluate(SWITCH, [key, name])
            if i:  # the first turn loads what is loaded once
                durations[name].append(round(took))
    return durations


def speeds(visitor: Visitor, rounds: int, seconds: float) -> tuple[list[float], list[float]]:
    """Tokens a second of a live run, not followed and followed, taking turns."""
    plain: list[float] = []
    followed: list[float] = []
    run = visitor.page.evaluate("new URL(location).searchParams.get('run')")
    toggle = visitor.page.locator(".st-key-lens_follow").get_by_text("Follow")
    for i in range(2 * rounds):
        visitor.page.wait_for_timeout(1500)  # what was switched has to settle
        (followed if i % 2 else plain).append(speed(visitor.server.url, run, seconds))
        toggle.click()
        visitor.settle()
    return plain, followed


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=8)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        data = Path(folder) / "data"
        text = CorpusLibrary(data / "corpora").load("the_tide_clock").text
        sentence = " ".join(text.split())[1000 : 1000 + CHARACTERS]
        server = Server(data, Path(folder) / "log")
        server.start()
        browser = launch_browser(playwright)
        try:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            visitor = Visitor(page, server)
            visitor.go("?hidden_size=256&batch_size=32&num_steps=35&epochs=1").press("start").expect_status(
                "finished"
            )
            page.get_by_role("link", name="Gate lens").click()
            page.locator(".lens .heatmaplayer image").first.wait_for()
            page.get_by_role("textbox", name="Sentence").fill(sentence)
            page.keyboard.press("Enter")
            page.wait_for_function(
                f"document.querySelector('[data-chart=map]')?.data?.[1].x.length === {CHARACTERS}"
            )
            switched = switches(page, asked.times)
            visitor.go("?hidden_size=256&batch_size=32&num_steps=35&epochs=off&sample_every=0").press(
                "start"
            ).wait_for_points(20)
            page.get_by_role("link", name="Gate lens").click()
            page.locator(".lens .heatmaplayer image").first.wait_for()
            plain, followed = speeds(visitor, asked.rounds, asked.seconds)
        finally:
            browser.close()
            server.stop()
    everything = [ms for times in switched.values() for ms in times]
    ratio = statistics.median(followed) / statistics.median(plain)
    passed = statistics.median(everything) <= 300 and ratio >= 0.95
    print(
        json.dumps(
            {
                "machine": str(describe_machine(1)),
                "switch_ms": {name: statistics.median(times) for name, times in switched.items()},
                "median_ms": statistics.median(everything),
                "longest_ms": max(everything),
                "plain": [round(s) for s in plain],
                "followed": [round(s) for s in followed],
                "ratio": round(ratio, 3),
                "passed": passed,
            },
            indent=2,
        )
    )
    sys.exit(not passed)


if __name__ == "__main__":
    main()
