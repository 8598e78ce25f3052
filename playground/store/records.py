"""Rows → records; a row that cannot be read is told with its reason, whatever is in it."""

from __future__ import annotations

import math
import re
import sqlite3
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from playground.config import parse_json
from playground.errors import ConfigError
from playground.files import parse_object
from playground.records import CheckpointRecord, DamagedRun, Reason, RunRecord, RunStatus, TrainingFacts
from playground.store.clipping import THRESHOLD_NOW
from playground.text.notes import one_line

_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,39}")
_PLACE = re.compile(r"row-([0-9]{1,18})")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_FACTS, _REASON = TypeAdapter(TrainingFacts), TypeAdapter(Reason)
_RUN, _CHECKPOINT = TypeAdapter(RunRecord), TypeAdapter(CheckpointRecord)
_LAST_MOMENT = 253_370_764_800.0
"""The year 9999: beyond it there is no date."""
_LONGEST_NAME = 80
RUN_COLUMNS = (
    "id, name, config, status, reason, created_at, revision, facts, step, epoch, seconds, tokens, train_loss,"
    f" heldout_loss, step_loss, speed, owner, runs.rowid AS place, ({THRESHOLD_NOW.format(id='runs.id')}) AS threshold"
)
"""What a record is made of; `SELECT … FROM runs`. Not the vocabulary: of a thousand runs it would be megabytes."""


def is_run_id(id: object) -> bool:
    """Fit to name a folder of our own."""
    return isinstance(id, str) and _ID.fullmatch(id) is not None and place_of(id) is None


def place_of(id: str) -> int | None:
    """The row of a run whose id is damaged, from what `DamagedRun` calls it."""
    found = _PLACE.fullmatch(id)
    return int(found[1]) if found else None


def read_run(row: sqlite3.Row) -> RunRecord | DamagedRun:
    """A row of `runs`, as `RUN_COLUMNS` selects it."""
    try:
        return _run(row)
    except _Damage as damage:
        return damaged_run(row, damage.reason)


def damaged_run(row: sqlite3.Row, reason: Reason) -> DamagedRun:
    """What is left of a row that cannot be read."""
    id = row["id"] if is_run_id(row["id"]) else f"row-{row['place']}"
    name, created_at = row["name"], row["created_at"]
    return DamagedRun(
        id,
        one_line(name)[:_LONGEST_NAME] if isinstance(name, str) and name.strip() else id,
        created_at if isinstance(created_at, (int, float)) and 0 <= created_at < _LAST_MOMENT else None,
        reason,
    )


class _Damage(Exception):
    """What is wrong with a row."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(str(reason))


@lru_cache(maxsize=8_192)
def _run(row: sqlite3.Row) -> RunRecord:
    """A list of a thousand runs is read at every rerun of a page, and most rows are as they were."""
    values = {name: row[name] for name in row.keys()}  # noqa: SIM118  # a Row iterates over its values
    if not is_run_id(values["id"]):
        raise _Damage(_column("id"))
    if values["status"] not in set(RunStatus):
        raise _Damage(
            Reason(
                "its status {found!r} is not known here: a newer version may have written it",
                {"found": str(values["status"])[:40]},
            )
        )
    values |= {
        "config": read_config(values["config"]),
        "facts": _facts(values["facts"]),
        "reason": _reason(values["reason"]),
        "max_grad_norm": values["threshold"],
    }
    try:
        record = _RUN.validate_python(values)
    except ValidationError as error:
        raise _Damage(_column(str(error.errors()[0]["loc"][0]))) from None
    for column in ("step", "epoch", "seconds", "tokens", "revision"):
        if not 0 <= getattr(record, column) < math.inf:
            raise _Damage(_column(column))
    for column in ("train_loss", "heldout_loss", "step_loss", "speed"):
        value = getattr(record, column)
        if value is not None and not math.isfinite(value):
            raise _Damage(_column(column))
    if not 0 <= record.created_at < _LAST_MOMENT:
        raise _Damage(_column("created_at"))
    if record.max_grad_norm is not None and not 0 < record.max_grad_norm < math.inf:
        raise _Damage(_column("max_grad_norm"))
    return record


_NO_FACTS = Reason("what it was trained on is damaged")
_WIDE = re.compile(r":[^}]*[0-9]{4}")
"""A template that would fill the memory."""


def _column(name: str) -> Reason:
    return Reason("what stands under {column!r} is no value that it can have", {"column": name})


def read_config(text: object) -> Any:
    """The settings in a row, or in a run's own note; raises `_Damage`."""
    try:
        parse_object(text)  # type: ignore[arg-type]
    except (ValueError, TypeError):
        raise _Damage(Reason("its settings are damaged")) from None
    try:
        return parse_json(text)  # type: ignore[arg-type]
    except ConfigError as error:
        problem = Reason(error.message, error.params)
        raise _Damage(
            Reason("its settings do not fit this version: {problem}", {"problem": problem})
        ) from None


def _facts(text: object) -> TrainingFacts | None:
    if text is None:
        return None
    try:
        facts = _FACTS.validate_python(parse_object(text))  # type: ignore[arg-type]
    except (ValueError, TypeError):  # pydantic's own is a ValueError
        raise _Damage(_NO_FACTS) from None
    least = min(facts.vocab_size, facts.steps_per_epoch, facts.threads, facts.parameters)
    counted = (facts.train_characters, facts.train_unknown, facts.heldout_characters, facts.heldout_unknown)
    if least < 1 or min(facts.train_tokens, facts.heldout_tokens, *(n or 0 for n in counted)) < 0:
        raise _Damage(_NO_FACTS)
    return facts


def _reason(text: object) -> Reason | None:
    """Why it ended; a reason that is damaged is none, which costs a sentence and not the run."""
    if text is None:
        return None
    try:
        reason = _REASON.validate_python(parse_object(text))  # type: ignore[arg-type]
        if _WIDE.search(reason.message):
            return None
        str(reason)
    except (ValueError, TypeError, LookupError, AttributeError):
        return None
    return reason


def read_checkpoints(rows: Iterable[sqlite3.Row]) -> list[CheckpointRecord]:
    """Rows of `checkpoints`, with all columns; damaged ones are left out."""
    read = (_checkpoint(row) for row in rows)
    return [checkpoint for checkpoint in read if checkpoint is not None]


def _checkpoint(row: sqlite3.Row) -> CheckpointRecord | None:
    try:
        found = _CHECKPOINT.validate_python(dict(row))
    except ValidationError:
        return None
    names = (found.weights_file, found.training_file or found.weights_file)
    if not all(_FILE.fullmatch(name) for name in names) or not 0 <= found.epoch < math.inf or found.step < 0:
        return None
    return found
