"""What writing costs a run that trains: 200 characters by its newest weights, every few seconds.

    python -m tests.benchmarks.writing_while_training [--rounds 5] [--seconds 12] [--every 4]

An LSTM of 256 units trains; a second browser presses “Write again” or does not, taking turns. Asked:
the run keeps 95 % of its speed.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import tempfile
import threading
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from playground.benchmarks.machine import describe_machine
from tests.benchmarks.live_speed import speed
from tests.e2e.conftest import Server, Visitor, launch_browser


def speeds(
    server: Server, run: str, page: Page, rounds: int, seconds: float, every: float
) -> tuple[list[float], list[float]]:
    """Tokens a second without and with writing, taking turns."""
    plain: list[float] = []
    writing: list[float] = []
    for i in range(2 * rounds):
        measured = writing if i % 2 else plain
        counting = threading.Thread(target=lambda into=measured: into.append(speed(server.url, run, seconds)))
        counting.start()
        if i % 2:
            for _ in range(int(seconds / every)):
                page.locator(".st-key-write_again button").first.click()
                page.wait_for_timeout(1000 * every)
        while counting.is_alive():
            page.wait_for_timeout(50)
        page.wait_for_selector(".writes[data-state=done]")
    return plain, writing


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=12)
    parser.add_argument("--every", type=float, default=4)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder) / "data", Path(folder) / "log")
        server.start()
        browser = launch_browser(playwright)
        try:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            visitor = Visitor(page, server).go(
                "?hidden_size=256&batch_size=32&num_steps=35&epochs=off&sample_every=0"
            )
            visitor.press("start").wait_for_points(20)
            run = re.search("run=([0-9a-f]+)", page.url)
            assert run is not None
            visitor.go(f"write?run={run[1]}")
            page.wait_for_selector(".writes[data-state=done]")
            plain, writing = speeds(server, run[1], page, asked.rounds, asked.seconds, asked.every)
        finally:
            browser.close()
            server.stop()
    ratio = statistics.median(writing) / statistics.median(plain)
    print(
        json.dumps(
            {
                "machine": str(describe_machine(1)),
                "plain": [round(s) for s in plain],
                "writing": [round(s) for s in writing],
                "ratio": round(ratio, 3),
                "passed": ratio >= 0.95,
            },
            indent=2,
        )
    )
    sys.exit(ratio < 0.95)


if __name__ == "__main__":
    main()
