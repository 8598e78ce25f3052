"""d2l's rows (chapters 8.6, 9.1 to 9.4) through the whole engine, beside the book's own figures."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from playground.benchmarks.report import Table, verdict
from playground.config import RunConfig, from_flat
from playground.presets import PRESETS
from playground.records import RunRecord, RunStatus, perplexity
from playground.runs.manager import RunManager

TARGET = 1.1
"""Train perplexity that the race between the optimisers runs to."""
_LOOK_SECONDS = 0.5
_SHOWN = 64

Watcher = Callable[[str, RunRecord], None]
"""Hears a preset's id and how far its run is, now and then."""


@dataclass(frozen=True)
class Row:
    """One of the book's experiments; its figures are those of the Chinese / English edition."""

    id: str
    preset: str
    title: str
    bound: float
    """Train perplexity that the last epoch must not exceed."""
    book_perplexity: str
    book_speed: str
    """Tokens/s, on one GPU."""
    book_sample: str
    """What the book's model wrote after "time traveller"."""


ROWS: Mapping[str, Row] = {
    row.id: row
    for row in (
        Row(
            "rnn",
            "d2l_rnn",
            "RNN",
            1.5,
            "1.3 / 1.3",
            "404k / 280k",
            "it would be remarkably convenient for the historia",
        ),
        Row(
            "gru",
            "d2l_gru",
            "GRU",
            1.2,
            "1.0 / 1.0",
            "109k / 284k",
            "you can show black is white by argument said filby",
        ),
        Row("lstm", "d2l_lstm", "LSTM", 1.2, "1.1 / 1.0", "235k / 315k", "for so it will be convenient…"),
        Row(
            "lstm2",
            "d2l_lstm2",
            "LSTM, 2 layers, lr 2",
            1.1,
            "1.0 / 1.0",
            "186k / 210k",
            "for so it will be convenient…",
        ),
        Row(
            "bilstm",
            "d2l_bilstm",
            "bi-LSTM, 2 layers: the trap",
            1.3,
            "1.1 / 1.1",
            "131k / 88k",
            "erererererer…",
        ),
    )
}
RACE = "quick"
"""The id, among the rows, of the race between the optimisers."""
_RACERS = {"d2l_lstm": "SGD, lr 1 (d2l)", "d2l_quick": "AdamW, lr {lr:g}"}


@dataclass(frozen=True)
class RowResult:
    """One row, trained."""

    row: Row
    run: RunRecord
    sample: str
    """Prefix and continuation; empty for a model that cannot write."""

    @property
    def perplexity(self) -> float:
        """Of the last epoch, on the training text: memorisation."""
        return math.inf if self.run.train_loss is None else perplexity(self.run.train_loss)

    @property
    def passed(self) -> bool:
        """Trained to the end, and within the bound."""
        return self.run.status is RunStatus.FINISHED and self.perplexity <= self.row.bound

    def to_json(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "row": self.row.id,
            "preset": self.row.preset,
            "status": self.run.status.value,
            "perplexity": self.perplexity if math.isfinite(self.perplexity) else None,
            "asked": self.row.bound,
            "passed": self.passed,
            "tokens_per_second": self.run.tokens_per_second,
            "seconds": self.run.seconds,
            "sample": self.sample,
        }


@dataclass(frozen=True)
class RaceResult:
    """One optimiser's way to `TARGET`."""

    title: str
    run: RunRecord
    epochs: int | None
    """The first epoch at or below `TARGET`; None when it never came."""
    seconds: float | None
    """Training time until then."""

    def to_json(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "optimizer": self.title,
            "target_perplexity": TARGET,
            "epochs": self.epochs,
            "seconds": self.seconds,
        }


def train_row(manager: RunManager, row: Row, settings: Mapping[str, object], watch: Watcher) -> RowResult:
    """Train one row to its end.

    Args:
        manager: Trains and keeps the run.
        row: The book's experiment that is repeated.
        settings: Threads, device and the like, on top of the preset.
        watch: Hears how far it is.

    Raises:
        CorpusError: The Time Machine is not here.
    """
    run = _train(manager, row.preset, settings, watch)
    samples = manager.store.history(run.id).samples
    return RowResult(row, run, samples[-1].prefix + samples[-1].text if samples else "")


def race(
    manager: RunManager,
    settings: Mapping[str, object],
    watch: Watcher,
    done: Mapping[str, RunRecord],
) -> Iterator[RaceResult]:
    """The same cell on the same text with d2l's optimiser and with AdamW.

    Args:
        manager: Trains and keeps the runs.
        settings: Threads, device and the like, on top of the presets.
        watch: Hears how far a run is.
        done: Preset → a run of it that need not be repeated.
    """
    for preset, title in _RACERS.items():
        run = done.get(preset) or _train(manager, preset, settings, watch)
        reached = [r for r in manager.store.epoch_rows(run.id) if perplexity(r["train_loss"]) <= TARGET]
        yield RaceResult(
            title.format(lr=run.config.train.lr),
            run,
            reached[0]["epoch"] if reached else None,
            reached[0]["seconds"] if reached else None,
        )


def config_of(preset: str, settings: Mapping[str, object]) -> RunConfig:
    """A preset with some settings of the benchmark's; errors as `from_flat`."""
    return from_flat({**PRESETS[preset], **settings})


def _train(manager: RunManager, preset: str, settings: Mapping[str, object], watch: Watcher) -> RunRecord:
    run = manager.start(config_of(preset, settings), f"bench {preset}")
    while run.status.is_active:
        run = manager.wait(run.id, _LOOK_SECONDS)
        watch(preset, run)
    return run


def rows_table(results: list[RowResult]) -> Table:
    """Ours beside the book's."""
    return Table(
        "d2l's rows",
        (
            "row",
            "perplexity asked",
            "ours",
            "passed",
            "d2l's (zh / en)",
            "tokens/s, ours",
            "d2l's, one GPU",
            "seconds",
            "ours writes",
            "d2l's after “time traveller”",
        ),
        [
            (
                r.row.title,
                f"≤ {r.row.bound:g}",
                f"{r.perplexity:.3f}",
                verdict(r.passed),
                r.row.book_perplexity,
                f"{r.run.tokens_per_second or 0:,.0f}",
                r.row.book_speed,
                f"{r.run.seconds:.1f}",
                r.sample[:_SHOWN] or "nothing: it has read the future and cannot write",
                r.row.book_sample,
            )
            for r in results
        ],
    )


def race_table(results: list[RaceResult]) -> Table:
    """Both optimisers' way to the target."""
    return Table(
        f"Until train perplexity {TARGET:g} (LSTM 256, the same 10,000 characters)",
        ("optimiser", "epochs", "seconds", "perplexity at its end", "epochs trained"),
        [
            (
                r.title,
                "never" if r.epochs is None else str(r.epochs),
                "-" if r.seconds is None else f"{r.seconds:.1f}",
                "-" if r.run.train_loss is None else f"{perplexity(r.run.train_loss):.3f}",
                f"{r.run.epoch:.0f}",
            )
            for r in results
        ],
    )
