"""Put a data directory right: from runs' own folders, from `lost/`, and from backups of the database."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from playground.errors import PlaygroundError, RunNotFound, StoreDamaged, StoreError
from playground.records import CheckpointRecord, DamagedRun, Reason, RunRecord, RunStatus
from playground.store import backups, lost, run_notes
from playground.store.copies import BESIDE, copy_run, opened_copy
from playground.store.database import DATABASE, Database
from playground.store.doctor import Finding, has_damaged_vocab
from playground.store.owner import Ownership
from playground.store.records import is_run_id, read_checkpoints
from playground.store.run_table import RunTable
from playground.store.sqlite_errors import unusable
from playground.store.weights import is_whole
from playground.text.corpora import CorpusLibrary
from playground.text.repair import repair_text

_MENDED_STATUS = RunStatus.INTERRUPTED
_WAS_UNDER_WAY = Reason("This run was under way when its database was lost.")


def repair(directory: Path, corpora: Path | None = None) -> list[Finding]:
    """Bring back what can be brought back, as the owner of the data directory.

    Args:
        directory: The data directory.
        corpora: The folder of its texts; None: they are in it.

    Returns:
        What was mended, and what could not be.

    Raises:
        DirectoryInUse: The directory is another program's.
        StoreError: The disk refused.
    """
    ownership = Ownership(directory)
    try:
        with ownership.held():
            return _Repair(directory, ownership).run() + _texts(corpora or directory / "corpora")
    except OSError as error:
        raise unusable(directory, error) from error


class _Repair:
    """One repair of a data directory."""

    def __init__(self, directory: Path, ownership: Ownership) -> None:
        self._directory = directory
        self._ownership = ownership
        self._findings: list[Finding] = []
        self._current: Path | None = None
        """The database that was in use, where it had to be moved away."""
        self._database = self._sound_database()
        self._table = RunTable(self._database)

    def run(self) -> list[Finding]:
        """Do it."""
        try:
            for file in (*lost.databases(self._directory), *backups.found(self._directory)):
                self._take_from(file)
            for folder in self._folders():
                self._take_from_folder(folder)
            for row in self._database.rows("SELECT id FROM runs"):
                if is_run_id(row["id"]):
                    self._bring_files_back(row["id"])
                    self._drop_missing_checkpoints(row["id"])
            told = {finding.what for finding in self._findings if not finding.is_mended}
            self._findings += [
                Finding(run.id, run.reason) for run in self._table.damaged() if run.id not in told
            ]
        finally:
            self._database.close()
        return self._findings

    def _sound_database(self) -> Database:
        """The database in use; one that is damaged is moved to `lost/`, and an empty one takes its place."""
        file = self._directory / DATABASE
        if not file.exists():
            backups.protect(self._directory)
            return Database(file, self._ownership)
        try:
            database = Database(file, self._ownership)
            if database.is_sound():
                return database
            database.close()
        except StoreDamaged:
            pass
        moved = lost.put_aside(self._directory, file)
        if moved is None:
            raise StoreError("The damaged database {file} cannot be moved. Move it yourself.", file=str(file))
        for suffix in BESIDE:
            if (beside := file.with_name(file.name + suffix)).exists():
                beside.replace(moved.with_name(moved.name + suffix))
        self._current = moved
        backups.protect(self._directory)
        self._say(DATABASE, Reason("it was damaged, and was moved to {place}", {"place": str(moved)}))
        return Database(file, self._ownership)

    def _take_from(self, file: Path) -> None:
        """Runs that another database has: all of the one that was in use, else those whose folder is here."""
        here = {note.id for folder in self._folders() if (note := run_notes.read(folder))}
        here |= {folder.name for folder in self._folders()}
        with suppress(PlaygroundError, OSError), opened_copy(file) as source:
            for run in RunTable(source).all():
                wanted = file == self._current or run.id in here
                if self._needs(run.id) and wanted:
                    with suppress(PlaygroundError):
                        copy_run(source, self._database, run.id)
                        self._settle(run.id)
                        self._say(run.id, Reason("it was brought back from {file}", {"file": file.name}))

    def _take_from_folder(self, folder: Path) -> None:
        """A run that its own folder tells of, where the database has none, a damaged one or an older state."""
        note = run_notes.read(folder)
        if note is None:
            if not self._is_known(folder.name):
                self._findings.append(Finding(folder.name, _TELLS_NOTHING))
            return
        needs = self._needs(note.id)
        if not needs and not self._is_older(note):
            return
        try:
            with self._database.write():
                self._database.put("runs", note.run)
                for row in note.checkpoints:
                    self._database.put("checkpoints", row)
                for row in note.thresholds:
                    self._database.put("thresholds", row)
                self._table.get(note.id)  # or all of it is undone
        except PlaygroundError as error:
            self._findings.append(Finding(note.id, Reason(error.message, error.params)))
            return
        self._settle(note.id)
        if needs:
            self._say(note.id, Reason("it was built anew from its folder; its curve cannot be"))

    def _needs(self, id: str) -> bool:
        """The database lacks a run, or cannot read its row or vocabulary."""
        try:
            run = self._table.look(id)
        except RunNotFound:
            return True
        return isinstance(run, DamagedRun) or has_damaged_vocab(self._database, id)

    def _is_known(self, id: str) -> bool:
        with suppress(RunNotFound):
            return bool(self._table.look(id))
        return False

    def _is_older(self, note: run_notes.RunNote) -> bool:
        run = self._table.look(note.id)
        told = note.run.get("revision"), note.run.get("step")
        return (
            isinstance(run, RunRecord)
            and all(isinstance(number, int) for number in told)
            and told > (run.revision, run.step)
        )

    def _settle(self, id: str) -> None:
        """A run that was under way is nobody's now."""
        run = self._table.look(id)
        if isinstance(run, RunRecord) and run.status.is_active:
            with self._database.write():
                self._database.put(
                    "runs",
                    {
                        "id": id,
                        "status": _MENDED_STATUS.value,
                        "reason": _WAS_UNDER_WAY.to_json(),
                    },
                )

    def _bring_files_back(self, id: str) -> None:
        """What a run's rows and notes name, and lies in `lost/`."""
        names = {name for c in self._checkpoints(id) for name in (c.weights_file, c.training_file) if name}
        home = self._directory / "runs" / id
        for folder in lost.folders(self._directory):
            if folder.name.split(".")[0] != id:
                continue
            for file in sorted(folder.iterdir()):
                if file.name in names | run_notes.NAMES and not (home / file.name).exists():
                    home.mkdir(parents=True, exist_ok=True)
                    file.replace(home / file.name)
                    if file.name in names:
                        self._say(id, Reason("{file} is back from lost", {"file": file.name}))
            if not any(folder.iterdir()):
                folder.rmdir()

    def _drop_missing_checkpoints(self, id: str) -> None:
        """Rows whose weights are gone or cut: what is left of the files goes to `lost/`."""
        home = self._directory / "runs" / id
        run = self._table.look(id)
        if isinstance(run, RunRecord) and run.status.is_active:
            return  # its files come and go
        for checkpoint in self._checkpoints(id):
            training = checkpoint.training_file
            for name in (checkpoint.weights_file, training):
                if name is None or is_whole(home / name):
                    continue
                self._findings.append(
                    Finding(id, Reason("{file} is missing or cut", {"file": name}), is_mended=True)
                )
                if (home / name).exists():
                    lost.put_aside(self._directory, home / name, id, name)
                with self._database.write() as db:
                    if name == checkpoint.weights_file:
                        db.execute(
                            "DELETE FROM checkpoints WHERE run_id = ? AND step = ?", (id, checkpoint.step)
                        )
                    else:
                        db.execute(
                            "UPDATE checkpoints SET training_file = NULL WHERE run_id = ? AND step = ?",
                            (id, checkpoint.step),
                        )

    def _checkpoints(self, id: str) -> list[CheckpointRecord]:
        return read_checkpoints(self._database.rows("SELECT * FROM checkpoints WHERE run_id = ?", id))

    def _folders(self) -> list[Path]:
        return [*run_notes.folders(self._directory), *lost.folders(self._directory)]

    def _say(self, what: str, reason: Reason) -> None:
        self._findings.append(Finding(what, reason, is_mended=True))


_TELLS_NOTHING = Reason("no run.json tells what run it is of: its weights stay where they are")


def _texts(folder: Path) -> list[Finding]:
    findings = []
    for text in CorpusLibrary(folder).damaged():
        mended = repair_text(folder, text.id)
        findings.append(Finding(text.id, text.reason, is_mended=mended))
    return findings
