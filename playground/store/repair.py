"""Put a data directory right: from runs' own folders, from `lost/`, and from backups of the database."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from playground.errors import PlaygroundError, RunNotFound
from playground.format import epoch_text
from playground.records import CheckpointRecord, DamagedRun, Reason, RunRecord, RunStatus
from playground.store import backups, lost, run_notes
from playground.store.copies import copy_log_outs, copy_people, copy_rows, copy_run, opened_copy, unhide
from playground.store.database import Database
from playground.store.doctor import Finding, has_damaged_vocab, is_usable
from playground.store.owner import Ownership
from playground.store.records import is_run_id, read_checkpoints
from playground.store.run_table import RunTable
from playground.store.sound_database import sound_database
from playground.store.sqlite_errors import unusable
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
            database, told, current, is_new = sound_database(directory, ownership)
            try:
                return [
                    *told,
                    *_Repair(directory, database, current, is_new=is_new).run(),
                    *_texts(corpora or directory / "corpora"),
                ]
            finally:
                database.close()
    except OSError as error:
        raise unusable(directory, error) from error


def bring_back(database: Database, directory: Path, ids: Collection[str]) -> list[Finding]:
    """Bring back runs that lie in `lost/`, and touch no other: those of a server may be at work meanwhile.

    Args:
        database: The one in use.
        directory: The data directory, which is this program's.
        ids: The runs.

    Returns:
        What was mended, and what could not be.

    Raises:
        StoreError: The disk refused.
    """
    try:
        return _Repair(directory, database, only=ids).run()
    except OSError as error:
        raise unusable(directory, error) from error


class _Repair:
    """One repair of a data directory.

    Args:
        directory: The data directory.
        database: The one in use, which is sound.
        current: The one that was in use until now, where it had to be moved away.
        only: The runs that are looked after; None: all of them.
        is_new: The one in use was made just now: what was set in the last one is set in it again.
    """

    def __init__(
        self,
        directory: Path,
        database: Database,
        current: Path | None = None,
        only: Collection[str] | None = None,
        *,
        is_new: bool = False,
    ) -> None:
        self._directory = directory
        self._database = database
        self._current = current
        self._only = only
        self._is_new = is_new
        self._findings: list[Finding] = []
        self._table = RunTable(database)

    def run(self) -> list[Finding]:
        """Do it."""
        for file in (*lost.databases(self._directory), *backups.found(self._directory)):
            self._take_from(file)
        for folder in self._folders():
            self._take_from_folder(folder)
        for row in self._database.rows("SELECT id FROM runs"):
            if is_run_id(row["id"]) and self._is_wanted(row["id"]):
                self._bring_files_back(row["id"])
                self._drop_missing_checkpoints(row["id"])
        told = {finding.what for finding in self._findings if not finding.is_mended}
        self._findings += [
            Finding(run.id, run.reason)
            for run in self._table.damaged()
            if run.id not in told and self._is_wanted(run.id)
        ]
        return self._findings

    def _is_wanted(self, id: str) -> bool:
        return self._only is None or id in self._only

    def _take_from(self, file: Path) -> None:
        """Runs that another database has: all of the one that was in use, else those whose folder is here."""
        here = {note.id for folder in self._folders() if (note := run_notes.read(folder))}
        here |= {folder.name for folder in self._folders()}
        with suppress(PlaygroundError, OSError), opened_copy(file) as source:
            copy_people(source, self._database)
            copy_log_outs(source, self._database)
            copy_rows(source, self._database, "challenges")  # which are never deleted
            if self._is_new:  # what is set and taken back again: one that knows of it knows better
                copy_rows(source, self._database, "server_settings")
            unhide(source, here)
            for id in [run.id for run in RunTable(source).all()]:
                is_here = file == self._current or id in here
                if is_here and self._is_wanted(id) and self._needs(id):
                    with suppress(PlaygroundError):
                        copy_run(source, self._database, id)
                        self._settle(id)
                        self._say(id, Reason("it was brought back from {file}", {"file": file.name}))

    def _take_from_folder(self, folder: Path) -> None:
        """A run that its own folder tells of, where the database has none, a damaged one or an older state."""
        note = run_notes.read(folder)
        if note is None:
            if self._is_wanted(folder.name) and not self._is_known(folder.name):
                self._findings.append(Finding(folder.name, _TELLS_NOTHING))
            return
        needs = self._is_wanted(note.id) and self._needs(note.id)
        if not needs and not (self._is_wanted(note.id) and self._is_older(note)):
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
            self._say(
                note.id,
                Reason(
                    "it was built anew from its folder, without its curve, which was in the lost database alone"
                ),
            )

    def _needs(self, id: str) -> bool:
        """The database lacks a run, or cannot read its row or vocabulary."""
        try:
            run = self._table.look(id)
        except RunNotFound:  # one that was deleted a moment ago is there, and stays deleted
            return not self._database.rows("SELECT 1 FROM runs WHERE id = ?", id)
        return isinstance(run, DamagedRun) or has_damaged_vocab(self._database, id)

    def _is_known(self, id: str) -> bool:
        with suppress(RunNotFound):
            return bool(self._table.look(id))
        return False

    def _is_older(self, note: run_notes.RunNote) -> bool:
        try:
            run = self._table.look(note.id)
        except RunNotFound:
            return False
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
        back = 0
        names = {name for c in self._checkpoints(id) for name in (c.weights_file, c.training_file) if name}
        home = self._directory / "runs" / id
        for folder in lost.folders(self._directory):
            if folder.name.split(".")[0] != id:
                continue
            for file in sorted(folder.iterdir()):
                if file.name in names | run_notes.NAMES and not (home / file.name).exists():
                    home.mkdir(parents=True, exist_ok=True)
                    file.replace(home / file.name)
                    back += file.name in names
            if not any(folder.iterdir()):
                folder.rmdir()
        if back:
            self._say(
                id, Reason("its files of weights were brought back from lost/ ({count})", {"count": back})
            )

    def _drop_missing_checkpoints(self, id: str) -> None:
        """Rows whose weights are gone or cut: what is left of the files goes to `lost/`."""
        home = self._directory / "runs" / id
        try:
            run = self._table.look(id)
        except RunNotFound:  # deleted a moment ago
            return
        if isinstance(run, RunRecord) and run.status.is_active:
            return  # its files come and go
        dropped = 0
        for checkpoint in self._checkpoints(id):
            for name in (checkpoint.weights_file, checkpoint.training_file):
                if name is None or is_usable(home / name, run):
                    continue
                dropped += 1
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
        if dropped:
            self._say(id, self._told_of_dropped(id, dropped))

    def _told_of_dropped(self, id: str, count: int) -> Reason:
        epochs = [epoch_text(checkpoint.epoch) for checkpoint in self._checkpoints(id)]
        if not epochs:
            return Reason(
                "files of weights that were missing or damaged were taken off its list ({count}); none remain",
                {"count": count},
            )
        return Reason(
            "files of weights that were missing or damaged were taken off its list ({count}); those of these epochs "
            "remain: {epochs}",
            {"count": count, "epochs": epochs},
        )

    def _checkpoints(self, id: str) -> list[CheckpointRecord]:
        return read_checkpoints(self._database.rows("SELECT * FROM checkpoints WHERE run_id = ?", id))

    def _folders(self) -> list[Path]:
        """Of the runs that are looked after, by their names; one in `lost/` may have a number behind it."""
        folders = [*run_notes.folders(self._directory), *lost.folders(self._directory)]
        return [folder for folder in folders if self._is_wanted(folder.name.split(".")[0])]

    def _say(self, what: str, reason: Reason) -> None:
        self._findings.append(Finding(what, reason, is_mended=True))


_TELLS_NOTHING = Reason("no run.json tells what run it is of: its weights stay where they are")


def _texts(folder: Path) -> list[Finding]:
    findings = []
    library = CorpusLibrary(folder)
    for text in library.damaged():
        if repair_text(folder, text.id):
            told = Reason(
                "it was damaged and can be read again, as {title!r}", {"title": library.title(text.id)}
            )
            findings.append(Finding(text.id, told, is_mended=True))
        else:
            findings.append(Finding(text.id, text.reason))
    return findings
