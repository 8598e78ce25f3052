"""The only door to the data directory: runs and curves in SQLite, weights beside it.

data/
├── playground.sqlite3
├── corpora/                 texts that were fetched or added
├── logs/                    what workers print
└── runs/<run id>/           step-000000040.weights.safetensors …
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from platformdirs import user_data_path

from playground.cache import Cache
from playground.config import RunConfig
from playground.errors import ConfigError, CorpusError, RunNotFound, RunStateError
from playground.records import CheckpointRecord, History, Reason, RunRecord, RunStatus
from playground.store import owner, recovery
from playground.store import rows as writing
from playground.store.clipping import ClippingQueries
from playground.store.curves import last_cursor, read_history
from playground.store.database import Database
from playground.store.messages import Message
from playground.store.records import RUN_COLUMNS, checkpoint_record, run_record
from playground.store.series import EPOCHS, STEPS
from playground.text.corpora import CorpusLibrary
from playground.text.vocab import Vocab

MAX_NAME = 80
_WHOLE_CURVES = 32
SERVER_STOPPED = Reason("The server stopped while this run was under way.")


def default_directory() -> Path:
    """`PLAYGROUND_DATA`, else the user's data directory."""
    chosen = os.environ.get("PLAYGROUND_DATA")
    return Path(chosen) if chosen else user_data_path("recurrent-playground")


def default_corpora() -> Path:
    """The corpus cache of the default data directory."""
    return default_directory() / "corpora"


