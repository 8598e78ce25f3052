"""Finding cells: how long each step takes, and what memory ten runs take."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import psutil

from playground.benchmarks.alone import spread
from playground.benchmarks.report import Table, verdict
from playground.config import RunConfig, Surgery, WriteConfig, from_flat, parse_surgery
from playground.inference.matching import matches
from playground.inference.unit_scores import find_units
from playground.models.gates import trace_gates
from playground.presets import STORY
from playground.records import Array, CheckpointRecord, RunRecord
from playground.runs.launch import launch
from playground.runs.manager import RunManager
from playground.services.cells import CellService
from playground.services.checkpoints import CheckpointCache
from playground.services.surgery import SurgeryService

HIDDEN, TOKENS, MATCHED, WRITTEN = 256, 100_000, 170_000, 200
RUNS = 10
MEMORY_MB = 300.0
"""That looking into ten runs may add to a server. Files that are mapped do not count: the system keeps of them what fits."""
ASKED = {"find": 2.0, "match": 1.0, "write": 0.05}
SEEDS = 3
_MEGABYTE = 2**20


@dataclass(frozen=True)
class Step:
    """One step of the way from a run to a cell: seconds, one figure a round."""

    name: str
    title: str
    seconds: tuple[float, ...]
    beside: tuple[float, ...] = ()
    """Of a plain reference that took turns with it."""
    reference: str = "–"

    @property
    def asked(self) -> float | None:
        """Seconds; None where nothing is asked."""
        return ASKED.get(self.name)

    @property
    def passed(self) -> bool:
        """As fast as asked, if anything is."""
        return self.asked is None or statistics.median(self.seconds) <= self.asked

    def to_json(self) -> dict[str, object]:
        """For `--json`."""
        return asdict(self) | {"asked": self.asked, "passed": self.passed}


def _long_text(manager: RunManager, tokens: int) -> str:
    """The bundled story again and again, until it is long enough; its id."""
    story = manager.store.library.load(STORY).text
    return manager.store.library.add(f"{tokens} characters", (story * (tokens // len(story) + 1))[:tokens]).id


def trained(manager: RunManager, config: RunConfig) -> tuple[RunRecord, CheckpointRecord]:
    """A run that has ended, and its newest weights."""
    run = manager.wait(manager.start(config).id, 3_600)
    checkpoint = manager.store.newest_checkpoint(run.id)
    assert checkpoint is not None
    return run, checkpoint


def _large(corpus: str, seed: int = 0) -> RunConfig:
    """An LSTM of 256 units, one pass over the text."""
    given = {
        "corpus": corpus,
        "cell": "lstm",
        "hidden_size": HIDDEN,
        "epochs": 1,
        "sample_every": 0,
        "seed": seed,
    }
    return from_flat({**given, "optimizer": "adamw", "lr": 0.005, "batch_size": 16, "device": "cpu"})


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measure_steps(rounds: int, tell: Callable[[str], None]) -> list[Step]:
    """Time every step on a run that was trained for it.

    Args:
        rounds: Timed rounds a step.
        tell: Says what is done now.
    """
    with tempfile.TemporaryDirectory() as folder:
        manager = launch(Path(folder), inline=True)
        try:
            tell("training LSTM 256 on 100,000 characters")
            run, checkpoint = trained(manager, _large(_long_text(manager, TOKENS)))
            store = manager.store

            def fresh() -> CellService:
                return CellService(CheckpointCache(store))

            tell("tracing")
            first = [_timed(lambda: fresh().trace(run, checkpoint))]
            service = fresh()
            weights = service.traces.checkpoints.weights(run, checkpoint)
            ids = service.trace(run, checkpoint).ids
            piece = ids[: TOKENS // 10].tolist()
            plain = [10 * _timed(lambda: trace_gates(weights, run.config.model, piece)) for _ in range(3)]
            tell("finding")
            service.annotations(run, checkpoint)
            found = [_timed(partial(_find_again, service, run, checkpoint)) for _ in range(rounds)]
            tell("matching")
            book, newest = trained(manager, _large(_long_text(manager, MATCHED)))
            values = fresh().trace(book, newest).values["h"]
            lengths = [_timed(partial(_match, values, at)) for at in range(1_000, 1_000 + 10 * rounds, 10)]
            tell("writing")
            theatre = SurgeryService(service.traces.checkpoints, service)
            cut = parse_surgery("h82=0, f3=1, c7=mean", run.config.model)
            written: dict[str, list[float]] = {"cut": [], "plain": []}
            for seed in range(rounds):
                how = WriteConfig(length=WRITTEN, seed=seed)
                for name, surgery in (("cut", cut), ("plain", Surgery())):
                    written[name].append(
                        _timed(partial(theatre.write, run, checkpoint, "The tide", how, surgery))
                    )
            tell("checking")
            best = next(finding for finding in service.find(run, checkpoint) if finding.best)
            checked = [_timed(lambda: service.check(run, checkpoint, best))]
            lost = [_timed(lambda: theatre.effects(run, checkpoint, cut))]
        finally:
            manager.close()
            manager.store.close()
    return [
        Step("first", f"first look: every quantity over {TOKENS:,} tokens", tuple(first), tuple(plain), "one sentence after the other"),
        Step("find", "after it: open the trace, rank and score every unit", tuple(found)),
        Step("match", f"match a marked stretch in {MATCHED:,} tokens × {HIDDEN} units, top 50", tuple(lengths)),
        Step("write", f"write {WRITTEN} characters, three units cut", tuple(written["cut"]), tuple(written["plain"]), "nothing cut"),
        Step("check", "hold every unit once, on a sample of predictions", tuple(checked)),
        Step("effects", "the loss table of a surgery, 4,000 predictions", tuple(lost)),
    ]  # fmt: skip


def _find_again(service: CellService, run: RunRecord, checkpoint: CheckpointRecord) -> None:
    """As for the next person on a server that was started anew: the trace is on the disk, no finding is kept."""
    trace = CellService(service.traces.checkpoints).trace(run, checkpoint)
    find_units(trace, service.traces.annotations(run))


def _match(values: Array, start: int) -> None:
    matches(values, "h", start, start + 8, -2.0)  # every unit is on: the most work


def steps_table(steps: Sequence[Step]) -> Table:
    """Median, fastest and slowest."""
    return Table(
        f"From a run to a cell, LSTM {HIDDEN}, seconds",
        ("step", "asked", "seconds", "beside", "reference", "passed"),
        [
            (
                step.title,
                f"≤ {step.asked:g}" if step.asked else "–",
                spread(step.seconds, ".3f"),
                spread(step.beside, ".3f") if step.beside else "–",
                step.reference,
                verdict(step.passed) if step.asked else "–",
            )
            for step in steps
        ],
    )


@dataclass(frozen=True)
class Memory:
    """What a process holds beside mapped files, in MB, as more and more runs are looked into."""

    before: float
    after: tuple[float, ...]

    @property
    def passed(self) -> bool:
        """Within what is promised."""
        return max(self.after) - self.before <= MEMORY_MB

    def to_json(self) -> dict[str, object]:
        """For `--json`."""
        return asdict(self) | {"asked": MEMORY_MB, "passed": self.passed}


def measure_memory(tell: Callable[[str], None]) -> Memory:
    """Look into ten runs of 256 units on 100,000 characters each, everything that the page asks for."""
    with tempfile.TemporaryDirectory() as folder:
        manager = launch(Path(folder), inline=True)
        try:
            corpus = _long_text(manager, TOKENS)
            runs = []
            for seed in range(RUNS):
                tell(f"training run {seed + 1} of {RUNS}")
                runs.append(trained(manager, _large(corpus, seed)))
            service = CellService(CheckpointCache(manager.store))
            process = psutil.Process()
            before, after = _own_megabytes(process), []
            for i, (run, checkpoint) in enumerate(runs):
                tell(f"looking into run {i + 1} of {RUNS}")
                findings = service.find(run, checkpoint)
                service.check(run, checkpoint, next(f for f in findings if f.best))
                service.formation(run, findings[0])
                after.append(_own_megabytes(process))
        finally:
            manager.close()
            manager.store.close()
    return Memory(round(before, 1), tuple(round(each, 1) for each in after))


def _own_megabytes(process: psutil.Process) -> float:
    """Of a process's memory what is no file's."""
    info = process.memory_info()
    return float(info.rss - getattr(info, "shared", 0)) / _MEGABYTE


def memory_table(memory: Memory) -> Table:
    """What each run adds."""
    return Table(
        f"Memory beside mapped files, {RUNS} runs looked into, MB",
        ("before", "after 1", f"after {RUNS}", "largest growth", "asked", "passed"),
        [
            (
                f"{memory.before:.0f}",
                f"{memory.after[0]:.0f}",
                f"{memory.after[-1]:.0f}",
                f"{max(memory.after) - memory.before:.0f}",
                f"≤ {MEMORY_MB:.0f}",
                verdict(memory.passed),
            )
        ],
    )
