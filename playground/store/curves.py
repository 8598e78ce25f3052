"""A run's curves, from a cursor on: what a chart asks for every second."""

from __future__ import annotations

import sqlite3

import numpy as np
from numpy.typing import NDArray

from playground.records import History, Reason, RunRecord, Sample, Threshold
from playground.store.database import Database
from playground.store.series import EPOCHS, STEPS, Series
from playground.store.soundness import number, numeric, sound
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
    moved = database.rows(f"SELECT seq, epoch, step, max_grad_norm FROM thresholds {wanted}", id, after)
    newest = f"{wanted} DESC LIMIT {MOST_SAMPLES}"
    samples = database.rows(f"SELECT seq, epoch, step, prefix, text FROM samples {newest}", id, after)[::-1]
    moved = sound(moved, may_lack="max_grad_norm")
    samples = sound(samples, texts=("prefix", "text"))
    steps_end, (step_epoch, step_loss, step_norm) = _read(database, STEPS, id, after)
    epochs_end, (epoch, train_loss, heldout_loss) = _read(database, EPOCHS, id, after)
    step_epoch, step_loss, step_norm = thin([step_epoch, step_loss, step_norm], most)
    epoch, train_loss, heldout_loss = thin([epoch, train_loss, heldout_loss], most)
    ends = [int(number(rows[-1]["seq"]) or 0) for rows in (moved, samples) if rows]
    return History(
        cursor=max([after, steps_end, epochs_end, *ends]),
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


def lost_curve(database: Database, run: RunRecord) -> Reason | None:
    """What is said of a run whose curve went with a database that was lost; None of one that has its whole curve."""
    if run.step == 0 or database.rows("SELECT 1 FROM step_buckets WHERE run_id = ? LIMIT 1", run.id):
        return None
    first = database.rows("SELECT step FROM steps WHERE run_id = ? ORDER BY seq LIMIT 1", run.id)
    if not first:
        return Reason(
            "The curve of this run and what it wrote on the way were lost with its database. Its weights, settings and "
            "figures are here."
        )
    if (number(first[0]["step"]) or 0) <= 1:
        return None
    return Reason(
        "The curve of this run begins where it was resumed: what came before was lost with its database. Its weights, "
        "settings and figures are here."
    )


def _read(database: Database, series: Series, id: str, after: int) -> tuple[int, list[NDArray[np.float64]]]:
    """The last cursor, and epochs with each quantity over them."""
    older = database.numbers(series.select_curve("seq > ?"), id, after)
    wanted = ", ".join(("seq", "epoch", *series.values))
    points = database.numbers(
        f"SELECT {wanted} FROM {series.points} WHERE run_id = ? AND seq > ? ORDER BY seq", id, after
    )
    last = max(int(table[-1, at]) if len(table) else 0 for table, at in ((older, 1), (points, 0)))
    return last, [np.concatenate(pair) for pair in zip(_drawn(older, after), points[:, 1:].T, strict=True)]


def _drawn(buckets: NDArray[np.float64], after: int) -> list[NDArray[np.float64]]:
    """Buckets as `Series.select_curve` reads them → epochs and each quantity: its two extremes at a bucket's two ends.

    Of a bucket that begins before the cursor `after` both are at its end: what was told before stays as it was.
    """
    first_seq, seq, begin, end, *extremes = buckets.T
    shown = np.ones((len(buckets), 2), dtype=bool)
    shown[:, 1] = first_seq < seq
    pairs = [(np.where(first_seq > after, begin, end), end), *zip(extremes[::2], extremes[1::2], strict=True)]
    return [np.stack(pair, axis=1)[shown] for pair in pairs]


def read_buckets(database: Database, id: str, series: Series) -> list[sqlite3.Row]:
    """A long run's older points, thinned."""
    return numeric(database.rows(f"SELECT * FROM {series.buckets} WHERE run_id = ? ORDER BY seq", id))


def read_steps(database: Database, id: str) -> list[sqlite3.Row]:
    """The steps that are kept by themselves."""
    columns = "step, epoch, loss, grad_norm, scale, tokens_per_second, seconds"
    rows = database.rows(f"SELECT {columns} FROM steps WHERE run_id = ? ORDER BY seq", id)
    return sound(rows, may_lack="grad_norm")


def read_epochs(database: Database, id: str) -> list[sqlite3.Row]:
    """The epochs that are kept by themselves."""
    columns = "epoch, step, train_loss, heldout_loss, seconds"
    rows = database.rows(f"SELECT {columns} FROM epochs WHERE run_id = ? ORDER BY seq", id)
    return sound(rows, may_lack="heldout_loss")
