"""The curves of a run as the database has them: a table of points each, and one of buckets for what is older."""

from __future__ import annotations

from dataclasses import dataclass

from playground.store.buckets import Layout, Table, of_points


def _value(name: str) -> tuple[str, ...]:
    return tuple(f"{name}_{part}" for part in ("min", "min_at", "max", "max_at", "mean", "count"))


@dataclass(frozen=True)
class Series:
    """A curve in the database."""

    most: int
    """Buckets, as in `buckets.py`; from the first doubling on there are at least half as many."""
    tail: int
    """Points before the newest checkpoint that are kept one by one; so are all after it."""
    points: str
    """The table of points."""
    number: str
    """Its column that counts them from 1."""
    names: tuple[str, ...]
    """Its quantities, as the table of buckets calls them."""
    values: tuple[str, ...]
    """SQL of each; NULL where a point has none."""
    totals: tuple[str, ...]
    """SQL of what is added up."""
    newest: tuple[str, ...]
    """Columns of which a bucket's last point's stays."""
    buckets: str
    """The table of buckets."""
    columns: tuple[str, ...]
    """Its columns in the order of `Layout`; one can stand twice."""

    @property
    def layout(self) -> Layout:
        """What a bucket holds."""
        return Layout(len(self.values), len(self.totals), len(self.newest))

    def select_points(self, condition: str) -> str:
        """SQL for a run's points, oldest first, as `as_buckets` takes them."""
        read = ", ".join(("seq", self.number, "epoch", *self.values, *self.totals, *self.newest))
        return f"SELECT {read} FROM {self.points} WHERE run_id = ? AND {condition} ORDER BY seq"

    def select_buckets(self, condition: str) -> str:
        """SQL for a run's buckets, oldest first."""
        return f"SELECT {', '.join(self.columns)} FROM {self.buckets} WHERE run_id = ? AND {condition} ORDER BY seq"

    def select_curve(self, condition: str) -> str:
        """SQL for what a chart needs of a run's buckets: cursors and epochs of the first and the last point, then each
        quantity's two extremes in their order.

        A statement of its own: Python reads 16,384 rows of nine numbers in 30 ms, and all columns in three times that.
        """
        extremes = [
            f"iif({name}_count, iif({name}_min_at {order} {name}_max_at, {name}_min, {name}_max), NULL)"
            for name in self.names
            for order in ("<=", ">")
        ]
        read = ", ".join((*self.columns[:2], *self.columns[4:6], *extremes))
        return f"SELECT {read} FROM {self.buckets} WHERE run_id = ? AND {condition} ORDER BY seq"

    def insert_buckets(self, id: str, width: int, table: Table) -> tuple[str, list[list[object]]]:
        """SQL and its values."""
        names = list(dict.fromkeys(self.columns))
        places = [self.columns.index(name) for name in names]
        marks = ", ".join("?" * (len(names) + 2))
        sql = f"INSERT INTO {self.buckets} (run_id, width, {', '.join(names)}) VALUES ({marks})"
        return sql, [[id, width, *row] for row in table[:, places].tolist()]

    def as_buckets(self, points: Table) -> Table:
        """Points, (N, C), as `select_points` reads them → a bucket for each."""
        seq, at, epoch, *rest = points.T
        n, m = len(self.values), len(self.values) + len(self.totals)
        return of_points(seq, at, epoch, rest[:n], rest[n:m], rest[m:])


STEPS = Series(
    most=8_192,
    tail=2_048,
    points="steps",
    number="step",
    names=("loss", "grad_norm"),
    values=("loss", "coalesce(grad_norm, 9e999)"),  # 9e999 is SQL for infinity
    totals=("scale < 1", "iif(scale < 1, scale, 0)"),
    newest=("tokens_per_second", "seconds"),
    buckets="step_buckets",
    columns=(
        *("first_seq", "seq", "first_step", "step", "first_epoch", "epoch", "points"),
        *_value("loss"),
        *_value("grad_norm"),
        *("clipped", "scale_sum", "tokens_per_second", "seconds"),
    ),
)
EPOCHS = Series(
    most=2_048,
    tail=256,
    points="epochs",
    number="epoch",
    names=("train_loss", "heldout_loss"),
    values=("train_loss", "heldout_loss"),
    totals=(),
    newest=("step", "seconds"),
    buckets="epoch_buckets",
    columns=(
        *("first_seq", "seq", "first_epoch", "epoch", "first_epoch", "epoch", "points"),
        *_value("train_loss"),
        *_value("heldout_loss"),
        *("step", "seconds"),
    ),
)
SERIES = (STEPS, EPOCHS)
