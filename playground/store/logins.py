"""Which browsers have logged in, and which of them have logged out again."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping

from playground.records import Account, Login
from playground.store.database import Database
from playground.store.people import LONGEST_NAME, without_hidden


class LoginTable:
    """Reads and writes log-ins. Nothing that a browser keeps is in here: ids are hashes.

    Args:
        database: The store's own connection.
        person_came: Told the id of whoever has logged in: `people` may have them now.
    """

    def __init__(self, database: Database, person_came: Callable[[str], None] = lambda person: None) -> None:
        self._database = database
        self._person_came = person_came

    def all(self) -> Mapping[str, Login]:
        """Every log-in that can be read, by the browser's id."""
        rows = self._database.rows("SELECT * FROM logins")
        return {row["id"]: _login(row) for row in rows if _is_whole(row)}

    def begin(self, id: str, account: Account, since: float, *, forget_before: float) -> None:
        """Note that a browser has logged in; who comes for the first time is called as their provider says.

        Args:
            id: The browser's id, a hash.
            account: Whoever has logged in.
            since: Now, in seconds since 1970.
            forget_before: Log-ins that are older are forgotten.
        """
        name = without_hidden(account.name)[:LONGEST_NAME].strip()
        with self._database.write() as db:
            db.execute("DELETE FROM logins WHERE since < ?", (forget_before,))
            db.execute(
                "INSERT INTO logins (id, person, since) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING",
                (id, account.person, since),
            )
            db.execute(
                "INSERT INTO people (id, name) VALUES (?, ?) ON CONFLICT (id) DO NOTHING",
                (account.person, name),
            )
        self._person_came(account.person)

    def end(self, id: str) -> None:
        """Note that whoever has logged in with a browser has logged out."""
        with self._database.write() as db:
            db.execute("UPDATE logins SET ended = 1 WHERE id = ?", (id,))


def _login(row: sqlite3.Row) -> Login:
    return Login(row["person"], float(row["since"]), row["ended"] != 0)


def _is_whole(row: sqlite3.Row) -> bool:
    return isinstance(row["person"], str) and isinstance(row["since"], int | float)
