"""Messages → rows, inside a transaction that the store opened."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict

from playground.format import exact, fixed
from playground.records import Reason, RunStatus
from playground.store.challenges import note_best
from playground.store.clipping import THRESHOLD_NOW
from playground.store.condense import SLAB, condense, forget_samples
from playground.store.curves import CURVE_TABLES
from playground.store.keeping import DEFAULT_MEGABYTES, MEGABYTE, how_many, kept_steps
from playground.store.messages import CheckpointSaved, Failed, Message, VocabBuilt
from playground.store.series import SERIES
from playground.training.events import (
    EpochDone,
    Finished,
    Paused,
    Resumed,
    SampleMade,
    Started,
    StepDone,
    Suspended,
    ThresholdMoved,
)


def write(db: sqlite3.Connection, id: str, messages: Sequence[Message]) -> list[str]:
    """Insert what a worker told; return the files that are no longer needed."""
    last = _last_seq(db, id)
    replaced: list[str] = []
    for seq, message in enumerate(messages, start=last + 1):
        match message:
            case StepDone() | ThresholdMoved() | EpochDone() | SampleMade():
                _add_to_curves(db, id, seq, message)
            case CheckpointSaved():
                replaced += _add_checkpoint(db, id, message)
            case Started():
                facts = json.dumps(asdict(message.facts))
                db.execute("UPDATE runs SET facts = ? WHERE id = ?", (facts, id))
                _set_status(db, id, RunStatus.RUNNING)
            case VocabBuilt():
                db.execute("UPDATE runs SET vocab = ? WHERE id = ?", (message.vocab, id))
            case Paused():
                _set_status(db, id, RunStatus.PAUSED, message.reason)
            case Suspended():
                pass  # it stays paused, or waits to go on by now
            case Resumed():
                _set_status(db, id, RunStatus.RUNNING)
            case Finished():
                _set_status(db, id, message.status, message.reason or _why(db, id, message))
            case Failed():
                _set_status(db, id, RunStatus.FAILED, message.reason)
    _count_up(db, id, messages)
    if any(isinstance(message, SampleMade) for message in messages):
        forget_samples(db, id)
    condense(db, id, max(SLAB, 4 * len(messages)))
    return replaced


def rewind(db: sqlite3.Connection, id: str, step: int) -> None:
    """Forget everything after a step; the curve's next revision begins."""
    # a bucket ends before the newest checkpoint
    for table in (*CURVE_TABLES, *(series.buckets for series in SERIES), "checkpoints"):
        db.execute(f"DELETE FROM {table} WHERE run_id = ? AND step > ?", (id, step))
    db.execute(
        """
        UPDATE runs SET
            status = ?, reason = NULL, revision = revision + 1, step = ?,
            epoch = coalesce((SELECT epoch FROM steps WHERE run_id = id ORDER BY seq DESC LIMIT 1), 0),
            seconds = coalesce((SELECT seconds FROM steps WHERE run_id = id ORDER BY seq DESC LIMIT 1), 0),
            step_loss = (SELECT loss FROM steps WHERE run_id = id ORDER BY seq DESC LIMIT 1),
            train_loss = (SELECT train_loss FROM epochs WHERE run_id = id ORDER BY seq DESC LIMIT 1),
            heldout_loss = (SELECT heldout_loss FROM epochs WHERE run_id = id ORDER BY seq DESC LIMIT 1),
            tokens = ? * json_extract(config, '$.train.batch_size')
                * json_extract(config, '$.train.num_steps')
        WHERE id = ?
        """,
        (RunStatus.QUEUED, step, step, id),
    )


def _add_to_curves(
    db: sqlite3.Connection, id: str, seq: int, message: StepDone | ThresholdMoved | EpochDone | SampleMade
) -> None:
    match message:
        case StepDone():
            # SQLite would turn NaN into NULL; an overflowed norm is stored so on purpose
            norm = message.grad_norm if math.isfinite(message.grad_norm) else None
            db.execute(
                "INSERT INTO steps (run_id, seq, step, epoch, loss, grad_norm, scale, "
                "tokens_per_second, seconds)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    id,
                    seq,
                    message.step,
                    message.epoch,
                    message.loss,
                    norm,
                    message.scale,
                    message.tokens_per_second,
                    message.seconds,
                ),
            )
        case ThresholdMoved():
            if message.max_grad_norm == _threshold(db, id):
                return  # moved before the run began, which the store knew already
            db.execute(
                "INSERT INTO thresholds VALUES (?, ?, ?, ?, ?)",
                (id, seq, message.step, message.epoch, message.max_grad_norm),
            )
        case EpochDone():
            heldout = message.heldout_loss
            if heldout is not None and not math.isfinite(heldout):
                heldout = None  # the last step blew up; JSON has no infinity, and the next step tells
            db.execute(
                "INSERT INTO epochs VALUES (?, ?, ?, ?, ?, ?, ?)",
                (id, seq, message.step, message.epoch, message.train_loss, heldout, message.seconds),
            )
            db.execute(
                "UPDATE runs SET train_loss = ?, heldout_loss = ? WHERE id = ?",
                (message.train_loss, heldout, id),
            )
            if heldout is not None:
                note_best(db, id, heldout, message.seconds)
        case SampleMade():
            db.execute(
                "INSERT INTO samples VALUES (?, ?, ?, ?, ?, ?)",
                (id, seq, message.step, message.epoch, message.prefix, message.text),
            )


