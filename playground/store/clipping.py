"""What a run's gradients went through: where they were clipped, and how a loss exploded."""

from __future__ import annotations

import math
import sys

from playground.cache import Cache
from playground.records import Clipping, Explosion, Reason, RunRecord, RunStatus, Threshold, is_exploded
from playground.records.runs import explodes_above
from playground.store.database import Database
from playground.store.soundness import number, sound

_KEPT = 256
_KEPT_EXPLOSIONS = 8_192
"""Every label of a run says whether it exploded."""

THRESHOLD_NOW = (
    "SELECT CASE WHEN EXISTS (SELECT 1 FROM thresholds WHERE run_id = {id})"
    " THEN (SELECT max_grad_norm FROM thresholds WHERE run_id = {id} ORDER BY seq DESC LIMIT 1)"
    " ELSE (SELECT CASE WHEN json_valid(config) THEN json_extract(config, '$.train.max_grad_norm') END"
    " FROM runs AS begun WHERE begun.id = {id}) END"
)
"""θ of a run as it stands: as the run began, or where somebody has moved it since; NULL is off.

`{id}` is a parameter or a column, written out.
"""

FIRST_EXPLODED = (
    "SELECT seq, epoch, step, loss FROM ("
    " SELECT seq, epoch, step, train_loss_max AS loss FROM epoch_buckets WHERE run_id = ?1"
    " UNION ALL SELECT seq, epoch, step, train_loss FROM epochs WHERE run_id = ?1"
    ") WHERE loss > ?2 ORDER BY seq LIMIT 1"
)
"""A run's first epoch above a loss. A thinned curve keeps that of an explosion by itself, and ends a bucket there."""


class ClippingQueries:
    """Reads what the store's rows tell about clipping.

    Args:
        database: The store's own connection.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._recent: Cache[Clipping | None] = Cache(_KEPT)  # every browser asks every second
        self._explosions: Cache[Explosion | None] = Cache(_KEPT_EXPLOSIONS)

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
            "SELECT count(*) AS steps, coalesce(sum(scale < 1), 0) AS clipped,"
            " coalesce(sum(iif(scale < 1, scale, 0)), 0) AS scale"
            " FROM (SELECT scale FROM steps WHERE run_id = ? ORDER BY seq DESC LIMIT ?)",
            run.id,
            run.facts.steps_per_epoch,
        )
        (older,) = self._database.rows(  # whole buckets within the last epoch's worth
            "SELECT coalesce(sum(points), 0) AS steps, coalesce(sum(clipped), 0) AS clipped,"
            " coalesce(sum(scale_sum), 0) AS scale FROM step_buckets WHERE run_id = ? AND first_step > ?",
            run.id,
            run.step - run.facts.steps_per_epoch,
        )
        steps, clipped, scale = (
            (number(row[name]) or 0) + (number(older[name]) or 0) for name in ("steps", "clipped", "scale")
        )
        return Clipping(int(steps), clipped / steps, scale / clipped if clipped else None) if steps else None

    def was_clipped(self, run: RunRecord) -> bool:
        """Some step of it was shorter than its gradient."""
        return bool(
            self._database.rows(
                "SELECT 1 FROM steps WHERE run_id = ?1 AND scale < 1"
                " UNION ALL SELECT 1 FROM step_buckets WHERE run_id = ?1 AND clipped LIMIT 1",
                run.id,
            )
        )

    def longest(self, run: RunRecord) -> float | None:
        """The longest gradient's norm before clipping, inf where one overflowed; None before any step."""
        found = self._longest(run, before=sys.maxsize)
        return None if found is None else found[1]

    def _longest(self, run: RunRecord, before: int) -> tuple[int, float] | None:
        """The longest gradient's step and norm before a cursor."""
        rows = self._database.rows(  # NULL is an overflow: longer than anything
            "SELECT step, norm FROM ("
            " SELECT seq, grad_norm_max_at AS step, grad_norm_max AS norm FROM step_buckets"
            " WHERE run_id = ?1 AND seq < ?2"
            " UNION ALL SELECT seq, step, coalesce(grad_norm, 9e999) FROM steps"
            " WHERE run_id = ?1 AND seq < ?2 AND typeof(grad_norm) IN ('real', 'null')"
            ") ORDER BY norm DESC, step LIMIT 1",
            run.id,
            before,
        )
        rows = [row for row in rows if isinstance(row["step"], int) and isinstance(row["norm"], float)]
        return (rows[0]["step"], rows[0]["norm"]) if rows else None

    def explosion(self, run: RunRecord) -> Explosion | None:
        """Where the loss became worse than guessing, ln V, and stayed finite; None while it did not."""
        if run.facts is None:
            return None
        vocab_size = run.facts.vocab_size
        key = (*run.key_at(run.step), run.train_loss)  # an epoch ends after its last step
        return self._explosions.get(key, lambda: self._compute_explosion(run, vocab_size))

    def outcome(self, run: RunRecord) -> tuple[RunStatus | Reason, ...]:
        """How a run stands, for a list: its status, what went wrong with its loss, or both where neither says all."""
        mishap = self._mishap(run)
        if mishap is None:
            return (run.status,)
        is_all = run.status is RunStatus.FINISHED and not self._has_recovered(run)
        return (mishap,) if run.status is RunStatus.DIVERGED or is_all else (run.status, mishap)

    def _mishap(self, run: RunRecord) -> Reason | None:
        """What went wrong with its loss, in few words for a list; None where nothing did."""
        if run.status is RunStatus.DIVERGED:
            return Reason("diverged in epoch {epoch}", {"epoch": max(1, math.ceil(run.epoch))})
        explosion = self.explosion(run)
        return None if explosion is None else Reason("exploded in epoch {epoch}", {"epoch": explosion.epoch})

    def _has_recovered(self, run: RunRecord) -> bool:
        """Its last epoch was better than guessing, whatever went before."""
        if run.facts is None or run.train_loss is None:
            return False
        return not is_exploded(run.train_loss, run.facts.vocab_size)

    def _compute_explosion(self, run: RunRecord, vocab_size: int) -> Explosion | None:
        with self._database.reading():  # a rewind in between would leave an epoch without steps
            return self._first_explosion(run, vocab_size)

    def _first_explosion(self, run: RunRecord, vocab_size: int) -> Explosion | None:
        exploded = sound(self._database.rows(FIRST_EXPLODED, run.id, explodes_above(vocab_size)))
        if not exploded:
            return None
        first = exploded[0]
        (worst,) = self._database.rows(
            "SELECT max(loss) AS loss FROM (SELECT max(train_loss) AS loss FROM epochs WHERE run_id = ?1"
            " UNION ALL SELECT max(train_loss_max) FROM epoch_buckets WHERE run_id = ?1)",
            run.id,
        )
        found = self._longest(run, before=first["seq"])
        if found is None:  # a run that was brought back has no curve
            return None
        step, norm = found
        moves = [move for move in self.moves(run) if move.step < step]
        limit = moves[-1].max_grad_norm if moves else run.config.train.max_grad_norm
        return Explosion(
            vocab_size,
            math.log(vocab_size),
            first["epoch"],
            first["loss"],
            number(worst["loss"]) or first["loss"],
            step,
            norm,
            limit,
        )
