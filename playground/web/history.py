"""A run's history as a browser asks for it: what is new since a cursor, as one typed record.

`assets/js/core/history.js` describes the same record for the panels, and `tests/js/history_example.json` holds
both sides to it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from playground.records import Clipping, History, RunRecord, RunStatus
from playground.runs.manager import RunManager
from playground.runs.turns import NO_TURN, Turn
from playground.store.run_store import RunStore

MOST_POINTS = 2_000
"""Of a curve, in one answer."""
Column = list[float | None]
"""Five significant digits; None where a value is no finite number, which JSON has not."""


@dataclass(frozen=True)
class RunMetrics:
    """A run as it stands. Losses are in nats a token, times in seconds."""

    step: int
    epoch: float
    epochs: int | None
    """None trains until it is stopped."""
    seconds: float
    seconds_left: float | None
    """Until its end, with the turns of others; None where nobody can say."""
    step_loss: float | None
    train_loss: float | None
    """Of the last epoch."""
    heldout_loss: float | None
    tokens_per_second: float | None
    device: str | None
    device_name: str | None
    threads: int | None
    queue_position: int | None
    """From 1; None for a run that does not wait."""
    people_beside: int
    """Others who share the machine with a run that trains or waits."""
    runs_beside: int
    """Other runs that take turns with it, one's own among them."""
    turn_seconds: float | None
    """Until its next turn; 0 while it trains, None where nobody can say."""
    is_held: bool
    """It waits until a teacher lets all runs go on."""
    vocab_size: int | None
    limit: float | None
    """θ as it stands; None is off."""
    clipped: Clipping | None
    """What θ did to the last epoch's worth of steps; None before the first."""
    train_unknown: float | None
    """Share of the training tokens that are `<unk>`."""
    heldout_unknown: float | None
    train_bits: float | None
    """Bits a character of the training text, by the last epoch: words and characters compare."""
    heldout_bits: float | None
    exploded: bool
    """The loss ran away: clipping was needed."""
    busy_seconds: float
    """For how long another program has locked the database, and what the run tells waits in memory; 0 usually."""


@dataclass(frozen=True)
class Move:
    """A move of θ."""

    epoch: float
    limit: float | None


@dataclass(frozen=True)
class StepColumns:
    """A point a step, thinned where they are many."""

    epoch: Column
    loss: Column
    norm: Column


@dataclass(frozen=True)
class EpochColumns:
    """A point an epoch."""

    epoch: Column
    train: Column
    heldout: Column


@dataclass(frozen=True)
class WrittenSample:
    """What the run wrote after an epoch."""

    epoch: float
    prefix: str
    text: str


@dataclass(frozen=True)
class RunHistory:
    """What is new in a run since a cursor."""

    status: RunStatus
    revision: int
    """Another one than before: the run was taken back to a checkpoint, and its curve begins anew."""
    cursor: int
    """Where the next answer begins."""
    metrics: RunMetrics
    thresholds: list[Move]
    steps: StepColumns
    epochs: EpochColumns
    samples: list[WrittenSample]


_JSON = TypeAdapter(RunHistory)


def run_history(manager: RunManager, id: str, after: int) -> RunHistory:
    """What a chart needs since a cursor: status, metrics and new points.

    Args:
        manager: Keeps the runs and their queue.
        id: The run whose history is read.
        after: The last answer's cursor; 0 is the whole.

    Raises:
        RunNotFound: No such run.
    """
    record = manager.store.get(id)
    history = manager.store.history(id, after=after, most=MOST_POINTS)
    return RunHistory(
        status=record.status,
        revision=history.revision,
        cursor=history.cursor,
        metrics=_metrics(manager.store, record, manager.turn(id) or NO_TURN),
        thresholds=[Move(t.epoch, t.max_grad_norm) for t in history.thresholds],
        steps=StepColumns(
            epoch=_column(history.step_epoch),
            loss=_column(history.step_loss),
            norm=_column(history.step_norm),
        ),
        epochs=_epochs(history),
        samples=[WrittenSample(s.epoch, s.prefix, s.text) for s in history.samples],
    )


def to_json(history: RunHistory) -> bytes:
    """As the browser gets it."""
    return _JSON.dump_json(history)


def _metrics(store: RunStore, record: RunRecord, turn: Turn) -> RunMetrics:
    epochs = record.config.train.epochs
    left = None
    if epochs is not None and record.epoch > 0 and record.status is RunStatus.RUNNING:
        alone = (epochs - record.epoch) * record.seconds / record.epoch
        left = turn.seconds_left if turn.runs or turn.is_held else alone
    facts = record.facts
    return RunMetrics(
        step=record.step,
        epoch=record.epoch,
        epochs=epochs,
        seconds=record.seconds,
        seconds_left=left,
        step_loss=record.step_loss,
        train_loss=record.train_loss,
        heldout_loss=record.heldout_loss,
        tokens_per_second=record.speed if record.status is RunStatus.RUNNING else record.tokens_per_second,
        device=facts.device if facts else None,
        device_name=facts.device_name if facts else None,
        threads=facts.threads if facts else None,
        queue_position=turn.position,
        people_beside=turn.people,
        runs_beside=turn.runs,
        turn_seconds=turn.seconds,
        is_held=turn.is_held,
        vocab_size=facts.vocab_size if facts else None,
        limit=store.clipping.threshold(record),
        clipped=store.clipping.recent(record),
        train_unknown=facts.train_part.unknown_share if facts else None,
        heldout_unknown=facts.heldout_part.unknown_share if facts else None,
        train_bits=record.train_bits,
        heldout_bits=record.heldout_bits,
        exploded=store.clipping.explosion(record) is not None,
        busy_seconds=round(store.busy_seconds, 1) if record.status.is_active else 0.0,
    )


def _epochs(history: History) -> EpochColumns:
    return EpochColumns(
        epoch=_column(history.epoch),
        train=_column(history.train_loss),
        heldout=_column(history.heldout_loss),
    )


def _column(values: NDArray[np.float64]) -> Column:
    return [float(f"{v:.5g}") if np.isfinite(v) else None for v in values.tolist()]
