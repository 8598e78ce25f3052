"""Thirty people who press Start in the same second: when each sees a first point, and how long a curve stands still.

    python -m tests.benchmarks.turns_of_thirty [--people 30] [--starts 3] [--seconds 200]

Each starts the quick look (LSTM 128) so many times; one of the runs ends only when it is stopped, one explodes, and one
is refused. Looked at for so many seconds, through the manager that a server has, beside one run alone before and after.
Asked, of 30 people on 2 cores: a first point for everybody within 40 s, nobody's curves still for longer than
30 s × (people ÷ 10), and the sum of tokens/s at least 0.9 of one run alone.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from playground.benchmarks.machine import describe_machine
from playground.config import from_flat
from playground.errors import PlaygroundError
from playground.presets import PRESETS
from playground.records import RunStatus
from playground.runs.launch import launch
from playground.runs.manager import RunManager

QUICK: Mapping[str, object] = PRESETS["quick"]
UNTIL_STOPPED = {"epochs": "off"}
EXPLODES = {"lr": 10.0, "max_grad_norm": "off", "optimizer": "sgd"}
REFUSED = {"batch_size": 4096, "num_steps": 512}
"""The story is too short for one such batch."""
TOKENS_A_STEP = int(str(QUICK.get("batch_size", 32))) * int(str(QUICK.get("num_steps", 35)))
LOOK_SECONDS = 0.1


def start_all(manager: RunManager, people: int, starts: int) -> tuple[dict[str, str], int]:
    """Have everybody start all their runs; run → person, and how many were refused."""
    runs: dict[str, str] = {}
    refused = 0
    for turn in range(starts):
        for number in range(people):
            special = (UNTIL_STOPPED, EXPLODES, REFUSED)[number] if turn == starts - 1 and number < 3 else {}
            person = f"person {number}"
            try:
                runs[manager.start(from_flat({**QUICK, **special}), owner=person).id] = person
            except PlaygroundError:
                refused += 1
    return runs, refused


def speed_alone(manager: RunManager, seconds: float) -> float:
    """Tokens/s by the wall clock of one run that nobody disturbs, from its first point on."""
    id = manager.start(from_flat({**QUICK, **UNTIL_STOPPED})).id
    while manager.store.get(id).step == 0:
        time.sleep(0.01)
    began, first = time.monotonic(), manager.store.get(id).step
    time.sleep(seconds)
    steps, passed = manager.store.get(id).step - first, time.monotonic() - began
    manager.stop(id)
    manager.wait(id)
    return steps * TOKENS_A_STEP / passed


class Watcher:
    """Follows everybody's curves.

    Args:
        runs: Run → person.
        began: When the first pressed Start.
    """

    def __init__(self, runs: Mapping[str, str], began: float) -> None:
        self.first_point: dict[str, float] = {}
        self.standstill = dict.fromkeys(runs.values(), 0.0)
        self.steps = 0
        self.training_seconds = 0.0
        self._runs = runs
        self._began = began
        self._moved = dict.fromkeys(runs.values(), began)
        self._before = dict.fromkeys(runs, (0, 0.0))

    def look(self, rows: Sequence[tuple[str, str, int, float]]) -> None:
        """Take in the rows of all runs: id, status, step, seconds of training."""
        now = time.monotonic()
        under_way = set()
        for id, status, step, seconds in rows:
            person = self._runs.get(id)
            if person is None:
                continue
            if RunStatus(status).is_active:
                under_way.add(person)
            steps, before = self._before[id]
            if step > steps:
                self.steps += step - steps
                self.training_seconds += seconds - before
                self._before[id] = (step, seconds)
                self.first_point.setdefault(person, now - self._began)
                self._note(person, now)
        for person, since in self._moved.items():
            if person not in under_way and now > since:
                self._moved[person] = now  # all its runs have ended

    def end(self) -> None:
        """Count the standstills that last."""
        for person in self._moved:
            self._note(person, time.monotonic())

    def _note(self, person: str, now: float) -> None:
        self.standstill[person] = max(self.standstill[person], now - self._moved[person])
        self._moved[person] = now


def watch(manager: RunManager, runs: Mapping[str, str], seconds: float, began: float) -> dict[str, object]:
    """Follow all curves for a while."""
    watcher = Watcher(runs, began)
    while time.monotonic() < began + seconds:
        rows = manager.store._database.rows("SELECT id, status, step, seconds FROM runs")
        watcher.look([(row["id"], row["status"], row["step"], row["seconds"]) for row in rows])
        time.sleep(LOOK_SECONDS)
    watcher.end()
    passed = time.monotonic() - began
    return {
        "people_with_a_point": len(watcher.first_point),
        "first_point_seconds": spread(list(watcher.first_point.values())),
        "standstill_seconds": spread(list(watcher.standstill.values())),
        "share_of_time_that_is_training": round(watcher.training_seconds / passed, 3),
        "tokens_per_second_of_training": round(watcher.steps * TOKENS_A_STEP / watcher.training_seconds),
        "tokens_per_second": round(watcher.steps * TOKENS_A_STEP / passed),
    }


def spread(values: list[float]) -> dict[str, float]:
    ordered = sorted(values) or [float("nan")]
    return {"median": round(statistics.median(ordered), 2), "max": round(ordered[-1], 2)}


def measure(folder: Path, people: int, starts: int, seconds: float) -> dict[str, object]:
    manager = launch(folder)
    try:
        before = speed_alone(manager, 20.0)
        began = time.monotonic()
        runs, refused = start_all(manager, people, starts)
        pressed = time.monotonic() - began
        result = watch(manager, runs, seconds, began)
        for id in runs:
            if id in manager._runs:
                manager.stop(id)
        for id in runs:
            manager.wait(id, 60)
        after = speed_alone(manager, 20.0)
    finally:
        manager.close()
        manager.store.close()
    alone = (before + after) / 2
    first, still = result["first_point_seconds"], result["standstill_seconds"]
    assert isinstance(first, dict) and isinstance(still, dict)
    ratio = float(str(result["tokens_per_second"])) / alone
    return {
        "machine": str(describe_machine(1)),
        "people": people,
        "starts": starts,
        "refused": refused,
        "pressed_within_seconds": round(pressed, 2),
        **result,
        "tokens_per_second_alone": [round(before), round(after)],
        "ratio": round(ratio, 3),
        "passed": result["people_with_a_point"] == people
        and first["max"] <= 40
        and still["max"] <= 3 * people
        and ratio >= 0.9,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=30)
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=200.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = measure(Path(folder) / "data", asked.people, asked.starts, asked.seconds)
    print(json.dumps(result, indent=2, ensure_ascii=False))
    sys.exit(not result["passed"])


if __name__ == "__main__":
    main()
