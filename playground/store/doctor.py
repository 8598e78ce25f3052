"""What is wrong in a data directory: looked at, and left as it is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from playground.errors import PlaygroundError
from playground.records import DamagedRun, Reason, RunRecord
from playground.store import lost, run_notes
from playground.store.copies import opened_copy
from playground.store.database import DATABASE, Database
from playground.store.records import read_checkpoints
from playground.store.run_table import RunTable
from playground.store.sqlite_errors import unusable
from playground.store.weights import WEIGHTS_SUFFIX, is_sound, is_whole
from playground.text.corpora import CorpusLibrary
from playground.text.vocab import Vocab

_MEGABYTE = 2**20


@dataclass(frozen=True)
class Finding:
    """Something that is wrong, or was."""

    what: str
    """A run's id, a text's, or a file."""
    reason: Reason
    is_mended: bool = False
    is_wrong: bool = True
    """False: it is only told, such as what lies in `lost/` and nobody needs."""


def examine(directory: Path, corpora: Path | None = None) -> list[Finding]:
    """Look, and change nothing.

    Args:
        directory: The data directory.
        corpora: The folder of its texts; None: they are in it.

    Raises:
        StoreError: The directory cannot be read.
    """
    try:
        return _examine(directory, corpora or directory / "corpora")
    except OSError as error:
        raise unusable(directory, error) from error


def _examine(directory: Path, corpora: Path) -> list[Finding]:
    if directory.exists():
        os.listdir(directory)  # noqa: PTH208  # says what is in the way
    known, findings = _of_database(directory)
    findings += [
        Finding(folder.name, Reason("its folder is here, and the database does not know it"))
        for folder in run_notes.folders(directory)
        if folder.name not in known
    ]
    findings += [Finding(text.id, text.reason) for text in CorpusLibrary(corpora).damaged()]
    return findings + [_in_lost(path) for path in (*lost.folders(directory), *lost.databases(directory))]


def has_damaged_vocab(database: Database, id: str) -> bool:
    """A run has a vocabulary that cannot be read."""
    for row in database.rows("SELECT vocab FROM runs WHERE id = ?", id):
        try:
            if row["vocab"] is not None:
                Vocab.from_json(row["vocab"])
        except (ValueError, TypeError):
            return True
    return False


def is_usable(file: Path, run: RunRecord | DamagedRun) -> bool:
    """A file of a checkpoint is here, and holds what was written, as far as that can be known."""
    if not file.name.endswith(WEIGHTS_SUFFIX):
        return is_whole(file)
    has_diverged = not isinstance(run, RunRecord) or run.status.may_have_diverged
    return is_sound(file, has_diverged=has_diverged)


def _of_database(directory: Path) -> tuple[set[str], list[Finding]]:
    """Ids of the runs that the database knows, and what is wrong with it and with them."""
    file = directory / DATABASE
    if not file.exists():
        has_runs = any((*run_notes.folders(directory), *lost.folders(directory)))
        return set(), [Finding(DATABASE, Reason("there is none, and there are runs"))] if has_runs else []
    findings, known = [], set()
    try:
        with opened_copy(file) as database:
            if not database.is_sound():
                findings.append(Finding(DATABASE, Reason("parts of it cannot be read")))
            for run in RunTable(database).everything():
                known.add(run.id)
                findings += _of_run(directory, database, run)
    except PlaygroundError as error:
        findings.append(Finding(DATABASE, Reason(error.message, error.params)))
    return known, findings


def _of_run(directory: Path, database: Database, run: RunRecord | DamagedRun) -> list[Finding]:
    if isinstance(run, DamagedRun):
        return [Finding(run.id, run.reason)]
    findings = []
    if has_damaged_vocab(database, run.id):
        findings.append(Finding(run.id, Reason("its vocabulary is damaged")))
    if run.status.is_active:
        return findings  # its files come and go
    rows = database.rows("SELECT * FROM checkpoints WHERE run_id = ?", run.id)
    for checkpoint in read_checkpoints(rows):
        for name in (checkpoint.weights_file, checkpoint.training_file):
            if name is not None and not is_usable(directory / "runs" / run.id / name, run):
                findings += [Finding(run.id, Reason("{file} is missing or damaged", {"file": name}))]
    return findings


def _in_lost(path: Path) -> Finding:
    megabytes = f"{lost.size(path) / _MEGABYTE:,.1f}"
    brings_back = path.is_dir() and run_notes.read(path) is not None
    if path.is_file():
        reason = Reason("a database that was set aside ({megabytes} MB)", {"megabytes": megabytes})
    elif brings_back:
        reason = Reason(
            "a run that was set aside ({megabytes} MB); it can be brought back", {"megabytes": megabytes}
        )
    else:
        reason = Reason(
            "files that no run needs ({megabytes} MB); delete them when you like", {"megabytes": megabytes}
        )
    return Finding(f"{lost.FOLDER}/{path.name}", reason, is_wrong=brings_back)
