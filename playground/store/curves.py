"""A run's curves, from a cursor on: what a chart asks for every second."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from playground.records import History, Sample, Threshold
from playground.store.database import Database
from playground.store.soundness import number, sound
from playground.store.thinning import thin

CURVE_TABLES = ("steps", "thresholds", "epochs", "samples")
"""What happens on the way of a run; `seq` numbers all of it in one order."""
MOST_SAMPLES = 200
"""The newest ones; nobody reads more."""


def last_cursor(database: Database, id: str) -> int:
    """The cursor of what a run has told last; 0 before the first."""
    ends = [
        database.rows(f"SELECT coalesce(max(seq), 0) AS last FROM {table} WHERE run_id = ?", id)
        for table in CURVE_TABLES
    ]
    return max(int(number(rows[0]["last"]) or 0) for rows in ends)


def read_history(database: Database, id: str, revision: int, after: int, most: int) -> History:
    """Read what came after a cursor; the primary key finds it at once, however long the run is."""
    wanted = "WHERE run_id = ? AND seq > ? ORDER BY seq"
    steps = database.rows(f"SELECT seq, epoch, loss, grad_norm FROM steps {wanted}", id, after)
    epochs = database.rows(f"SELECT seq, epoch, train_loss, heldout_loss FROM epochs {wanted}", id, after)
    moved = database.rows(f"SELECT seq, epoch, step, max_grad_norm FROM thresholds {wanted}", id, after)
    newest = f"{wanted} DESC LIMIT {MOST_SAMPLES}"
    samples = database.rows(f"SELECT seq, epoch, step, prefix, text FROM samples {newest}", id, after)[::-1]
    moved = sound(moved, may_lack="max_grad_norm")
    samples = sound(samples, texts=("prefix", "text"))
    ends = [int(number(rows[-1]["seq"]) or 0) for rows in (steps, moved, epochs, samples) if rows]
    step_epoch, step_loss, step_norm = thin(_columns(steps, missing=np.inf), most)
    epoch, train_loss, heldout_loss = thin(_columns(epochs, missing=np.nan), most)
    return History(
        cursor=max([after, *ends]),
        revision=revision,
        step_epoch=step_epoch,
        step_loss=step_loss,
        step_norm=step_norm,
        epoch=epoch,
        train_loss=train_loss,
        heldout_loss=heldout_loss,
        thresholds=tuple(Threshold(m["epoch"], m["step"], m["max_grad_norm"]) for m in moved),
        samples=tuple(Sample(s["epoch"], s["step"], s["prefix"], s["text"]) for s in samples),
    )


def _columns(rows: Sequence[sqlite3.Row], *, missing: float) -> list[NDArray[np.float64]]:
    """Rows of a cursor and three numbers → three columns; NULL in the last becomes `missing`."""
    try:
        table = np.array([tuple(row)[1:] for row in rows], dtype=np.float64).reshape(-1, 3)
    except (ValueError, TypeError, OverflowError):
        return _columns(sound(rows, may_lack=rows[0].keys()[-1]), missing=missing)
    table[:, -1][np.isnan(table[:, -1])] = missing
    return list(table.T)
