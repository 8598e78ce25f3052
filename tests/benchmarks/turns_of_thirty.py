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
from collections.abc import Collection, Iterable, Mapping
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
REFUSED = {"batch_size": 1024, "num_steps": 256}
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
        people: Who has runs.
        began: When the first pressed Start.
    """

    def __init__(self, people: Collection[str], began: float) -> None:
        self._began = began
        self._first_point: dict[str, float] = {}
        self._standstill = dict.fromkeys(people, 0.0)
        self._moved = dict.fromkeys(people, began)
        self._before: dict[str, tuple[int, float]] = {}
        self._steps = 0
        self._training_seconds = 0.0

    def look(self, rows: Iterable[tuple[str, str, str, int, float]]) -> None:
        """Take in what is known of runs: id, person, status, step, seconds of training."""
        now = time.monotonic()
        under_way = set()
        for id, person, status, step, seconds in rows:
            if person not in self._moved:
                continue
            if RunStatus(status).is_active:
                under_way.add(person)
            steps, before = self._before.get(id, (0, 0.0))
            if step > steps:
                self._steps += step - steps
                self._training_seconds += seconds - before
                self._before[id] = (step, seconds)
                self._first_point.setdefault(person, now - self._began)
                self._note(person, now)
        for person in self._first_point.keys() - under_way:
            self._moved[person] = now  # all its runs have ended

    def figures(self) -> dict[str, object]:
        """What was seen until now."""
        for person in self._moved:
            self._note(person, time.monotonic())
        passed = time.monotonic() - self._began
        return {
            "people_with_a_point": len(self._first_point),
            "first_point_seconds": spread(list(self._first_point.values())),
            "standstill_seconds": spread(list(self._standstill.values())),
            "share_of_time_that_is_training": round(self._training_seconds / passed, 3),
            "tokens_per_second_of_training": round(self._steps * TOKENS_A_STEP / self._training_seconds),
            "tokens_per_second": round(self._steps * TOKENS_A_STEP / passed),
        }

    def _note(self, person: str, now: float) -> None:
        self._standstill[person] = max(self._standstill[person], now - self._moved[person])
        self._moved[person] = now


def watch(manager: RunManager, runs: Mapping[str, str], seconds: float, began: float) -> dict[str, object]:
    """Follow all curves for a while."""
    watcher = Watcher(set(runs.values()), began)
    while time.monotonic() < began + seconds:
        rows = manager.store._database.rows("SELECT id, owner, status, step, seconds FROM runs")
        watcher.look(
            (row["id"], row["owner"] or "", row["status"], row["step"], row["seconds"]) for row in rows
        )
        time.sleep(LOOK_SECONDS)
    return watcher.figures()


def passed(figures: Mapping[str, object], people: int, alone: float) -> dict[str, object]:
    """The sum of tokens/s beside one run alone, and whether all that is asked is so."""
    ratio = float(str(figures["tokens_per_second"])) / alone
    first, still = figures["first_point_seconds"], figures["standstill_seconds"]
    assert isinstance(first, dict) and isinstance(still, dict)
    has_all = figures["people_with_a_point"] == people
    return {
        "ratio": round(ratio, 3),
        "passed": has_all and first["max"] <= 40 and still["max"] <= 3 * people and ratio >= 0.9,
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
    return {
        "machine": str(describe_machine(1)),
        "people": people,
        "starts": starts,
        "refused": refused,
        "pressed_within_seconds": round(pressed, 2),
        **result,
        "tokens_per_second_alone": [round(before), round(after)],
        **passed(result, people, (before + after) / 2),
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
