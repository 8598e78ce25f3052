"""The people of a server: what they call themselves, who is the teacher, and who has joined."""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Mapping

from playground.errors import ConfigError
from playground.records import NOBODY, Person
from playground.store.database import Database
from playground.text.notes import one_line

LONGEST_NAME = 30
"""Characters of a name."""


def without_hidden(name: str) -> str:
    """A name on one line, without what is not seen."""
    return "".join(c for c in one_line(name) if unicodedata.category(c) not in ("Cf", "Cc", "Co"))


class PeopleTable:
    """Reads and writes people. Nothing that a browser keeps is in here: ids are hashes.

    Args:
        database: The store's own connection.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, id: str, teacher_key: str | None = None) -> Person:
        """Somebody as they are known; who has done nothing yet has no number.

        Args:
            id: A hash.
            teacher_key: Hash of the key that makes a teacher today; who entered another one is none any more.
        """
        if not id:
            return NOBODY
        rows = self._database.rows("SELECT * FROM people WHERE id = ?", id)
        return _person(rows[0], teacher_key) if rows else Person(id)

    def all(self, teacher_key: str | None = None) -> Mapping[str, Person]:
        """Everybody, by id, in the order in which they came."""
        rows = self._database.rows("SELECT * FROM people ORDER BY number")
        return {row["id"]: _person(row, teacher_key) for row in rows}

    def note(self, id: str) -> None:
        """Give somebody a number, if they have none."""
        if not self._database.rows("SELECT 1 FROM people WHERE id = ?", id):
            with self._database.write() as db:
                db.execute("INSERT INTO people (id) VALUES (?) ON CONFLICT (id) DO NOTHING", (id,))

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
        return bool(self._database.rows("SELECT 1 FROM people WHERE id = ? AND join_code = ?", id, join_code))

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


def _person(row: sqlite3.Row, teacher_key: str | None) -> Person:
    is_teacher = teacher_key is not None and row["teacher_key"] == teacher_key
    name = row["name"] if isinstance(row["name"], str) else ""
    return Person(row["id"], is_teacher, one_line(name)[:LONGEST_NAME], row["number"])