class RunStore:
    """Runs, their curves, samples and checkpoints.

        >>> from tempfile import TemporaryDirectory
        >>> from playground.presets import preset
        >>> folder = TemporaryDirectory()
        >>> store = RunStore(Path(folder.name))
        >>> run = store.create(preset("quick"), "My first run")
        >>> store.get(run.id).name, store.get(run.id).status.value
        ('My first run', 'queued')
        >>> store.close()
        >>> folder.cleanup()

    Args:
        directory: The data directory; created when missing.
        corpora: The folder of its texts; None keeps them in `directory`.
        clock: Seconds since 1970.

    Raises:
        StoreError: The directory cannot be used.
    """

    def __init__(
        self, directory: Path, *, corpora: Path | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.directory = directory.absolute()
        self.library = CorpusLibrary((corpora or self.directory / "corpora").absolute())
        self._clock = clock
        self._whole_curves: Cache[History] = Cache(_WHOLE_CURVES)
        self._database = Database(self.directory / "playground.sqlite3")
        self.clipping = ClippingQueries(self._database)
        """What a run's gradients went through."""

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    # runs ---------------------------------------------------------------------------------------

    def create(self, config: RunConfig, name: str) -> RunRecord:
        """Add a queued run that belongs to this process.

        Args:
            config: The settings of the run.
            name: What to call it.
        """
        id = secrets.token_hex(6)
        with self._database.write() as db:
            db.execute(
                "INSERT INTO runs (id, name, config, status, created_at, owner) VALUES (?, ?, ?, ?, ?, ?)",
                (
                    id,
                    _clean(name),
                    config.model_dump_json(),
                    RunStatus.QUEUED,
                    self._clock(),
                    owner.this_process(),
                ),
            )
        return self.get(id)

    def get(self, id: str) -> RunRecord:
        """One run.

        Raises:
            RunNotFound: No such run.
        """
        return run_record(self._row(id))

    def all(self) -> list[RunRecord]:
        """All runs, newest first."""
        rows = self._database.rows(f"SELECT {RUN_COLUMNS} FROM runs ORDER BY created_at DESC, rowid DESC")
        return [run_record(row) for row in rows]

    def with_weights(self) -> list[RunRecord]:
        """Runs that have a checkpoint, newest first."""
        rows = self._database.rows(
            f"SELECT {RUN_COLUMNS} FROM runs WHERE id IN (SELECT run_id FROM checkpoints) AND vocab IS NOT NULL "
            "ORDER BY created_at DESC, rowid DESC"
        )
        return [run_record(row) for row in rows]

    def find(self, start: str) -> RunRecord:
        """The run whose id begins like this; `latest` is the newest.

        Raises:
            RunNotFound: None, or more than one.
        """
        runs = self.all()
        if start == "latest" and not runs:
            raise RunNotFound("There is no run here yet. Train one first.")
        matches = runs[:1] if start == "latest" else [r for r in runs if start and r.id.startswith(start)]
        if len(matches) != 1:
            raise RunNotFound(
                "{count} runs have an id that begins with {id!r}. `runs list` shows them all.",
                count=len(matches),
                id=start[:40],
            )
        return matches[0]

    def rename(self, id: str, name: str) -> None:
        """Give a run another name.

        Raises:
            RunNotFound: No such run.
            ConfigError: Nothing but white space.
        """
        self._row(id)
        if not name.strip():
            raise ConfigError("A run needs a name. Type at least one character.")
        with self._database.write() as db:
            db.execute("UPDATE runs SET name = ? WHERE id = ?", (_clean(name), id))

    def delete(self, id: str) -> None:
        """Remove an ended run with its curves and weights.

        Raises:
            RunNotFound: No such run.
            RunStateError: It has not ended.
        """
        with self._database.write() as db:  # the check inside: another process may resume it
            record = self.get(id)
            if record.status.is_active:
                raise RunStateError(
                    "The run {name!r} is {status}. Stop it first, then delete it.",
                    name=record.name,
                    status=record.status.value,
                )
            db.execute("DELETE FROM runs WHERE id = ?", (id,))
        shutil.rmtree(self.run_directory(id), ignore_errors=True)

    def remove_text(self, id: str) -> None:
        """Remove a text that a person added and no run reads.

        Raises:
            CorpusError: No such text, it was not added, or a run was trained on it.
        """
        with self._database.write():  # no run can be made meanwhile
            readers = [record for record in self.all() if record.config.corpus.corpus == id]
            if readers:
                raise CorpusError(
                    "{title!r} stays: the run {name!r} reads it (runs that do: {count}). Delete them first.",
                    title=self.library.title(id),
                    count=len(readers),
                    name=readers[0].name,
                )
            self.library.remove(id)

    def set_status(self, id: str, status: RunStatus, reason: Reason | None = None) -> None:
        """Record where a run is; an active run belongs to this process."""
        stored = json.dumps(asdict(reason)) if reason else None
        with self._database.write() as db:
            db.execute(
                "UPDATE runs SET status = ?, reason = ?, owner = ? WHERE id = ?",
                (status, stored, owner.this_process(), id),
            )

    def append(self, id: str, messages: Sequence[Message]) -> None:
        """Keep what a worker told, all or nothing; then remove files that a checkpoint replaced."""
        with self._database.write() as db:
            replaced = writing.write(db, id, messages)
        for file in replaced:
            (self.run_directory(id) / file).unlink(missing_ok=True)

    def rewind(self, id: str) -> CheckpointRecord | None:
        """Take back what came after the newest checkpoint, ready to resume; None starts afresh.

        Raises:
            RunNotFound: No such run.
            RunStateError: It did not end before its time.
        """
        with self._database.write() as db:
            record = self.get(id)
            if not record.status.is_resumable:
                raise RunStateError(
                    "The run {name!r} is {status} and cannot be resumed. Only stopped, failed and "
                    "interrupted runs can.",
                    name=record.name,
                    status=record.status.value,
                )
            checkpoint = self.newest_checkpoint(id)
            resumable = checkpoint if checkpoint and checkpoint.training_file else None
            writing.rewind(db, id, resumable.step if resumable else 0)
            db.execute("UPDATE runs SET owner = ? WHERE id = ?", (owner.this_process(), id))
        return resumable

    def recover(self) -> list[str]:
        """At start-up: mark runs whose process is gone as interrupted, sweep orphaned files, and
        thin what an older version left whole.

        Returns:
            Ids of the runs that were interrupted.
        """
        lost = recovery.lost_runs(self._database)
        for id in lost:
            self.set_status(id, RunStatus.INTERRUPTED, SERVER_STOPPED)
        recovery.sweep(self._database, self.directory / "runs")
        recovery.thin(self._database)
        return lost

    # curves and checkpoints -----------------------------------------------------------------------

    def history(self, id: str, *, after: int = 0, most: int = 2_000) -> History:
        """A run's curves after a cursor; about `most` points of each at the most.

        Raises:
            RunNotFound: No such run.
        """
        with self._database.reading():
            revision = self._row(id)["revision"]
            if after:
                return read_history(self._database, id, revision, after, most)
            # every browser asks for all of it when a run is opened or has ended
            return self._whole_curves.get(
                (id, revision, last_cursor(self._database, id), most),
                lambda: read_history(self._database, id, revision, 0, most),
            )

    def thinned(self, id: str) -> tuple[list[sqlite3.Row], list[sqlite3.Row]]:
        """The buckets of a long run's older steps and epochs, which `step_rows` and `epoch_rows` lack."""
        wanted = "SELECT * FROM {} WHERE run_id = ? ORDER BY seq"
        steps, epochs = (self._database.rows(wanted.format(series.buckets), id) for series in (STEPS, EPOCHS))
        return steps, epochs

    def step_rows(self, id: str) -> list[sqlite3.Row]:
        """Every step that is kept by itself: step, epoch, loss, grad_norm, scale, tokens_per_second, seconds."""
        self._row(id)
        return self._database.rows(
            "SELECT step, epoch, loss, grad_norm, scale, tokens_per_second, seconds "
            "FROM steps WHERE run_id = ? ORDER BY seq",
            id,
        )

    def epoch_rows(self, id: str) -> list[sqlite3.Row]:
        """Every epoch that is kept by itself: epoch, step, train_loss, heldout_loss, seconds."""
        self._row(id)
        return self._database.rows(
            "SELECT epoch, step, train_loss, heldout_loss, seconds FROM epochs WHERE run_id = ? ORDER BY seq",
            id,
        )

    def checkpoints(self, id: str) -> list[CheckpointRecord]:
        """A run's checkpoints, oldest first."""
        rows = self._database.rows("SELECT * FROM checkpoints WHERE run_id = ? ORDER BY step", id)
        return [checkpoint_record(row) for row in rows]

    def newest_checkpoint(self, id: str) -> CheckpointRecord | None:
        """The last checkpoint, or None before the first."""
        checkpoints = self.checkpoints(id)
        return checkpoints[-1] if checkpoints else None

    def vocab(self, id: str) -> Vocab | None:
        """The run's own vocabulary; None before it has started."""
        self._row(id)
        ((stored,),) = self._database.rows("SELECT vocab FROM runs WHERE id = ?", id)
        return Vocab.from_json(stored) if stored else None

    def run_directory(self, id: str) -> Path:
        """Where a run's weights lie."""
        return self.directory / "runs" / id

    def _row(self, id: str) -> sqlite3.Row:
        rows = self._database.rows(f"SELECT {RUN_COLUMNS} FROM runs WHERE id = ?", id)
        if not rows:
            raise RunNotFound("There is no run {id!r}. It may have been deleted.", id=id[:40])
        return rows[0]


def _clean(name: str) -> str:
    return " ".join(name.split())[:MAX_NAME]
