"""Our trainer beside the loop that a textbook prints, on the same text, taking turns.

The textbook's side is `plain_loop`: stock PyTorch and none of our code. Ours
is a whole run as the command line does it: events as JSON, metrics and samples
in SQLite, checkpoints on disk.
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

from playground.benchmarks.alone import spread
from playground.benchmarks.plain_loop import TextbookModel, textbook_loop
from playground.benchmarks.report import Table, verdict
from playground.config import Cell, RunConfig, from_flat
from playground.presets import PRESETS
from playground.records import perplexity
from playground.runs.executors import InlineExecutor
from playground.runs.job import Job
from playground.store.messages import from_json, to_json
from playground.store.run_store import RunStore
from playground.text.corpora import CorpusLibrary
from playground.text.prepare import prepare
from playground.training.control import RunControl

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
    cells: Sequence[Cell],
    library: CorpusLibrary,
    *,
    rounds: int = 7,
    epochs: int = 50,
    threads: int = 1,
    settings: dict[str, object] | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Iterator[Comparison]:
    """Time both, taking turns, after a short warm-up that does not count.

    Args:
        cells: The cells that are measured, in this order.
        library: Where The Time Machine is.
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
        for side in (_time_ours, _time_textbook):
            side(from_flat({**base, "epochs": min(epochs, 5)}), library)
        config = from_flat({**base, "epochs": epochs})
        ours, textbook = [], []
        for i in range(rounds):
            tell(f"{cell}: round {i + 1} of {rounds}")
            if i % 2 == 0:
                ours.append(_time_ours(config, library))
            textbook.append(_time_textbook(config, library))
            if i % 2 == 1:
                ours.append(_time_ours(config, library))
        yield Comparison(
            cell,
            ours=tuple(speed for speed, _ in ours),
            textbook=tuple(speed for speed, _ in textbook),
            our_perplexity=ours[-1][1],
            textbook_perplexity=textbook[-1][1],
        )


def _time_ours(config: RunConfig, library: CorpusLibrary) -> tuple[float, float]:
    """One run with everything on; return tokens/s and the last epoch's perplexity.

    Time runs from the first event, when the model is built, until the last row is stored.
    """
    with tempfile.TemporaryDirectory() as folder:
        store = RunStore(Path(folder), corpora=library.directory)
        id = store.create(config, "benchmark").id
        job = Job(config, store.library.directory, store.run_directory(id))
        began = math.nan
        for messages in InlineExecutor().run(job, RunControl()):
            if math.isnan(began):
                began = time.perf_counter()
            store.append(id, from_json(to_json(messages)))
        seconds = time.perf_counter() - began
        record = store.get(id)
        store.close()
    assert record.train_loss is not None
    return record.tokens / seconds, perplexity(record.train_loss)


def _time_textbook(config: RunConfig, library: CorpusLibrary) -> tuple[float, float]:
    """The same text and settings in the textbook's loop; time runs while it trains."""
    text = prepare(library.load(config.corpus.corpus), config.corpus)
    train = config.train
    assert train.threads is not None and train.epochs is not None and train.max_grad_norm is not None
    torch.set_num_threads(train.threads)
    torch.manual_seed(train.seed)
    random.seed(train.seed)
    net = TextbookModel(config.model.cell, len(text.vocab), config.model.hidden_size)
    corpus = torch.tensor(text.train.tolist())
    began = time.perf_counter()
    tokens, last = textbook_loop(
        net,
        corpus,
        epochs=train.epochs,
        batch_size=train.batch_size,
        num_steps=train.num_steps,
        lr=train.lr,
        theta=train.max_grad_norm,
    )
    return tokens / (time.perf_counter() - began), last


def table(comparisons: Sequence[Comparison]) -> Table:
    """Both sides' tokens/s: the median of the rounds, and in brackets the slowest and the fastest."""
    return Table(
        "Our trainer beside a textbook loop, tokens/s",
        (
            "cell",
            "ours",
            "textbook",
            "ratio of medians",
            "each round's ratio",
            "asked",
            "passed",
            "last perplexity, ours / textbook",
        ),
        [
            (
                c.cell,
                spread(c.ours, ",.0f"),
                spread(c.textbook, ",.0f"),
                f"{c.ratio:.3f}",
                spread(c.round_ratios, ".3f"),
                f"≥ {ASKED:g}",
                verdict(c.passed),
                f"{c.our_perplexity:.2f} / {c.textbook_perplexity:.2f}",
            )
            for c in comparisons
        ],
    )
