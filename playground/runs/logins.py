"""Which browser has logged in as whom."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from playground.records import Account, Login
from playground.store.logins import LoginTable

LOGIN_SECONDS = 30 * 86_400
"""As long as Streamlit's cookie lives."""
_REMEMBERED_SECONDS = 3 * LOGIN_SECONDS
"""One that is over is known as such for longer than its cookie could be believed."""


class Logins:
    """Knows who has logged in with which browser. Every method may be called from any thread.

    A browser is told by the hash of the cookie that Streamlit gave it at the log-in. Only a page knows whose that
    cookie is, for Streamlit has checked it; here that is kept, for the routes and for a server that starts again.
    A log-in that has ended never comes back: another tab, or a copy of the cookie, would bring it.

    Args:
        table: Keeps them.
        clock: Seconds since 1970.
    """

    def __init__(self, table: LoginTable, clock: Callable[[], float] = time.time) -> None:
        self._table = table
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, Login] = dict(table.all())

    def person(self, browser: str | None) -> str | None:
        """The id of whoever has logged in with a browser; None where nobody has, or not any more.

        Args:
            browser: What the door has told of it.
        """
        login = self._known.get(browser or "")
        return None if login is None or self._is_over(login) else login.person

    def begin(self, browser: str, account: Account) -> bool:
        """Take a browser for somebody's from now on.

        Args:
            browser: What the door has told of it.
            account: Whoever Streamlit says has logged in with it.

        Returns:
            Whether it is theirs: not where they have logged out, or long ago logged in.

        Raises:
            StoreBusy: Another program has locked the database.
        """
        login = self._known.get(browser)
        if login is None:  # without the lock: nobody else waits while another program has the database
            login = Login(account.person, self._clock())
            forgotten = login.since - _REMEMBERED_SECONDS
            self._table.begin(browser, account, login.since, forget_before=forgotten)
            with self._lock:
                for id in [id for id, old in self._known.items() if old.since < forgotten]:
                    del self._known[id]
                login = self._known.setdefault(browser, login)
        return login.person == account.person and not self._is_over(login)

    def end(self, browser: str) -> None:
        """Take a browser for nobody's.

        Args:
            browser: What the door has told of it.

        Raises:
            StoreBusy: Another program has locked the database; it counts as nobody's until the server ends.
        """
        with self._lock:
            login = self._known.get(browser)
            if login is not None:
                self._known[browser] = replace(login, is_ended=True)
        if login is not None:
            self._table.end(browser)

    def _is_over(self, login: Login) -> bool:
        return login.is_ended or self._clock() - login.since > LOGIN_SECONDS
