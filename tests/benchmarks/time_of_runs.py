"""How long real steps take, beside what a set-up's settings say.

    python -m tests.benchmarks.time_of_runs [--setups 60] [--seed 2] [--fit]

Seeded set-ups are trained for half a second or so each, on one thread, by a clock that counts this process's own time: others
on the machine do not count. Asked: nine of ten are told within a factor of two. `--fit` prints the costs that fit what
was measured best, by relative error (for `playground/runs/speed.py`); judge them with another seed.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from playground.benchmarks.machine import describe_machine
from playground.cells import CELLS
from playground.config import RunConfig, from_flat
from playground.runs.speed import step_seconds, terms
from playground.text.corpora import Corpus
from playground.text.prepare import prepare
from playground.training.control import Command, RunControl
from playground.training.events import StepDone
from playground.training.trainer import Trainer
from tests.benchmarks.memory_of_runs import text_of

SECONDS = 0.4
WARM_STEPS, LEAST_STEPS = 2, 3
MOST_WORK = 8_000_000
"""Units × tokens of a step: what is larger takes too long to measure."""
FACTOR, SHARE = 2.0, 0.9
CELL_NAMES = ("lstm", "gru", "rnn")


def setups(count: int, seed: int) -> Iterator[tuple[RunConfig, int]]:
    """Seeded set-ups and how many different tokens their text has."""
    rng = random.Random(seed)
    while count:
        bidirectional = rng.random() < 0.12
        settings: dict[str, object] = {
            "cell": CELL_NAMES[count % 3],
            "hidden_size": rng.choice([8, 16, 32, 64, 128, 128, 256, 256, 256, 512, 512, 1024]),
            "num_layers": rng.choice([1, 1, 1, 2, 3]),
            "batch_size": rng.choice([1, 4, 8, 16, 16, 32, 32, 32, 64, 128, 256]),
            "num_steps": rng.choice([5, 10, 20, 35, 35, 35, 64, 128]),
            "input": rng.choice(["one-hot", "embedding"]),
            "optimizer": rng.choice(["sgd", "adamw"]),
            "bidirectional": bidirectional,
            "objective": "masked" if bidirectional and rng.random() < 0.5 else "next",
            "dropout": rng.choice([0, 0, 0.3]),
            "weight_averaging": rng.choice(["off", "off", "off", 0.99]),
        }
        usual = {"device": "cpu", "threads": 1, "epochs": "off", "held_out": 0, "sample_every": 0}
        config = from_flat(usual | {"max_vocab": 50_000, "lr": 0.001, "normalize": "none"} | settings)
        model, train = config.model, config.train
        work = model.hidden_size * model.num_layers * train.batch_size * train.num_steps
        if work <= MOST_WORK:
            count -= 1
            yield config, rng.choice([28, 28, 28, 28, 100, 500, 3_000])


def measure(config: RunConfig, kinds: int) -> tuple[float, int]:
    """Seconds of a step, after the first few; and V."""
    text = prepare(
        Corpus("a", "A text", text_of(kinds, config.train.batch_size * config.train.num_steps * 12)),
        config.corpus,
    )
    trainer, control = Trainer(config, text, clock=time.process_time), RunControl()
    seen: list[tuple[int, float]] = []
    for event in trainer.run(control):
        if isinstance(event, StepDone):
            seen.append((event.step, trainer.meter.seconds))
            (first, began), (last, now) = seen[min(len(seen), WARM_STEPS) - 1], seen[-1]
            if now - began > SECONDS and last - first >= LEAST_STEPS:
                control.send(Command.STOP)
                break
    return (now - began) / (last - first), len(text.vocab)


def fit(rows: NDArray[np.float64], seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Costs, none below zero, whose relative errors have the smallest squares: by descent along one after the other."""
    scaled = rows / seconds[:, None]
    size = np.linalg.norm(scaled, axis=0)
    unit = scaled / size
    costs = np.zeros(rows.shape[1])
    for _ in range(20_000):
        for j in range(len(costs)):
            costs[j] = max(0.0, costs[j] + unit[:, j] @ (1 - unit @ costs))
    return np.asarray(costs / size)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--setups", type=int, default=60)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--fit", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    measured: dict[str, list[tuple[tuple[float, ...], float]]] = {}
    factors = []
    for config, kinds in setups(given.setups, given.seed):
        seconds, vocab_size = measure(config, kinds)
        measured.setdefault(str(CELLS[config.model.cell].torch), []).append(
            (terms(config, vocab_size), seconds)
        )
        said = None if given.fit else step_seconds(config, vocab_size)
        row = {"model": str(config.model), "V": vocab_size, "ms": round(1e3 * seconds, 2)}
        if said is not None:
            factors.append(said / seconds)
            row["said / measured"] = round(factors[-1], 2)
        print(json.dumps(row), flush=True)
    if given.fit:
        for kind, pairs in measured.items():
            rows, seconds_each = (np.array(column) for column in zip(*pairs, strict=True))
            print(kind, [float(f"{1e9 * cost:.3g}") for cost in fit(rows, seconds_each)])
        return
    near = np.mean([1 / FACTOR <= factor <= FACTOR for factor in factors])
    told = {"within a factor of two": round(float(near), 2)}
    told |= {f"quantile {q}": round(float(np.quantile(factors, q)), 2) for q in (0.0, 0.1, 0.5, 0.9, 1.0)}
    print(json.dumps({"machine": str(describe_machine(1)), **told}, indent=2))
    sys.exit(bool(near < SHARE))


if __name__ == "__main__":
    main()
