"""What lies beside a run's weights, so that the run outlives its database: `run.json` and `vocab.json`.

`run.json` holds the run's row (id, name, settings, facts, status, figures, when it was made), its checkpoints and where
its threshold was moved; it is written anew with every checkpoint, at the end, and with another name. `vocab.json` is
written once.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playground.errors import StoreError
from playground.files import parse_object, write_whole
from playground.store.database import Database
from playground.store.messages import CheckpointSaved, Failed, Message
from playground.store.records import is_run_id
from playground.store.weights import TRAINING_SUFFIX, WEIGHTS_SUFFIX, is_whole
from playground.training.events import Finished

_log = logging.getLogger(__name__)
NOTE, VOCAB = "run.json", "vocab.json"
NAMES = frozenset({NOTE, VOCAB})
_NOTED = (CheckpointSaved, Finished, Failed)
_NOT_NOTED = ("vocab", "deleted_at")
_STEP = re.compile(r"step-([0-9]{9})" + re.escape(WEIGHTS_SUFFIX))
_PLAIN = (str, int, float, type(None))


@dataclass(frozen=True)
class RunNote:
    """A run as its folder tells it."""

    run: dict[str, Any]
    """Column → value, as `runs` has them; the vocabulary with them."""
    checkpoints: tuple[dict[str, Any], ...]
    """Rows of `checkpoints` whose files are here and whole."""
    thresholds: tuple[dict[str, Any], ...]
    """Rows of `thresholds`."""

    @property
    def id(self) -> str:
        """The run's id."""
        return str(self.run["id"])


def is_due(messages: Sequence[Message]) -> bool:
    """What has been told changes what a run's note has to say."""
    return any(isinstance(message, _NOTED) for message in messages)


def keep(database: Database, folder: Path, id: str) -> None:
    """Write a run's notes into its folder; what cannot be read or written now is logged, and costs no run."""
    try:
        _keep(database, folder, id)
    except (StoreError, OSError, TypeError, ValueError) as error:  # a damaged row has bytes in it
        _log.warning("the note of run %s could not be written: %s", id, error)


def _keep(database: Database, folder: Path, id: str) -> None:
    columns = [
        row["name"] for row in database.rows("PRAGMA table_info(runs)") if row["name"] not in _NOT_NOTED
    ]
    rows = database.rows(f"SELECT {', '.join(columns)} FROM runs WHERE id = ?", id)
    if not rows or not folder.is_dir():
        return
    note = {
        "run": dict(rows[0]),
        "checkpoints": [
            dict(row) for row in database.rows("SELECT * FROM checkpoints WHERE run_id = ? ORDER BY step", id)
        ],
        "thresholds": [
            dict(row) for row in database.rows("SELECT * FROM thresholds WHERE run_id = ? ORDER BY seq", id)
        ],
    }
    if not (folder / VOCAB).exists():
        ((vocab,),) = database.rows("SELECT vocab FROM runs WHERE id = ?", id)
        if isinstance(vocab, str):
            write_whole(folder / VOCAB, vocab.encode())
    write_whole(folder / NOTE, json.dumps(note, ensure_ascii=False, indent=1).encode())


def read(folder: Path) -> RunNote | None:
    """What a folder tells of its run; None where it tells nothing that can be used."""
    try:
        note = parse_object((folder / NOTE).read_bytes())
        vocab = (folder / VOCAB).read_text("utf-8")
    except (OSError, ValueError):
        return None
    run = note.get("run")
    if not isinstance(run, dict) or not is_run_id(run.get("id")) or not _is_plain(run):
        return None
    known = {row["step"]: row for row in _rows(note.get("checkpoints")) if isinstance(row.get("step"), int)}
    return RunNote(
        run | {"vocab": vocab},
        tuple(_checkpoints(folder, run, known)),
        tuple(_rows(note.get("thresholds"))),
    )


def _checkpoints(folder: Path, run: dict[str, Any], known: dict[int, dict[str, Any]]) -> list[dict[str, Any]]:
    """A row for each file of weights that is whole; one that no row tells of is told by its name."""
    found = []
    for file in sorted(folder.iterdir()):
        name = _STEP.fullmatch(file.name)
        if name is None or not is_whole(file):
            continue
        step = int(name[1])
        training = file.name.replace(WEIGHTS_SUFFIX, TRAINING_SUFFIX)
        row = known.get(step, {"epoch": step / _steps_per_epoch(run), "kept": 1})
        found.append(
            {
                "run_id": run["id"],
                "step": step,
                "epoch": row.get("epoch"),
                "kept": row.get("kept"),
                "loss": row.get("loss"),
                "weights_file": file.name,
                "training_file": training if is_whole(folder / training) else None,
            }
        )
    return found


def _steps_per_epoch(run: dict[str, Any]) -> int:
    try:
        return max(1, int(parse_object(run["facts"])["steps_per_epoch"]))
    except (KeyError, TypeError, ValueError):
        return 1


def _rows(value: object) -> list[dict[str, Any]]:
    rows = value if isinstance(value, list) else []
    return [row for row in rows if isinstance(row, dict) and _is_plain(row)]


def _is_plain(row: dict[str, Any]) -> bool:
    return all(
        isinstance(value, _PLAIN) and not (isinstance(value, int) and abs(value) >= 2**63)
        for value in row.values()
    )


def folders(directory: Path) -> list[Path]:
    """The runs' folders in a data directory."""
    runs = directory / "runs"
    return sorted(path for path in runs.iterdir() if path.is_dir()) if runs.is_dir() else []
