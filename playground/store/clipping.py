"""What a run's gradients went through: where they were clipped, and how a loss exploded."""

from __future__ import annotations

import math

from playground.cache import Cache
from playground.records import Clipping, Explosion, Reason, RunRecord, RunStatus, Threshold, is_exploded
from playground.records.runs import WORSE_THAN_GUESSING
from playground.store.database import Database
from playground.store.soundness import number, sound

_KEPT = 256

THRESHOLD_NOW = (
    "SELECT CASE WHEN EXISTS (SELECT 1 FROM thresholds WHERE run_id = {id})"
    " THEN (SELECT max_grad_norm FROM thresholds WHERE run_id = {id} ORDER BY seq DESC LIMIT 1)"
    " ELSE (SELECT CASE WHEN json_valid(config) THEN json_extract(config, '$.train.max_grad_norm') END"
    " FROM runs AS begun WHERE begun.id = {id}) END"
)
"""θ of a run as it stands: as the run began, or where somebody has moved it since; NULL is off.

`{id}` is a parameter or a column, written out.
"""


class ClippingQueries:
    """Reads what the store's rows tell about clipping.

    Args:
        database: The store's own connection.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._recent: Cache[Clipping | None] = Cache(_KEPT)  # every browser asks every second
        self._explosions: Cache[Explosion | None] = Cache(_KEPT)

    def moved(self, run: RunRecord) -> bool:
        """Somebody has moved its θ."""
        return bool(self._database.rows("SELECT 1 FROM thresholds WHERE run_id = ? LIMIT 1", run.id))

    def threshold(self, run: RunRecord) -> float | None:
        """θ as it stands; None is off."""
        ((limit,),) = self._database.rows(THRESHOLD_NOW.format(id="?1"), run.id)
        return number(limit)

    def moves(self, run: RunRecord) -> list[Threshold]:
        """Where somebody has moved its θ, oldest first."""
        rows = self._database.rows(
            "SELECT epoch, step, max_grad_norm FROM thresholds WHERE run_id = ? ORDER BY seq", run.id
        )
        return [Threshold(**row) for row in sound(rows, may_lack="max_grad_norm")]

    def recent(self, run: RunRecord) -> Clipping | None:
        """How gradients were clipped over the last epoch's worth of steps; None before the first."""
        return self._recent.get(run.key_at(run.step), lambda: self._compute_recent(run))

    def _compute_recent(self, run: RunRecord) -> Clipping | None:
        if run.facts is None:
            return None
        (row,) = self._database.rows(
            "SELECT count(*) AS steps, avg(scale < 1) AS share,"
            " avg(CASE WHEN scale < 1 THEN scale END) AS scale"
            " FROM (SELECT scale FROM steps WHERE run_id = ? ORDER BY seq DESC LIMIT ?)",
            run.id,
            run.facts.steps_per_epoch,
        )
        if not row["steps"]:
            return None
        return Clipping(row["steps"], number(row["share"]) or 0.0, number(row["scale"]))

    def was_clipped(self, run: RunRecord) -> bool:
        """Some step of it was shorter than its gradient."""
        return bool(self._database.rows("SELECT 1 FROM steps WHERE run_id = ? AND scale < 1 LIMIT 1", run.id))

    def longest(self, run: RunRecord) -> float | None:
        """The longest gradient's norm before clipping, inf where one overflowed; None before any step."""
        (row,) = self._database.rows(
            "SELECT count(*) AS steps, max(grad_norm) AS norm, sum(grad_norm IS NULL) AS overflowed"
            " FROM steps WHERE run_id = ?",
            run.id,
        )
        if not row["steps"]:
            return None
        return math.inf if row["overflowed"] else number(row["norm"])

    def explosion(self, run: RunRecord) -> Explosion | None:
        """Where the loss became worse than guessing, ln V, and stayed finite; None while it did not."""
        if run.facts is None:
            return None
        vocab_size = run.facts.vocab_size
        key = (*run.key_at(run.step), run.train_loss)  # an epoch ends after its last step
        return self._explosions.get(key, lambda: self._compute_explosion(run, vocab_size))

    def mishap(self, run: RunRecord) -> Reason | None:
        """What went wrong with its loss, in few words for a list; None where nothing did."""
        if run.status is RunStatus.DIVERGED:
            return Reason("diverged in epoch {epoch}", {"epoch": max(1, math.ceil(run.epoch))})
        explosion = self.explosion(run)
        return None if explosion is None else Reason("exploded in epoch {epoch}", {"epoch": explosion.epoch})

    def has_recovered(self, run: RunRecord) -> bool:
        """Its last epoch was better than guessing, whatever went before."""
        if run.facts is None or run.train_loss is None:
            return False
        return not is_exploded(run.train_loss, run.facts.vocab_size)

    def _compute_explosion(self, run: RunRecord, vocab_size: int) -> Explosion | None:
        with self._database.reading():  # a rewind in between would leave an epoch without steps
            return self._first_explosion(run, vocab_size)

    def _first_explosion(self, run: RunRecord, vocab_size: int) -> Explosion | None:
        guessing = math.log(vocab_size)
        epochs = self._database.rows(
            "SELECT seq, epoch, train_loss FROM epochs WHERE run_id = ? AND train_loss > ?"
            " ORDER BY seq LIMIT 1",
            run.id,
            guessing + WORSE_THAN_GUESSING,
        )
        epochs = sound(epochs)
        if not epochs:
            return None
        first = epochs[0]
        (worst,) = self._database.rows("SELECT max(train_loss) AS loss FROM epochs WHERE run_id = ?", run.id)
        steps = self._database.rows(  # NULL is an overflow: longer than anything
            "SELECT seq, step, grad_norm FROM steps WHERE run_id = ? AND seq < ?"
            " ORDER BY grad_norm IS NULL DESC, grad_norm DESC LIMIT 1",
            run.id,
            first["seq"],
        )
        if not sound(steps, may_lack="grad_norm"):  # a run that was brought back has no curve
            return None
        longest = steps[0]
        norm = math.inf if longest["grad_norm"] is None else longest["grad_norm"]
        moves = self._database.rows(
            "SELECT max_grad_norm FROM thresholds WHERE run_id = ? AND seq < ? ORDER BY seq DESC LIMIT 1",
            run.id,
            longest["seq"],
        )
        limit = number(moves[0]["max_grad_norm"]) if moves else run.config.train.max_grad_norm
        return Explosion(
            vocab_size,
            guessing,
            first["epoch"],
            first["train_loss"],
            number(worst["loss"]) or first["train_loss"],
            longest["step"],
            norm,
            limit,
        )
