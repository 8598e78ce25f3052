"""How long it takes to measure how far losses reach, and how far they do: fresh, trained, and on brackets."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass

from playground.benchmarks.alone import measure_alone, spread
from playground.benchmarks.common import TEXTBOOK_CELLS
from playground.benchmarks.report import Table, verdict
from playground.cells import CELLS
from playground.config import Cell, ModelConfig, flatten, from_flat
from playground.errors import RunStateError
from playground.format import percent
from playground.lesson_settings import FreshConfig
from playground.presets import PRESETS
from playground.records import Reach, Recall, RecurrentMatrix, RunRecord, perplexity
from playground.runs.manager import RunManager
from playground.services import brackets
from playground.services.checkpoints import CheckpointCache, checkpoint_at
from playground.services.reach import FURTHEST, ReachService

ASKED_SECONDS = 1.0
HIDDEN, VOCAB = 256, 28
PARTS = ("speed", "fresh", "trained", "brackets")
TARGET = 2.0
"""Train perplexity at which the trained networks are measured."""
_SHOWN = (1, 5, 10, 20, 50)
_LOOK_SECONDS = 0.2
_BRACKET_SEEDS = (0, 1, 2)
_FRESH: tuple[tuple[str, Cell, Mapping[str, object]], ...] = (
    *((cell.upper(), cell, {}) for cell in CELLS),
    *((f"{cell.upper()}, gain {g:g}", cell, {"gain": g}) for cell in CELLS for g in (0.8, 1.0, 1.2, 1.6)),
    *((f"LSTM, forget bias {b:+g}", "lstm", {"forget_bias": b}) for b in (1, 2, 3)),
)
Watcher = Callable[[str, RunRecord], None]


@dataclass(frozen=True)
class Timing:
    """One cell: seconds, one figure a round."""

    cell: Cell
    seconds: tuple[float, ...]

    @property
    def passed(self) -> bool:
        """As fast as asked."""
        return statistics.median(self.seconds) <= ASKED_SECONDS

    def to_json(self) -> dict[str, object]:
        """For `--json`."""
        return {**asdict(self), "asked": ASKED_SECONDS, "passed": self.passed}


@dataclass(frozen=True)
class Line:
    """A network whose reach was measured."""

    title: str
    reach: Reach
    matrices: Sequence[RecurrentMatrix]

    def to_json(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "network": self.title,
            "norms": {name: norms.tolist() for name, norms in self.reach.layers[0].paths.items()},
            "eigenvalues": {m.block: m.eigenvalue for m in self.matrices},
        }


@dataclass(frozen=True)
class Remembered:
    """A run on matched brackets, and what it knows."""

    run: RunRecord
    recall: Recall

    def to_json(self) -> dict[str, object]:
        """For `--json`."""
        config = self.run.config
        return {
            "cell": config.model.cell,
            "seed": config.train.seed,
            "right": self.recall.share,
            "of": len(self.recall.right),
            "influence": self.recall.influence,
            "heldout_loss": self.run.heldout_loss,
            "seconds": self.run.seconds,
        }


def time_cells(rounds: int) -> list[Timing]:
    """Time every cell in a process of its own with one thread.

    Args:
        rounds: Measurements a cell, after one that does not count.
    """
    return measure_alone(time_cell, tuple(CELLS), rounds)


def time_cell(cell: Cell, rounds: int, *, hidden_size: int = HIDDEN, furthest: int = FURTHEST) -> Timing:
    """As `time_cells`, for one cell in this process."""
    import numpy as np

    from playground.inference.reach import reach
    from playground.models.initial import initial_weights

    config = ModelConfig(cell=cell, hidden_size=hidden_size)
    weights = initial_weights(config, VOCAB, seed=0)
    ids = np.random.default_rng(0).integers(VOCAB, size=2 * furthest + 1).tolist()
    seconds = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        reach(weights, config, ids, furthest=furthest)
        seconds.append(time.perf_counter() - began)
    return Timing(cell, tuple(seconds[1:]))


def fresh_lines(manager: RunManager, hidden_size: int = HIDDEN) -> Iterator[Line]:
    """Cells before their first step, on the bundled story."""
    reach_service = ReachService(CheckpointCache(manager.store))
    for title, cell, settings in _FRESH:
        fresh = FreshConfig.model_validate({"hidden_size": hidden_size, **settings})
        yield Line(title, reach_service.fresh_reach(fresh, cell), reach_service.fresh_matrices(fresh, cell))


def trained_lines(
    manager: RunManager, settings: Mapping[str, object], watch: Watcher, *, target: float = TARGET
) -> Iterator[Line]:
    """d2l's three cells, each before its first step and when its train perplexity comes below a target.

    Args:
        manager: Trains and keeps the runs.
        settings: Threads and the like, on top of the presets.
        watch: Hears a run's title and how far it is, now and then.
        target: Train perplexity.
    """
    service = ReachService(CheckpointCache(manager.store))
    for cell in TEXTBOOK_CELLS:
        config = from_flat({**PRESETS[f"d2l_{cell}"], "sample_every": 0, **settings})
        run = manager.start(config, f"bench {cell}")
        while run.status.is_active:
            run = manager.wait(run.id, _LOOK_SECONDS)
            watch(run.name, run)
            if run.train_loss is not None and run.train_loss <= math.log(target):
                with suppress(RunStateError):  # it may just have ended
                    manager.stop(run.id)
        learnt = "-" if run.train_loss is None else f"{perplexity(run.train_loss):.2f}"
        for epoch, title in ((0, "fresh"), (None, f"perplexity {learnt}, epoch {run.epoch:.0f}")):
            checkpoint = checkpoint_at(manager.store, run, epoch)
            measured = service.reach(run, checkpoint)
            yield Line(f"{cell.upper()}, {title}", measured, service.matrices(run, checkpoint))


def brackets_remembered(
    manager: RunManager, settings: Mapping[str, object], watch: Watcher, seeds: Sequence[int] = _BRACKET_SEEDS
) -> Iterator[Remembered]:
    """Every cell trained on matched brackets from several seeds; the rest as `trained_lines`."""
    brackets.add(manager.store.library)
    test = brackets.BracketService(CheckpointCache(manager.store))
    for cell in CELLS:
        for seed in seeds:
            config = from_flat({**flatten(brackets.config_of(cell, seed)), **settings})
            run = manager.start(config, f"brackets {cell}")
            while run.status.is_active:
                run = manager.wait(run.id, _LOOK_SECONDS)
                watch(run.name, run)
            yield Remembered(run, test.recall(run, checkpoint_at(manager.store, run, None)))


def speed_table(timings: Sequence[Timing]) -> Table:
    """Seconds a cell."""
    return Table(
        f"Reach for k = 0 … {FURTHEST}, {HIDDEN} units, mean of 32 losses, one thread, seconds",
        ("cell", "median (fastest–slowest)", "asked", "passed"),
        [(t.cell, spread(t.seconds, ".3f"), f"≤ {ASKED_SECONDS:g}", verdict(t.passed)) for t in timings],
    )


def lines_table(title: str, lines: Sequence[Line]) -> Table:
    """Parts of the norm at k = 0 that are left, by every path."""
    rows = []
    for line in lines:
        largest = f"{max(m.eigenvalue for m in line.matrices):.2f}"
        for path, norms in line.reach.layers[0].paths.items():
            left = [f"{norms[k] / norms[0]:.2g}" if k < len(norms) else "-" for k in _SHOWN]
            rows.append((line.title, path, f"{norms[0]:.3g}", *left, largest))
    return Table(
        title,
        ("network", "by", "norm at k = 0", *(f"k = {k}" for k in _SHOWN), "largest |eigenvalue|"),
        rows,
    )


def brackets_table(remembered: Sequence[Remembered]) -> Table:
    """Right brackets of every run."""
    rows = []
    for side in remembered:
        config, influence, loss = side.run.config, side.recall.influence, side.run.heldout_loss
        rows.append(
            (
                config.model.cell,
                str(config.train.seed),
                f"{percent(side.recall.share, 0)} of {len(side.recall.right)}",
                "-" if influence is None else f"{influence:.2g}",
                "-" if loss is None else f"{perplexity(loss):.3f}",
                f"{side.run.seconds:.0f}",
            )
        )
    return Table(
        "Matched brackets, 2 to 30 letters apart; guessing is 25%",
        ("cell", "seed", "right", "opening bracket / newest token", "held-out perplexity", "seconds"),
        rows,
    )
