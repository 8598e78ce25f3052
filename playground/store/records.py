"""Rows → records."""

from __future__ import annotations

import json
import sqlite3

from playground.config import parse_json
from playground.records import CheckpointRecord, Reason, RunRecord, RunStatus, TrainingFacts
from playground.store.clipping import THRESHOLD_NOW

RUN_COLUMNS = f"runs.*, ({THRESHOLD_NOW.format(id='runs.id')}) AS threshold"
"""What a record is made of; `SELECT … FROM runs`."""


def run_record(row: sqlite3.Row) -> RunRecord:
    """A row of `runs`, as `RUN_COLUMNS` selects it."""
    facts, reason = row["facts"], row["reason"]
    return RunRecord(
        id=row["id"],
        name=row["name"],
        config=parse_json(row["config"]),
        status=RunStatus(row["status"]),
        reason=Reason(**json.loads(reason)) if reason else None,
        created_at=row["created_at"],
        revision=row["revision"],
        facts=TrainingFacts(**json.loads(facts)) if facts else None,
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
