"""Our trainer beside the loop that a textbook prints, on the same text, taking turns.

The textbook's side is `plain_loop`: stock PyTorch and none of our code. Ours is a whole run: events as JSON, metrics and
samples in SQLite, checkpoints on disk, all in one thread, which is harder than
real life, where the server's process does the storing.
"""

from __future__ import annotations

import math
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from playground.benchmarks.plain_loop import TextbookModel, textbook_loop
from playground.benchmarks.report import Table, verdict
from playground.config import CELLS, Cell, RunConfig, from_flat
from playground.presets import PRESETS
from playground.records import perplexity
from playground.runs.job import Job, work
from playground.runs.messages import from_json, to_json
from playground.runs.store import RunStore
from playground.text.corpora import CorpusLibrary
from playground.text.prepare import prepare
from playground.training.control import RunControl
from playground.training.events import EpochDone, Started

ASKED = 0.95
"""Our tokens/s must be at least this share of the textbook's."""


@dataclass(frozen=True)
class Comparison:
    """One cell: tokens/s of both, one figure a round, in the order of the rounds."""

    cell: Cell
    ours: tuple[float, ...]
    textbook: tuple[float, ...]
    our_perplexity: float
    """Training perplexity of the last epoch of the last round: both must learn the same."""
    textbook_perplexity: float

    @property
    def ratio(self) -> float:
        """Of the medians."""
        return statistics.median(self.ours) / statistics.median(self.textbook)

    @property
    def round_ratios(self) -> tuple[float, ...]:
        """Each round's own ratio: its two runs were neighbours in time."""
        return tuple(a / b for a, b in zip(self.ours, self.textbook, strict=True))

    @property
    def passed(self) -> bool:
        """As fast as asked."""
        return self.ratio >= ASKED

    def to_json(self) -> dict[str, object]:
        """For `--json`."""
        return {**asdict(self), "ratio": self.ratio, "asked": ASKED, "passed": self.passed}


