"""Thirty browsers let a large network write, and somebody follows a run.

    python -m tests.benchmarks.flood_of_writers [--writers 30] [--seconds 20]

Every writer streams one text after another, and comes back when it is told to. History is asked four times a second,
first alone, then beside them. Asked: its 95th percentile stays at 0.5 s at the most, and every writer gets a text on.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path

from playground.benchmarks.machine import describe_machine
from playground.config import from_flat
from playground.runs.launch import launch
from tests.benchmarks.class_of_thirty import spread
from tests.e2e.conftest import Server

MOST_P95 = 0.5
"""Seconds."""
POLL_SECONDS = 0.25
LARGE = {
    "hidden_size": 1024,
    "num_layers": 4,
    "batch_size": 2,
    "num_steps": 10,
    "max_tokens": 100,
    "epochs": 1,
    "sample_every": 0,
    "threads": 1,
    "device": "cpu",
}


def train_large(data: Path) -> str:
    """A run of four layers of 1,024 units, and its id."""
    manager = launch(data, inline=True)
    run = manager.wait(manager.start(from_flat(LARGE)).id)
    manager.close()
    manager.store.close()
    return run.id


class Writers:
    """Threads that let a run write until they are told to end.

    Args:
        url: Where the texts come from.
        count: How many threads.
        patient: They come back when they are told to, not at once.
    """

    def __init__(self, url: str, count: int, *, patient: bool = True) -> None:
        self._patient = patient
        self.done = threading.Event()
        self.told: Counter[str] = Counter()
        self._url, self._lock = url, threading.Lock()
        self._threads = [threading.Thread(target=self._write, args=(i,), daemon=True) for i in range(count)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self.done.set()
        for thread in self._threads:
            thread.join(60)

    def _write(self, number: int) -> None:
        while not self.done.is_set():
            try:
                with urllib.request.urlopen(f"{self._url}&seed={number}", timeout=120) as answer:
                    for line in answer:
                        if self.done.is_set():
                            return
                        told = json.loads(line)
                        self._count("tokens", len(told.get("tokens", ())))
                        self._count("texts", bool(told.get("done")))
            except urllib.error.HTTPError as error:
                self._count(str(error.code), 1)
                wait = float(error.headers.get("retry-after", 1))
                self.done.wait(wait if self._patient else 0.05)
            except OSError:
                self._count("broken off", 1)

    def _count(self, what: str, more: int) -> None:
        with self._lock:
            self.told[what] += more


def poll(url: str, seconds: float) -> list[float]:
    """Seconds that each answer took."""
    took, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        started = time.perf_counter()
        with urllib.request.urlopen(url, timeout=120) as answer:
            answer.read()
        took.append(time.perf_counter() - started)
        time.sleep(max(0.0, POLL_SECONDS - took[-1]))
    return took


def measure(server: Server, run: str, writers: int, seconds: float) -> dict[str, object]:
    history = f"{server.url}/api/runs/{run}/history"
    poll(history, 1)  # the first answer opens the database
    alone = poll(history, seconds / 4)
    crowd = Writers(f"{server.url}/api/runs/{run}/write?prefix=the+tide&length=200", writers)
    poll(history, 2)  # until all have come
    beside = poll(history, seconds)
    crowd.stop()
    p95 = spread(beside)["p95"]
    return {
        "machine": str(describe_machine(1)),
        "writers": writers,
        "history_alone": spread(alone),
        "history_beside": spread(beside),
        "told": dict(crowd.told),
        "passed": p95 <= MOST_P95 and crowd.told["tokens"] > 0,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--writers", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=20.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        run = train_large(data)
        server = Server(data, Path(folder) / "log")
        server.start()
        try:
            result = measure(server, run, asked.writers, asked.seconds)
            print(json.dumps(result, indent=2, ensure_ascii=False), flush=True)
        finally:
            server.kill()  # texts may be under way
    sys.exit(not result["passed"])


if __name__ == "__main__":
    main()