def _threshold(db: sqlite3.Connection, id: str) -> float | None:
    """θ as it stands; None is off."""
    (limit,) = db.execute(THRESHOLD_NOW.format(id="?1"), (id,)).fetchone()
    return None if limit is None else float(limit)


def _last_seq(db: sqlite3.Connection, id: str) -> int:
    each = ", ".join(
        f"coalesce((SELECT max(seq) FROM {table} WHERE run_id = ?1), 0)" for table in CURVE_TABLES
    )
    (last,) = db.execute(f"SELECT max({each})", (id,)).fetchone()
    return int(last)


def _set_status(db: sqlite3.Connection, id: str, status: RunStatus, reason: Reason | None = None) -> None:
    stored = reason.to_json() if reason else None
    db.execute("UPDATE runs SET status = ?, reason = ? WHERE id = ?", (status, stored, id))


def _add_checkpoint(db: sqlite3.Connection, id: str, saved: CheckpointSaved) -> list[str]:
    """Add a row; what training needs beside older weights goes, and so do weights that are not worth their place."""
    db.execute(
        "INSERT INTO checkpoints (run_id, step, epoch, kept, weights_file, training_file, loss)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run_id, step) DO UPDATE SET"
        " kept = kept OR excluded.kept, training_file = excluded.training_file",
        (id, saved.step, saved.epoch, saved.kept, saved.weights_file, saved.training_file, saved.loss),
    )
    rows = db.execute("SELECT * FROM checkpoints WHERE run_id = ? ORDER BY step", (id,)).fetchall()
    measured = [(row["loss"], row["step"]) for row in rows if row["loss"] is not None]
    best = min(measured)[1] if measured else None
    stay = [
        row["step"]
        for row in rows
        if row["kept"] or row["step"] in (best, saved.step) or row["step"] > saved.step
    ]
    kept = kept_steps(stay, best, how_many(_budget(db, id), saved.weights_bytes, saved.training_bytes))
    old = [row for row in rows if row["step"] < saved.step]
    gone = [row for row in old if row["step"] not in kept]
    db.executemany(
        "DELETE FROM checkpoints WHERE run_id = ? AND step = ?", [(id, row["step"]) for row in gone]
    )
    db.execute("UPDATE checkpoints SET training_file = NULL WHERE run_id = ? AND step < ?", (id, saved.step))
    files = [row["training_file"] for row in old if row["training_file"]]
    return files + [row["weights_file"] for row in gone]


def _budget(db: sqlite3.Connection, id: str) -> int:
    """Bytes for a run's checkpoints."""
    run = db.execute(
        "SELECT coalesce(json_extract(config, '$.train.checkpoint_megabytes'), ?) FROM runs WHERE id = ?",
        (DEFAULT_MEGABYTES, id),
    ).fetchone()
    return int((run[0] if run else DEFAULT_MEGABYTES) * MEGABYTE)  # a damaged index does not find it


def _count_up(db: sqlite3.Connection, id: str, messages: Sequence[Message]) -> None:
    last = next((m for m in reversed(messages) if isinstance(m, StepDone)), None)
    if last is not None:
        db.execute(
            "UPDATE runs SET step = ?, epoch = ?, step_loss = ?, seconds = ?, speed = ?, tokens = ? "
            "* json_extract(config, '$.train.batch_size') * json_extract(config, '$.train.num_steps') "
            "WHERE id = ?",
            (last.step, last.epoch, last.loss, last.seconds, last.tokens_per_second, last.step, id),
        )
    end = next((m for m in reversed(messages) if isinstance(m, Finished)), None)
    if end is not None:
        db.execute("UPDATE runs SET epoch = ?, seconds = ? WHERE id = ?", (end.epoch, end.seconds, id))


def _why(db: sqlite3.Connection, id: str, end: Finished) -> Reason | None:
    if end.status is not RunStatus.DIVERGED:
        return None
    where = {"step": exact(end.step - 1), "epoch": fixed(end.epoch, 1)}
    limit = _threshold(db, id)
    if limit is None:
        return Reason(
            "The loss stopped being a number after step {step} (epoch {epoch}): without "
            "clipping, nothing "
            "holds a long gradient back. Turn gradient clipping on, or try a lower learning rate.",
            where,
        )
    return Reason(
        "The loss stopped being a number after step {step} (epoch {epoch}), although gradients "
        "were clipped "
        "at {limit}. Try a lower learning rate, or a lower threshold.",
        where | {"limit": exact(limit)},
    )
