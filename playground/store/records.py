"""Rows → records."""

from __future__ import annotations

import functools
import json
import sqlite3

from playground.config import parse_json
from playground.records import CheckpointRecord, Reason, RunRecord, RunStatus, TrainingFacts
from playground.store.clipping import THRESHOLD_NOW

_parse = functools.lru_cache(maxsize=8_192)(parse_json)
"""A list of a thousand runs is read at every rerun of a page; settings never change."""


@functools.lru_cache(maxsize=8_192)
def _facts(stored: str) -> TrainingFacts:
    return TrainingFacts(**json.loads(stored))


RUN_COLUMNS = (
    "id, name, config, status, reason, created_at, revision, facts, step, epoch, seconds, tokens, train_loss,"
    f" heldout_loss, step_loss, speed, ({THRESHOLD_NOW.format(id='runs.id')}) AS threshold"
)
"""What a record is made of; `SELECT … FROM runs`. Not the vocabulary: of a thousand runs it would be megabytes."""


def run_record(row: sqlite3.Row) -> RunRecord:
    """A row of `runs`, as `RUN_COLUMNS` selects it."""
    facts, reason = row["facts"], row["reason"]
    return RunRecord(
        id=row["id"],
        name=row["name"],
        config=_parse(row["config"]),
        status=RunStatus(row["status"]),
        reason=Reason(**json.loads(reason)) if reason else None,
        created_at=row["created_at"],
        revision=row["revision"],
        facts=_facts(facts) if facts else None,
        step=row["step"],
        epoch=row["epoch"],
        seconds=row["seconds"],
        tokens=row["tokens"],
        train_loss=row["train_loss"],
        heldout_loss=row["heldout_loss"],
        step_loss=row["step_loss"],
        speed=row["speed"],
        max_grad_norm=row["threshold"],
    )


def checkpoint_record(row: sqlite3.Row) -> CheckpointRecord:
    """A row of `checkpoints`, with all columns."""
    return CheckpointRecord(**{**dict(row), "kept": bool(row["kept"])})
