"""The challenges of a class, the runs that were started in them, and the best that each has reached in time."""

from __future__ import annotations

import logging
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import asdict, fields

from pydantic import TypeAdapter, ValidationError

from playground.config import ChallengeLimits, CorpusConfig
from playground.errors import ChallengeEnded, ChallengeNotFound
from playground.records import Challenge, Entry, RunRecord
from playground.store.database import Database
from playground.store.records import RUN_COLUMNS, read_run
from playground.store.soundness import number
from playground.text.notes import one_line

LONGEST_TITLE = 80
"""Characters of a challenge's title."""
_log = logging.getLogger(__name__)
_CHALLENGE = TypeAdapter(Challenge)
_COLUMNS = ", ".join(field.name for field in fields(Challenge))


class ChallengeTable:
    """Reads and writes challenges.

    Args:
        database: The store's own connection.
        clock: Seconds since 1970.
    """

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    def make(self, title: str, corpus: CorpusConfig, vocab_size: int, limits: ChallengeLimits) -> Challenge:
        """Add an open challenge.

        Args:
            title: What to call it.
            corpus: Text, tokens and held-out part of every run in it.
            vocab_size: V of that text.
            limits: What is allowed.
        """
        made = Challenge(
            secrets.token_hex(4),
            one_line(title)[:LONGEST_TITLE],
            corpus,
            vocab_size,
            limits.most_parameters,
            limits.most_minutes,
            self._clock(),
            None,
        )
        with self._database.write() as db:
            db.execute(
                "INSERT INTO challenges (id, title, corpus, vocab_size, most_parameters, most_minutes, made_at)"
                " VALUES (:id, :title, :corpus, :vocab_size, :most_parameters, :most_minutes, :made_at)",
                asdict(made) | {"corpus": corpus.model_dump_json()},
            )
        return made  # not read again: where that had to wait, the same press would make another

    def end(self, id: str, board: Callable[[Challenge, list[Entry]], str]) -> None:
        """End it: no run can be started in it, and nothing more is measured. An ended one stays as it ended.

        Args:
            id: The challenge.
            board: Makes what is kept of its board, from the challenge that has ended and the runs that are in it then.

        Raises:
            ChallengeNotFound: There is no such challenge.
        """
        self.get(id)
        # in one step: nothing is measured, and nothing deleted, in between
        with self._database.write() as db:
            ended = db.execute(
                "UPDATE challenges SET ended_at = ? WHERE id = ? AND ended_at IS NULL", (self._clock(), id)
            )
            if ended.rowcount:
                kept = board(self.get(id), self.entries(id))
                db.execute("UPDATE challenges SET board = ? WHERE id = ?", (kept, id))

    def kept_board(self, id: str) -> str | None:
        """What was kept of the board when a challenge ended; None before, and where nothing was."""
        for row in self._database.rows("SELECT board FROM challenges WHERE id = ?", id):
            return row["board"] if isinstance(row["board"], str) else None
        return None

    def get(self, id: str) -> Challenge:
        """One challenge.

        Raises:
            ChallengeNotFound: No such challenge, or one that cannot be read.
        """
        for row in self._database.rows(f"SELECT {_COLUMNS} FROM challenges WHERE id = ?", id):
            if (challenge := _read(row)) is not None:
                return challenge
        raise ChallengeNotFound(
            "There is no challenge {id!r} here. Ask your teacher for its link.", id=id[:40]
        )

    def all(self) -> list[Challenge]:
        """Those that can be read, newest first."""
        rows = self._database.rows(f"SELECT {_COLUMNS} FROM challenges ORDER BY made_at DESC, rowid DESC")
        return [challenge for row in rows if (challenge := _read(row)) is not None]

    def open_on(self, corpus: str) -> Challenge | None:
        """The newest open challenge on a text."""
        return next((c for c in self.all() if c.is_open and c.corpus.corpus == corpus), None)

    def open_of(self, run_id: str) -> Challenge | None:
        """The open challenge in which a run was started; None of none."""
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM challenges WHERE ended_at IS NULL"
            " AND id = (SELECT challenge_id FROM challenge_runs WHERE run_id = ?)",
            run_id,
        )
        return next((challenge for row in rows if (challenge := _read(row)) is not None), None)

    def entries(self, id: str) -> list[Entry]:
        """The runs of a challenge that can be read and are not deleted, newest first."""
        rows = self._database.rows(
            f"SELECT {RUN_COLUMNS} FROM runs WHERE deleted_at IS NULL"
            " AND id IN (SELECT run_id FROM challenge_runs WHERE challenge_id = ?)"
            " ORDER BY created_at DESC, rowid DESC",
            id,
        )
        bests = {
            row["run_id"]: (number(row["best_loss"]), number(row["best_seconds"]))
            for row in self._database.rows("SELECT * FROM challenge_runs WHERE challenge_id = ?", id)
        }
        runs = [run for row in rows if isinstance(run := read_run(row), RunRecord)]
        return [Entry(run, *bests.get(run.id, (None, None))) for run in runs]

    def enter(self, db: sqlite3.Connection, run_id: str, id: str) -> None:
        """Put a run into a challenge, within a `write`; errors as `get`, and ChallengeEnded."""
        challenge = self.get(id)
        require_open(challenge)
        db.execute("INSERT INTO challenge_runs (run_id, challenge_id) VALUES (?, ?)", (run_id, id))


def require_open(challenge: Challenge) -> None:
    """Raise ChallengeEnded where no run can be started in it any more."""
    if not challenge.is_open:
        raise ChallengeEnded(
            "The challenge {title!r} has ended: no run can be started in it any more, and its board stands as it ended.",
            title=challenge.title,
        )


def note_best(db: sqlite3.Connection, run_id: str, loss: float, seconds: float) -> None:
    """Keep what a run of an open challenge has reached, where it is in time and better than before.

    Args:
        db: Within a transaction.
        run_id: The run.
        loss: Measured on held-out text, nats a token.
        seconds: Training time until then.
    """
    db.execute(
        "UPDATE challenge_runs SET best_loss = ?2, best_seconds = ?3"
        " WHERE run_id = ?1 AND (best_loss IS NULL OR best_loss > ?2) AND EXISTS"
        " (SELECT 1 FROM challenges WHERE id = challenge_id AND ended_at IS NULL"
        " AND (most_minutes IS NULL OR 60 * most_minutes >= ?3))",
        (run_id, loss, seconds),
    )


def _read(row: sqlite3.Row) -> Challenge | None:
    """A row as a record; None, and a line in the log, where it is damaged."""
    values = {name: row[name] for name in row.keys()}  # noqa: SIM118  # a Row iterates over its values
    try:
        return _CHALLENGE.validate_python(
            values | {"corpus": CorpusConfig.model_validate_json(values["corpus"])}
        )
    except (ValidationError, TypeError) as error:
        _log.warning("what is stored of a challenge is passed over: %s", error)
        return None
