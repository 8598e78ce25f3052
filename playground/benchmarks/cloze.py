"""Filling in blanks from both sides beside guessing from the left, on text that neither has seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from playground.benchmarks.report import Table, verdict
from playground.config import from_flat
from playground.format import percent
from playground.records import Accuracy, RunRecord, RunStatus, perplexity
from playground.runs.manager import RunManager
from playground.services.checkpoints import CheckpointCache, checkpoint_at
from playground.services.text import TextService
from playground.text.corpora import TIME_MACHINE

ASKED_POINTS = 15.0
"""Percentage points that both sides must be ahead."""
_LOOK_SECONDS = 0.5
_BOTH: dict[str, object] = {
    "corpus": TIME_MACHINE,
    "normalize": "letters",
    "cell": "lstm",
    "hidden_size": 128,
    "optimizer": "adamw",
    "lr": 0.005,
    "epochs": 6,
    "sample_every": 0,
}
SIDES: Mapping[str, Mapping[str, object]] = {
    "from both sides": {**_BOTH, "bidirectional": True, "objective": "masked"},
    "from the left": _BOTH,
}


@dataclass(frozen=True)
class Side:
    """One network, trained."""

    title: str
    run: RunRecord
    accuracy: Accuracy | None
    """On held-out text; None when it has not come to its end."""

    def to_json(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "side": self.title,
            "status": self.run.status.value,
            "accuracy": self.accuracy.share if self.accuracy else None,
            "tokens": self.accuracy.of if self.accuracy else None,
            "heldout_perplexity": None
            if self.run.heldout_loss is None
            else perplexity(self.run.heldout_loss),
            "parameters": self.run.facts.parameters if self.run.facts else None,
            "seconds": self.run.seconds,
        }


@dataclass(frozen=True)
class Comparison:
    """Both networks."""

    both: Side
    left: Side

    @property
    def points(self) -> float | None:
        """Percentage points that both sides are ahead; None when one has not come to its end."""
        if self.both.accuracy is None or self.left.accuracy is None:
            return None
        return self.both.accuracy.points_above(self.left.accuracy)

    @property
    def passed(self) -> bool:
        """As far ahead as asked."""
        return self.points is not None and self.points >= ASKED_POINTS

    def to_json(self) -> dict[str, object]:
        """For `--json`."""
        sides = [side.to_json() for side in (self.both, self.left)]
        return {"sides": sides, "points": self.points, "asked": ASKED_POINTS, "passed": self.passed}


def compare(
    manager: RunManager, settings: Mapping[str, object], watch: Callable[[str, RunRecord], None]
) -> Comparison:
    """Train both to their ends and count.

    Args:
        manager: Trains and keeps the runs.
        settings: Threads, device and the like, for both.
        watch: Hears a side's title and how far its run is, now and then.

    Raises:
        CorpusError: The Time Machine is not here.
    """
    both, left = (_train(manager, title, settings, watch) for title in SIDES)
    return Comparison(both, left)


def _train(
    manager: RunManager,
    title: str,
    settings: Mapping[str, object],
    watch: Callable[[str, RunRecord], None],
) -> Side:
    run = manager.start(from_flat({**SIDES[title], **settings}), f"bench {title}")
    while run.status.is_active:
        run = manager.wait(run.id, _LOOK_SECONDS)
        watch(title, run)
    if run.status is not RunStatus.FINISHED:
        return Side(title, run, None)
    service = TextService(CheckpointCache(manager.store))
    return Side(title, run, service.score(run, checkpoint_at(manager.store, run, None)))


def table(comparison: Comparison) -> Table:
    """Both sides, and how far one is ahead."""
    ahead = "-" if comparison.points is None else f"{comparison.points:+.1f} points"
    rows = []
    for side in (comparison.both, comparison.left):
        accuracy, facts, loss = side.accuracy, side.run.facts, side.run.heldout_loss
        first = side is comparison.both
        rows.append(
            (
                side.title,
                "-" if accuracy is None else f"{percent(accuracy.share)} of {accuracy.of:,}",
                "-" if loss is None else f"{perplexity(loss):.2f}",
                "-" if facts is None else f"{facts.parameters:,}",
                f"{side.run.seconds:.1f}",
                ahead if first else "",
                f"≥ {ASKED_POINTS:g}" if first else "",
                verdict(comparison.passed) if first else "",
            )
        )
    return Table(
        "Each character of held-out text guessed, LSTM 128, The Time Machine",
        ("guessed", "right", "held-out perplexity", "parameters", "seconds", "ahead", "asked", "passed"),
        rows,
    )
