"""The people of a server: what they call themselves, who is the teacher, and who has joined."""

from __future__ import annotations

import sqlite3
import threading
import unicodedata
from collections.abc import Mapping

from cachetools import LRUCache

from playground.errors import ConfigError
from playground.records import NOBODY, Person
from playground.store.database import Database
from playground.text.notes import one_line

LONGEST_NAME = 30
"""Characters of a name."""
_KEPT = 1_000


def without_hidden(name: str) -> str:
    """A name on one line, without what is not seen."""
    return "".join(c for c in one_line(name) if unicodedata.category(c) not in ("Cf", "Cc", "Co"))


class PeopleTable:
    """Reads and writes people; nobody else writes them. Nothing that a browser keeps is in here: ids are hashes.

    Args:
        database: The store's own connection.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._rows: LRUCache[str, sqlite3.Row | None] = LRUCache(_KEPT)
        """Of those who were asked for last: every page asks again and again who looks at it."""
        self._changes = 0

    def get(self, id: str, teacher_key: str | None = None) -> Person:
        """Somebody as they are known; who has done nothing yet has no number.

        Args:
            id: A hash.
            teacher_key: Hash of the key that makes a teacher today; who entered another one is none any more.
        """
        if not id:
            return NOBODY
        row = self._row(id)
        return Person(id) if row is None else _person(row, teacher_key)

    def all(self, teacher_key: str | None = None) -> Mapping[str, Person]:
        """Everybody, by id, in the order in which they came."""
        rows = self._database.rows("SELECT * FROM people ORDER BY number")
        return {row["id"]: _person(row, teacher_key) for row in rows}

    def note(self, id: str) -> None:
        """Give somebody a number, if they have none."""
        if self._row(id) is None:
            with self._database.write() as db:
                db.execute("INSERT INTO people (id) VALUES (?) ON CONFLICT (id) DO NOTHING", (id,))
            self.forget(id)

    def rename(self, id: str, name: str) -> None:
        """Take a name; an empty one takes it back.

        Raises:
            ConfigError: Too long.
        """
        name = without_hidden(name)
        if len(name) > LONGEST_NAME:
            raise ConfigError(
                "The name has {count} characters; give one of up to {most}.",
                count=len(name),
                most=LONGEST_NAME,
            )
        self._put(id, "name", name)

    def has_joined(self, id: str, join_code: str) -> bool:
        """They have entered this code, told by its hash."""
        row = self._row(id)
        return row is not None and row["join_code"] == join_code

    def join(self, id: str, join_code: str) -> None:
        """Note that they have entered this code, told by its hash."""
        self._put(id, "join_code", join_code)

    def set_teacher(self, id: str, teacher_key: str | None) -> None:
        """Mark them as the teacher, by the hash of the key that they entered; None takes it back."""
        self._put(id, "teacher_key", teacher_key)

    def _put(self, id: str, column: str, value: str | None) -> None:
        with self._database.write() as db:
            db.execute(
                f"INSERT INTO people (id, {column}) VALUES (?, ?)"
                f" ON CONFLICT (id) DO UPDATE SET {column} = excluded.{column}",
                (id, value),
            )
        self.forget(id)

    def _row(self, id: str) -> sqlite3.Row | None:
        with self._lock:
            if id in self._rows:
                return self._rows[id]
            before = self._changes
        found = self._database.rows("SELECT * FROM people WHERE id = ?", id)
        row = found[0] if found else None
        with self._lock:
            if self._changes == before:  # else it may be from before a change
                self._rows[id] = row
        return row

    def forget_all(self) -> None:
        """What was read counts no more: somebody else has written the table."""
        with self._lock:
            self._changes += 1
            self._rows.clear()

    def forget(self, id: str) -> None:
        """What was read of somebody counts no more."""
        with self._lock:
            self._changes += 1
            self._rows.pop(id, None)


def _person(row: sqlite3.Row, teacher_key: str | None) -> Person:
    is_teacher = teacher_key is not None and row["teacher_key"] == teacher_key
    name = row["name"] if isinstance(row["name"], str) else ""
    return Person(row["id"], is_teacher, one_line(name)[:LONGEST_NAME], row["number"])
