"""The honest figure: perplexity on text never trained on, beside a 5-gram's on the same text."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from playground.benchmarks.report import Table, verdict
from playground.config import from_flat
from playground.presets import PRESETS
from playground.records import RunRecord, RunStatus, perplexity
from playground.runs.manager import RunManager

PRESET = "beat_5gram"
FIVE_GRAM = 4.09
"""Held-out perplexity of the best n-gram (Witten-Bell, n = 5) on its text; see docs/benchmarks.md."""
MOST_SECONDS = 300.0
"""Training time that the preset may take on two cores."""
_LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class Score:
    """The preset, trained."""

    run: RunRecord
    best_epoch: int | None
    """At which the held-out perplexity was lowest; None before the first."""
    best_loss: float | None
    """There. Told for honesty's sake: whoever stops at it has looked at the held-out text to choose."""

    @property
    def perplexity(self) -> float:
        """On the held-out text, after the last epoch."""
        return math.inf if self.run.heldout_loss is None else perplexity(self.run.heldout_loss)

    @property
    def passed(self) -> bool:
        """Trained to its end, below the 5-gram, in time."""
        done = self.run.status is RunStatus.FINISHED
        return done and self.perplexity < FIVE_GRAM and self.run.seconds <= MOST_SECONDS

    def to_json(self) -> dict[str, object]:
        """For `--json`."""
        run = self.run
        return {
            "preset": PRESET,
            "status": run.status.value,
            "heldout_perplexity": self.perplexity if math.isfinite(self.perplexity) else None,
            "asked": FIVE_GRAM,
            "train_perplexity": None if run.train_loss is None else perplexity(run.train_loss),
            "best_epoch": self.best_epoch,
            "best_heldout_perplexity": None if self.best_loss is None else perplexity(self.best_loss),
            "epochs": run.epoch,
            "seconds": run.seconds,
            "asked_seconds": MOST_SECONDS,
            "tokens_per_second": run.tokens_per_second,
            "parameters": run.facts.parameters if run.facts else None,
            "passed": self.passed,
        }


def train(
    manager: RunManager, settings: Mapping[str, object], watch: Callable[[str, RunRecord], None]
) -> Score:
    """Train the preset to its end.

    Args:
        manager: Trains and keeps the run.
        settings: Threads, seed and the like, on top of the preset.
        watch: Hears the preset's id and how far its run is, now and then.

    Raises:
        CorpusError: The Time Machine is not here.
    """
    run = manager.start(from_flat({**PRESETS[PRESET], **settings}), f"bench {PRESET}")
    while run.status.is_active:
        run = manager.wait(run.id, _LOOK_SECONDS)
        watch(PRESET, run)
    losses = {row["epoch"]: row["heldout_loss"] for row in manager.store.epoch_rows(run.id)}
    evaluated = {epoch: loss for epoch, loss in losses.items() if loss is not None}
    best = min(evaluated, key=evaluated.__getitem__, default=None)
    return Score(run, best, None if best is None else evaluated[best])


def table(score: Score) -> Table:
    """What was asked and what was measured, one figure a row."""
    run = score.run
    best = "-" if score.best_loss is None else f"{perplexity(score.best_loss):.3f} (epoch {score.best_epoch})"
    return Table(
        f"{PRESET}: The Time Machine, every letter of the last tenth",
        ("figure", "asked", "measured"),
        [
            ("held-out perplexity, last epoch", f"< {FIVE_GRAM:g} (5-gram)", f"{score.perplexity:.3f}"),
            ("the lowest on the way", "", best),
            ("train perplexity", "", "-" if run.train_loss is None else f"{perplexity(run.train_loss):.3f}"),
            ("epochs", "", f"{run.epoch:g}"),
            ("seconds", f"≤ {MOST_SECONDS:g}", f"{run.seconds:.1f}"),
            ("tokens/s", "", f"{run.tokens_per_second or 0:,.0f}"),
            ("parameters", "", "-" if run.facts is None else f"{run.facts.parameters:,}"),
            ("passed", "", verdict(score.passed)),
        ],
    )
