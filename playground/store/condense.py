"""Long curves on disk: points → buckets by the law of `buckets.py`, inside a transaction that the store opened.

Only what no resume takes back is put away: nothing after the newest checkpoint, nor the last `tail` points before it.
A transaction puts away a slab, so that nobody waits long.
"""

from __future__ import annotations

import sqlite3

import numpy as np

from playground.records.runs import explodes_above
from playground.store.buckets import SEQ, merge, width_for
from playground.store.clipping import FIRST_EXPLODED
from playground.store.curves import MOST_SAMPLES
from playground.store.database import read_numbers
from playground.store.series import EPOCHS, SERIES, STEPS, Series

SLAB = 4_096
"""Points that a transaction puts away at the most."""
_WORTH_IT = 256
"""Points for which a transaction begins to."""


def condense(db: sqlite3.Connection, id: str, slab: int = SLAB) -> bool:
    """Put a slab of what is old in a run's curves into buckets.

    Args:
        db: Within a transaction.
        id: The run.
        slab: Most points of each curve to put away.

    Returns:
        Whether there was something to put away: there may be more.
    """
    checkpoint = _newest_checkpoint(db, id)
    if checkpoint <= min(series.most for series in SERIES):
        return False
    done = _condense(db, id, STEPS, checkpoint, slab)
    row = db.execute(
        "SELECT epoch FROM epochs WHERE run_id = ? AND step <= ? AND typeof(epoch) = 'integer' ORDER BY seq DESC LIMIT 1",
        (id, checkpoint),
    ).fetchone()
    return (row is not None and _condense(db, id, EPOCHS, row["epoch"], slab)) or done


def forget_samples(db: sqlite3.Connection, id: str) -> None:
    """Keep the newest samples before the newest checkpoint, and all after it."""
    db.execute(
        "DELETE FROM samples WHERE run_id = ?1 AND seq < (SELECT seq FROM samples WHERE run_id = ?1 AND step <= ?2"
        " ORDER BY seq DESC LIMIT 1 OFFSET ?3)",
        (id, _newest_checkpoint(db, id), MOST_SAMPLES - 1),
    )


def _newest_checkpoint(db: sqlite3.Connection, id: str) -> int:
    """Its step; 0 before the first."""
    (step,) = db.execute(
        "SELECT max(step) FROM checkpoints WHERE run_id = ? AND typeof(step) = 'integer'", (id,)
    ).fetchone()
    return step or 0


def _condense(db: sqlite3.Connection, id: str, series: Series, told: int, slab: int) -> bool:
    """Put away points of a curve that had `told` of them at the newest checkpoint."""
    settled = told - series.tail
    oldest = "SELECT {0} AS number FROM {1} WHERE run_id = ? AND typeof({0}) = 'integer' ORDER BY seq LIMIT 1"
    bucket = db.execute(oldest.format("width", series.buckets), (id,)).fetchone()
    point = db.execute(oldest.format(series.number, series.points), (id,)).fetchone()
    width_now = bucket["number"] if bucket else 1
    width = max(width_for(settled, series.most), width_now)  # after a resume there may be fewer points
    first = point["number"] if point else settled + 1
    is_wider = bucket is not None and width > width_now
    if width == 1 or not (is_wider or settled - first >= _WORTH_IT):
        return False
    read = (id, min(settled, first - 1 + slab))
    points = read_numbers(db, series.select_points(f"{series.number} <= ?"), *read)
    grown = 0 if is_wider else (first - 1) // width * width  # the newest bucket may not be full yet
    older = read_numbers(db, series.select_buckets(f"{series.number} > ?"), id, grown)
    table = merge(
        np.concatenate([older, series.as_buckets(points)]), series.layout, width, _ends(db, id, series)
    )
    for name, gone in ((series.points, points[:, :1]), (series.buckets, older[:, SEQ : SEQ + 1])):
        if len(gone):
            db.execute(
                f"DELETE FROM {name} WHERE run_id = ? AND seq BETWEEN ? AND ?",
                (id, int(gone[0, 0]), int(gone[-1, 0])),
            )
    db.executemany(*series.insert_buckets(id, width, table))
    return True


def _ends(db: sqlite3.Connection, id: str, series: Series) -> list[int]:
    """Where a bucket ends whatever the grid says: an explosion is told with its epoch, and with what led to it."""
    run = db.execute(
        "SELECT iif(json_valid(facts), json_extract(facts, '$.vocab_size'), NULL) FROM runs WHERE id = ?",
        (id,),
    ).fetchone()
    vocab_size = run[0] if run else None  # a damaged index does not find it
    if not isinstance(vocab_size, int) or vocab_size < 1:
        return []
    exploded = db.execute(FIRST_EXPLODED, (id, explodes_above(vocab_size))).fetchone()
    if not exploded or not all(isinstance(exploded[name], int) for name in ("step", "epoch")):
        return []
    return [exploded["step"]] if series is STEPS else [exploded["epoch"] - 1, exploded["epoch"]]