def compare(
    cells: Sequence[Cell] = CELLS,
    *,
    rounds: int = 7,
    epochs: int = 50,
    threads: int = 1,
    settings: dict[str, object] | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Iterator[Comparison]:
    """Time both, taking turns, after a short warm-up that does not count.

    Args:
        cells: Which.
        rounds: Timed runs of each side a cell.
        epochs: Passes over the text a run.
        threads: OpenMP threads of both.
        settings: Other settings than d2l's, for both sides; for tests.
        tell: Hears what goes on.

    Raises:
        CorpusError: The Time Machine is not here.
    """
    for cell in cells:
        base = {**PRESETS[f"d2l_{cell}"], "threads": threads, "device": "cpu", **(settings or {})}
        tell(f"{cell}: warm-up")
        _one_round(from_flat({**base, "epochs": min(epochs, 5)}), ours_first=True)
        config = from_flat({**base, "epochs": epochs})
        found = []
        for i in range(rounds):
            tell(f"{cell}: round {i + 1} of {rounds}")
            found.append(_one_round(config, ours_first=i % 2 == 0))
        yield Comparison(
            cell,
            ours=tuple(ours.tokens_per_second for ours, _ in found),
            textbook=tuple(textbook.tokens_per_second for _, textbook in found),
            our_perplexity=found[-1][0].perplexity,
            textbook_perplexity=found[-1][1].perplexity,
        )


@dataclass
class _Side:
    """A run that can be taken an epoch further; its clock stands still while the other one trains.

    Args:
        epochs: Yields tokens trained on so far and the epoch's perplexity, after each epoch.
        watch: Its clock.
    """

    epochs: Iterator[tuple[int, float]]
    watch: Stopwatch
    tokens: int = 0
    perplexity: float = math.nan

    def advance(self) -> None:
        """Train for one epoch; at the end, do what is left to do."""
        with self.watch:
            self.tokens, self.perplexity = next(self.epochs, (self.tokens, self.perplexity))

    @property
    def tokens_per_second(self) -> float:
        """Over its own time."""
        return self.tokens / self.watch()


class Stopwatch:
    """A clock that runs only inside its `with`."""

    def __init__(self) -> None:
        self._before = 0.0
        self._since: float | None = None

    def __enter__(self) -> None:
        self._since = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._before, self._since = self(), None

    def __call__(self) -> float:
        """Seconds so far."""
        return self._before + (0.0 if self._since is None else time.perf_counter() - self._since)


def _one_round(config: RunConfig, *, ours_first: bool) -> tuple[_Side, _Side]:
    """Train both from the start to the end, epoch by epoch in turn: ours, then the textbook's.

    Turns that short meet the same weather: on a shared machine the speed
    halves and doubles within seconds.
    """
    assert config.train.epochs is not None
    with tempfile.TemporaryDirectory() as folder:
        store = RunStore(Path(folder))
        watch = Stopwatch()
        ours = _Side(_our_epochs(config, store, watch), watch)
        textbook = _Side(_textbook_epochs(config, store.library), Stopwatch())
        next(ours.epochs), next(textbook.epochs)  # set up; nobody's clock runs
        sides = (ours, textbook) if ours_first else (textbook, ours)
        for _ in range(config.train.epochs + 1):  # the last turn: last words, last rows
            for side in sides:
                side.advance()
        store.close()
    return ours, textbook


def _our_epochs(
    config: RunConfig, store: RunStore, clock: Callable[[], float]
) -> Iterator[tuple[int, float]]:
    """A whole run; everything is stored before an epoch counts as done."""
    tokens_per_step = config.train.batch_size * config.train.num_steps
    id = store.create(config, "benchmark").id
    job = Job(config, store.library.directory, store.run_directory(id))
    for messages in work(job, RunControl(), clock=clock):
        if isinstance(messages[-1], Started):
            yield 0, math.nan
        store.append(id, from_json(to_json(messages)))
        for message in messages:
            if isinstance(message, EpochDone):
                yield message.step * tokens_per_step, perplexity(message.train_loss)


def _textbook_epochs(config: RunConfig, library: CorpusLibrary) -> Iterator[tuple[int, float]]:
    """The textbook's loop with the same text and settings."""
    text = prepare(library.load(config.corpus.corpus), config.corpus)
    train = config.train
    assert train.threads is not None and train.max_grad_norm is not None
    torch.set_num_threads(train.threads)
    torch.manual_seed(train.seed)
    random.seed(train.seed)
    net = TextbookModel(config.model.cell, len(text.vocab), config.model.hidden_size)
    corpus = torch.tensor(text.train)
    yield 0, math.nan
    yield from textbook_loop(
        net,
        corpus,
        epochs=train.epochs or 0,
        batch_size=train.batch_size,
        num_steps=train.num_steps,
        lr=train.lr,
        theta=train.max_grad_norm,
    )


def table(found: Sequence[Comparison]) -> Table:
    """Both sides' tokens/s: the median of the rounds, and in brackets the slowest and the fastest."""
    return Table(
        "Our trainer beside a textbook loop, tokens/s",
        ("cell", "ours", "textbook", "ratio of medians", "each round's ratio", "asked", "passed",
         "last perplexity, ours / textbook"),
        [
            (
                c.cell,
                _spread(c.ours, ",.0f"),
                _spread(c.textbook, ",.0f"),
                f"{c.ratio:.3f}",
                _spread(c.round_ratios, ".3f"),
                f"≥ {ASKED:g}",
                verdict(c.passed),
                f"{c.our_perplexity:.2f} / {c.textbook_perplexity:.2f}",
            )
            for c in found
        ],
    )  # fmt: skip


def _spread(figures: Sequence[float], form: str) -> str:
    low, high = min(figures), max(figures)
    return f"{statistics.median(figures):{form}} ({low:{form}}–{high:{form}})"
