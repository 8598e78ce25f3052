"""From the press on Start to the first point on the chart, in a real browser.

    python -m tests.benchmarks.first_point [--times 10]

The worker is warm: a first run, not counted, sees to that. Asked: ≤ 1.5 s.
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
from tests.e2e.conftest import Server, Visitor, launch_browser

WATCH = """() => {
    const button = document.querySelector('.st-key-start button')
    window.pressed = window.drawn = null
    button.addEventListener('click', () => { window.pressed = performance.now() }, { once: true })
    const look = () => {
        const x = document.querySelector('.live-panel:not(.idle) .perplexity')?.data?.[0]?.x ?? []
        if (window.pressed && x.length && document.querySelector('.perplexity .scatterlayer path.js-line')) {
            window.drawn = performance.now()
        } else requestAnimationFrame(look)
    }
    look()
}"""


def one_start(page: Page, visitor: Visitor, link: str) -> float:
    """Seconds from the click to the drawn line; the run is stopped afterwards."""
    visitor.go(link)
    page.locator(".st-key-start button").wait_for()
    page.evaluate(WATCH)
    visitor.press("start")
    page.wait_for_function("window.drawn !== null", timeout=60_000)
    seconds = float(page.evaluate("(window.drawn - window.pressed) / 1000"))
    visitor.press("stop").expect_status("stopped")
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--link", default="?hidden_size=256&epochs=off", help="set-up to start")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder) / "data", Path(folder) / "log")
        server.start()
        browser = launch_browser(playwright)
        try:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            visitor = Visitor(page, server)
            one_start(page, visitor, asked.link)
            seconds = [one_start(page, visitor, asked.link) for _ in range(asked.times)]
        finally:
            browser.close()
            server.stop()
    print(
        json.dumps(
            {
                "machine": str(describe_machine(1)),
                "seconds": [round(s, 2) for s in seconds],
                "median": round(statistics.median(seconds), 2),
                "max": round(max(seconds), 2),
                "passed": max(seconds) <= 1.5,
            },
            indent=2,
        )
    )
    sys.exit(max(seconds) > 1.5)


if __name__ == "__main__":
    main()
