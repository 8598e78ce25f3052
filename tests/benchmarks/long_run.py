"""A run that was left on: what it costs on disk, and what opening it costs.

    python -m tests.benchmarks.long_run [--steps 2000000] [--keep FOLDER]

Events as a worker tells them (600 steps a report, an epoch every 40 steps, a sample every tenth, a checkpoint every
8,192) go through the store; then a fresh process opens the run as a chart does. Asked: at most 20 MB on disk, at most
100 ms and 10 MB to open.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

import numpy as np

from playground.benchmarks.machine import describe_machine
from playground.config import from_flat
from playground.records import RunStatus, TrainingFacts
from playground.store.messages import CheckpointSaved, Message
from playground.store.run_store import RunStore
from playground.training.events import EpochDone, Finished, SampleMade, Started, StepDone

REPORT, EPOCH, CHECKPOINT = 600, 40, 8_192
FACTS = TrainingFacts("cpu", "a cpu", 1, "2", 321, 28, EPOCH, 300, 30)


def left_on(store: RunStore, steps: int) -> tuple[str, list[float]]:
    """Tell a store of a run; its id, and the seconds of each report."""
    id = store.create(from_flat({"epochs": "off"}), "Left on").id
    store.append(id, [Started(FACTS), CheckpointSaved(0.0, 0, True, "step-0.weights", "step-0.training")])
    rng = np.random.default_rng(0)
    seconds = []
    for begin in range(0, steps, REPORT):
        last = min(steps, begin + REPORT)
        noise = rng.normal(0, 0.1, (last - begin, 2)).tolist()
        told: list[Message] = []
        for step, (up, along) in enumerate(noise, start=begin + 1):
            loss = 1.5 + 1.8 / (1 + step / 2_000) + up
            told.append(StepDone(step, step / EPOCH, loss, abs(1 + 3 * along), 0.9, 40_000.0, step / 1_200))
            if step % EPOCH == 0:
                epoch = step // EPOCH
                told.append(EpochDone(epoch, step, loss, loss + 0.2, step / 1_200))
                if epoch % 10 == 0:
                    told.append(SampleMade(epoch, step, "time", " traveller" * 8))
            if step % CHECKPOINT == 0:
                told.append(CheckpointSaved(step / EPOCH, step, False, f"{step}.weights", f"{step}.training"))
        started = time.perf_counter()
        store.append(id, told)
        seconds.append(time.perf_counter() - started)
    store.append(id, [Finished(RunStatus.STOPPED, steps, steps / EPOCH, steps / 1_200)])
    return id, seconds


def open_it(folder: str, id: str) -> dict[str, float]:
    """Seconds and memory of opening a run; the process is fresh."""
    store = RunStore(Path(folder))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    history = store.history(id)
    first = time.perf_counter() - started
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    again, busy = [], []
    for most in range(1_900, 1_909):  # each is computed anew
        started, worked = time.perf_counter(), time.process_time()
        store.history(id, most=most)
        again.append(time.perf_counter() - started)
        busy.append(time.process_time() - worked)
    tracemalloc.start()
    store.history(id, most=1_999)
    _, peak = tracemalloc.get_traced_memory()
    return {
        "points": len(history.step_loss),
        "first_ms": round(first * 1e3),
        "median_ms": round(statistics.median(again) * 1e3),
        "processor_ms": round(statistics.median(busy) * 1e3),
        "grown_mb": round(grown, 1),
        "allocated_mb": round(peak / 2**20, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=2_000_000)
    parser.add_argument("--open", nargs=2, metavar=("FOLDER", "RUN"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.open:
        print(json.dumps(open_it(*asked.open)))
        return
    with tempfile.TemporaryDirectory() as folder:
        store = RunStore(Path(folder))
        started = time.perf_counter()
        id, seconds = left_on(store, asked.steps)
        whole = time.perf_counter() - started
        store.close()
        disk = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file()) / 2**20
        command = [sys.executable, "-m", "tests.benchmarks.long_run", "--open", folder, id]
        opened = json.loads(subprocess.check_output(command, text=True))
    passed = disk <= 20 and opened["median_ms"] <= 100 and opened["allocated_mb"] <= 10
    result = {
        "machine": str(describe_machine(1)),
        "steps": asked.steps,
        "steps_per_second_stored": round(asked.steps / whole),
        "longest_report_ms": round(max(seconds) * 1e3),
        "median_report_ms": round(statistics.median(seconds) * 1e3),
        "disk_mb": round(disk, 1),
        **opened,
        "passed": passed,
    }
    print(json.dumps(result, indent=2))
    sys.exit(not passed)


if __name__ == "__main__":
    main()
