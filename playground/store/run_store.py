"""The only door to the data directory: runs and curves in SQLite, weights beside it.

data/
├── playground.sqlite3
├── backups/                 the two newest copies of it
├── lost/                    what it does not know; never deleted
├── corpora/                 texts that were fetched or added
├── logs/                    what workers print
└── runs/<run id>/           step-000000040.weights.safetensors …, run.json, vocab.json
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from platformdirs import user_data_path

from playground.cache import Cache
from playground.config import RunConfig
from playground.errors import ConfigError, RunNotFound, RunStateError
from playground.records import CheckpointRecord, DamagedRun, History, Reason, RunRecord, RunStatus
from playground.server_settings import ServerSettings
from playground.store import backups, leftovers, recovery, run_notes
from playground.store import rows as writing
from playground.store.backups import Backups
from playground.store.challenges import ChallengeTable
from playground.store.clipping import ClippingQueries
from playground.store.curves import (
    last_cursor,
    lost_curve,
    read_buckets,
    read_epochs,
    read_history,
    read_steps,
)
from playground.store.damaged_weights import with_damaged_weights
from playground.store.database import DATABASE, Database
from playground.store.deletion import Deletion
from playground.store.disk_shares import DiskShares
from playground.store.logins import LoginTable
from playground.store.lost_runs import LostRuns
from playground.store.messages import CheckpointSaved, Failed, Message
from playground.store.owner import Ownership
from playground.store.people import PeopleTable
from playground.store.records import RUN_COLUMNS, read_checkpoints
from playground.store.run_table import RunTable
from playground.store.series import EPOCHS, STEPS
from playground.store.server_settings import StoredSettings
from playground.store.space import Space, on_reserve
from playground.store.text_readers import readers, require_no_challenge, text_stays
from playground.text.corpora import CorpusLibrary
from playground.text.vocab import Vocab
from playground.training.events import Finished

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
        settings: What the server was started with.
        clock: Seconds since 1970.

    Raises:
        StoreError: The directory cannot be used.
    """

    def __init__(
        self,
        directory: Path,
        *,
        corpora: Path | None = None,
        settings: ServerSettings | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.directory = directory.absolute()
        self.library = CorpusLibrary((corpora or self.directory / "corpora").absolute())
        self._clock = clock
        self._whole_curves: Cache[History] = Cache(_WHOLE_CURVES)
        self.space = Space(self.directory)
        """Room on the disk."""
        self.ownership = Ownership(self.directory, self.space.reserved)
        """Whose the data directory is; who trains takes it, and `close` lets go of it."""
        self._database = self._open()
        self.backups = Backups(self._database, self.directory, clock=clock)
        self.settings = StoredSettings(self._database, settings or ServerSettings(), self.space.apply)
        """The server's settings as they stand."""
        self.shares = DiskShares(self._database, self.directory / "runs", self.settings.get)
        """What each person's runs take on the disk."""
        self.table = RunTable(self._database)
        """The runs' rows, damaged ones among them."""
        self.people = PeopleTable(self._database)
        """Who starts them."""
        self.logins = LoginTable(self._database, self.people.forget)
        """Which browsers they have logged in with."""
        self.challenges = ChallengeTable(self._database, clock)
        """What a teacher has set them, and which runs were started in it."""
        self._deletion = Deletion(self._database, self.table, self.directory, self.ownership)
        self.lost_runs = LostRuns(self._database, self.directory, self.ownership, self.people.forget_all)
        """What a database that was lost has left in `lost/`."""
        self.clipping = ClippingQueries(self._database)
        """What a run's gradients went through."""

    def _open(self) -> Database:
        """Open the database; a new one is made by the directory's owner, for an older one's backups give way to it."""
        file = self.directory / DATABASE
        if file.exists():
            return Database(file, self.ownership)
        with self.ownership.held():
            backups.protect(self.directory)
            return Database(file, self.ownership)

    def close(self) -> None:
        """Close the database, and let go of the directory."""
        self.backups.close()
        self._database.close()

    @property
    def busy_seconds(self) -> float:
        """For how long another program has locked the database; 0 where none has."""
        return self._database.busy_seconds

    def can_be_read(self) -> bool:
        """No other program has locked the database; does not wait for one that has."""
        return self._database.can_be_read()

    # runs ---------------------------------------------------------------------------------------

    def create(
        self, config: RunConfig, name: str, owner: str | None = None, challenge: str | None = None
    ) -> RunRecord:
        """Add a queued run.

        Args:
            config: The settings of the run.
            name: What to call it.
            owner: Id of whoever starts it; None is the machine's owner.
            challenge: Id of the challenge in which it is started; None of none.

        Raises:
            ChallengeNotFound: There is no such challenge.
            ChallengeEnded: No run can be started in it any more.
        """
        id = secrets.token_hex(6)
        with self._database.write() as db:
            db.execute(
                "INSERT INTO runs (id, name, config, status, created_at, owner) VALUES (?, ?, ?, ?, ?, ?)",
                (id, _clean(name), config.model_dump_json(), RunStatus.QUEUED, self._clock(), owner),
            )
            if challenge is not None:
                self.challenges.enter(db, id, challenge)
        return self.get(id)

    def get(self, id: str) -> RunRecord:
        """One run.

        Raises:
            RunNotFound: No such run, or (`RunDamaged`) one that cannot be read.
        """
        return self.table.get(id)

    def all(self) -> list[RunRecord]:
        """All runs that can be read, newest first; `damaged` has the others."""
        return self.table.all()

    def damaged(self) -> list[DamagedRun]:
        """The runs that cannot be read, with the reason."""
        return self.table.damaged()

    def with_weights(self) -> list[RunRecord]:
        """Runs that have a checkpoint, newest first."""
        return self.table.with_weights()

    def find(self, start: str) -> RunRecord:
        """The run whose id begins like this; `latest` is the newest.

        Raises:
            RunNotFound: None, more than one, or (`RunDamaged`) one that cannot be read.
        """
        return self.get(self.table.find(start).id)

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
        run_notes.keep(self._database, self.run_directory(id), id)

    @on_reserve
    def delete(self, id: str) -> None:
        """Remove an ended run with its curves and weights.

        Raises:
            RunNotFound: No such run.
            RunStateError: It has not ended.
        """
        self._deletion.remove(id)

    def require_ended(self, id: str) -> None:
        """Raise what `delete` would raise."""
        self._deletion.require_ended(id)

    def hide(self, id: str) -> None:
        """Delete an ended run so that `bring_back` undoes it; `remove_hidden` makes it final. Errors as `delete`."""
        self._deletion.hide(id, self._clock())

    def bring_back(self, id: str) -> None:
        """Undo `hide`.

        Raises:
            RunNotFound: It is gone for good.
        """
        self._deletion.bring_back(id)

    def hidden_owner(self, id: str) -> str | None:
        """The owner of a run that is hidden; None is the machine's. Errors as `bring_back`."""
        return self._deletion.hidden_owner(id)

    @on_reserve
    def remove_hidden(self, seconds: float) -> float | None:
        """Remove for good what was hidden so many seconds ago.

        Returns:
            Seconds until the next is due; None where none is.
        """
        now = self._clock()
        hidden_at = self._deletion.remove_hidden(now - seconds)
        return None if hidden_at is None else max(0.0, hidden_at + seconds - now)

    def hand_over(self, id: str, owner: str | None) -> None:
        """Give a run to somebody else, by their id; None is the machine's owner.

        Raises:
            RunNotFound: No such run.
        """
        self._row(id)
        with self._database.write() as db:
            db.execute("UPDATE runs SET owner = ? WHERE id = ?", (owner, id))
        run_notes.keep(self._database, self.run_directory(id), id)

    def remove_text(
        self,
        id: str,
        may_name: Callable[[str | None], bool] = lambda owner: True,
        owner: str | None = None,
    ) -> None:
        """Remove a text that a person added, no run reads, and no open challenge is on.

        Args:
            id: The text's id.
            may_name: Whether whoever asks may be told the name of a run of this owner.
            owner: Id of whoever removes it: where others have added it too, it stays theirs.

        Raises:
            CorpusError: No such text, it was not added, or a run was trained on it.
        """
        with self._database.write():  # no run can be made meanwhile
            self.library.remove(id, owner, require=lambda: self._require_unread(id, may_name))

    def _require_unread(self, id: str, may_name: Callable[[str | None], bool]) -> None:
        require_no_challenge(self.challenges, id, self.library.title(id))
        if found := readers(self._database, id):
            raise text_stays(self.library.title(id), found, may_name)

    @on_reserve
    def set_status(self, id: str, status: RunStatus, reason: Reason | None = None) -> None:
        """Record where a run is."""
        stored = reason.to_json() if reason else None
        with self._database.write() as db:
            db.execute("UPDATE runs SET status = ?, reason = ? WHERE id = ?", (status, stored, id))

    def append(self, id: str, messages: Sequence[Message]) -> None:
        """Keep what a worker told, all or nothing; then remove files that a checkpoint replaced."""
        with self._database.write() as db:
            replaced = writing.write(db, id, messages)
        for file in replaced:
            with suppress(OSError):  # what has happened is kept: nothing may have it told again
                (self.run_directory(id) / file).unlink(missing_ok=True)
        if run_notes.is_due(messages):
            run_notes.keep(self._database, self.run_directory(id), id)
        if any(isinstance(message, CheckpointSaved) for message in messages):
            self.shares.keep_within(id)
        if any(isinstance(message, (Finished, Failed)) for message in messages):
            self.backups.make_if_due()

    def keep(self, checkpoint: CheckpointRecord) -> None:
        """Keep a rolling checkpoint for good, as the last weights of a run that was stopped there."""
        with self._database.write() as db:
            db.execute(
                "UPDATE checkpoints SET kept = 1 WHERE run_id = ? AND step = ?",
                (checkpoint.run_id, checkpoint.step),
            )

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
        return resumable

    @on_reserve
    def mark_interrupted(self) -> list[str]:
        """Mark the runs that were under way as interrupted: to a new owner of the directory, nobody trains them.

        Returns:
            Their ids.

        Raises:
            DirectoryInUse: The directory is another program's, and so are its runs.
        """
        with self.ownership.held():
            ids = recovery.unattended_runs(self._database)
            for id in ids:
                self.set_status(id, RunStatus.INTERRUPTED, SERVER_STOPPED)
        return ids

    @on_reserve
    def recover(self) -> list[str]:
        """Look after what a crash left, as `mark_interrupted`, and move what no row knows to `lost/`.

        Whoever is going to train does this before it starts anything; who only looks moves nothing. Curves that an
        older version left whole are thinned, and a backup is made where one is due.
        """
        with self.ownership.held():
            ids = self.mark_interrupted()
            recovery.set_aside(self._database, self.directory)
            recovery.keep_notes(self._database, self.directory)
            recovery.thin(self._database)
            leftovers.sweep(self.directory, self.library.directory)
            self.backups.make_if_due()
        return ids

    # curves and checkpoints -----------------------------------------------------------------------

    def history(self, id: str, *, after: int = 0, most: int = 2_000, is_shared: bool = True) -> History:
        """A run's curves after a cursor; about `most` points of each at the most.

        Args:
            id: The run's id.
            after: The cursor; 0 is the whole curve.
            most: Points.
            is_shared: Others will ask for the same whole curve, so that it is kept for them.

        Raises:
            RunNotFound: No such run.
        """
        with self._database.reading():
            revision = self._row(id)["revision"]
            if after or not is_shared:
                return read_history(self._database, id, revision, after, most)
            # every browser asks for all of it when a run is opened or has ended
            return self._whole_curves.get(
                (id, revision, last_cursor(self._database, id), most),
                lambda: read_history(self._database, id, revision, 0, most),
            )

    def lost_curve(self, run: RunRecord) -> Reason | None:
        """What is said of a run whose curve was lost with its database; None of one that has it."""
        return lost_curve(self._database, run)

    def thinned(self, id: str) -> tuple[list[sqlite3.Row], list[sqlite3.Row]]:
        """The buckets of a long run's older steps and epochs, which `step_rows` and `epoch_rows` lack."""
        return read_buckets(self._database, id, STEPS), read_buckets(self._database, id, EPOCHS)

    def step_rows(self, id: str) -> list[sqlite3.Row]:
        """Every step that is kept by itself: step, epoch, loss, grad_norm, scale, tokens_per_second, seconds."""
        self._row(id)
        return read_steps(self._database, id)

    def epoch_rows(self, id: str) -> list[sqlite3.Row]:
        """Every epoch that is kept by itself: epoch, step, train_loss, heldout_loss, seconds."""
        self._row(id)
        return read_epochs(self._database, id)

    def checkpoints(self, id: str) -> list[CheckpointRecord]:
        """A run's checkpoints, oldest first."""
        rows = self._database.rows("SELECT * FROM checkpoints WHERE run_id = ? ORDER BY step", id)
        return read_checkpoints(rows)

    def newest_checkpoint(self, id: str) -> CheckpointRecord | None:
        """The last checkpoint, or None before the first."""
        checkpoints = self.checkpoints(id)
        return checkpoints[-1] if checkpoints else None

    def with_damaged_weights(self, id: str | None = None) -> set[str]:
        """Ids of ended runs whose newest weights are missing or cut, of all or of one."""
        return with_damaged_weights(self._database, self.directory, id)

    def vocab(self, id: str) -> Vocab | None:
        """The run's own vocabulary; None before it has started.

        Raises:
            RunNotFound: No such run, or (`RunDamaged`) its vocabulary cannot be read.
        """
        return self.table.vocab(id)

    def run_directory(self, id: str) -> Path:
        """Where a run's weights lie."""
        return self.directory / "runs" / id

    def _row(self, id: str) -> sqlite3.Row:
        rows = self._database.rows(f"SELECT {RUN_COLUMNS} FROM runs WHERE id = ? AND deleted_at IS NULL", id)
        if not rows:
            raise RunNotFound("There is no run {id!r}. It may have been deleted.", id=id[:40])
        return rows[0]


def _clean(name: str) -> str:
    return " ".join(name.split())[:MAX_NAME]
