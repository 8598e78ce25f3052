"""Who is who on a server: one person, or a class with a teacher."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from playground.access import Sharing, require_known
from playground.distinct import distinct
from playground.errors import NotAllowed, StoreDamaged, StoreError
from playground.files import write_whole
from playground.records import MACHINE, NOBODY, Account, Person
from playground.runs.logins import Logins
from playground.server_settings import ServerSettings
from playground.store.run_store import RunStore

KEY_FILE = "teacher.key"
"""In the data directory: the key that was made at the first start of a class server, readable by its owner alone."""
_ATTEMPTS, _ATTEMPTS_OF_ALL, _SECONDS = 5, 60, 60.0
"""Wrong keys, or wrong codes, that one person, and all together, may try in so many seconds."""


class Classroom:
    """The people of a server. Every method may be called from any thread.

    Args:
        store: Keeps who has entered what.
        is_class: Browsers are told apart; else everybody is the machine's owner.
        asks_login: Whoever has not logged in is nobody, and sees nothing.
        settings: Whom runs are shown to, the teacher's key (None takes the data directory's, made when it is
            missing), and the code that is asked of everybody first.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        store: RunStore,
        *,
        is_class: bool = False,
        asks_login: bool = False,
        settings: ServerSettings | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        settings = settings or ServerSettings()
        self.is_class = is_class
        self.sharing = Sharing(settings.sharing) if is_class else Sharing.PUBLIC
        self._store = store
        self._logins = Logins(store.logins) if asks_login else None
        self._join_code = settings.join_code
        self._teacher_key = None
        self._has_own_key = settings.teacher_key is None
        if is_class:
            self._teacher_key = settings.teacher_key or _own_key(store.directory)
        self._key_attempts, self._code_attempts = _Attempts(clock), _Attempts(clock)
        self._last_seen: dict[str, Person] = {}
        self._joined: dict[str, str] = {}

    @property
    def asks_login(self) -> bool:
        """Whoever has not logged in is nobody."""
        return self._logins is not None

    def id_of(self, told: str | None) -> str | None:
        """The id of whoever asks, without a look into the database; None where nobody is told.

        Args:
            told: What the door has told, as a hash: of a person, or of a browser that may have logged in.
        """
        return told if self._logins is None else self._logins.person(told)

    def person(self, told: str | None) -> Person:
        """Whoever asks.

        Args:
            told: As `id_of`.
        """
        if not self.is_class:
            return MACHINE
        id = self.id_of(told)
        if not id:
            return NOBODY
        try:
            person = self._store.people.get(id, self._key_hash)
        except StoreError:  # a page is to wait, or to say so, with whoever sat there before
            return self._last_seen.get(id, Person(id))
        if person.number is not None:
            self._last_seen[id] = person
        return person

    def everybody(self) -> Mapping[str, Person]:
        """The people who have done something, by id; those seen last where the database cannot be read.

        Two of one name are told apart: whoever came later is `Anna (2)`.
        """
        people = self._people()
        names = distinct({id: person.name for id, person in people.items() if person.name})
        return {id: replace(person, name=names.get(id, "")) for id, person in people.items()}

    def has_namesake(self, person: Person) -> bool:
        """Somebody else has chosen the same name."""
        others = (other for id, other in self._people().items() if id != person.id)
        return bool(person.name) and any(other.name == person.name for other in others)

    def _people(self) -> Mapping[str, Person]:
        try:
            return self._store.people.all(self._key_hash)
        except StoreError:
            return dict(self._last_seen)

    @property
    def teacher_key(self) -> str | None:
        """What makes a teacher; None on a server for one person."""
        return self._teacher_key

    @property
    def has_own_key(self) -> bool:
        """The key is the data directory's own, so that whoever starts the server has to be told it."""
        return self.is_class and self._has_own_key

    def rename(self, person: Person, name: str) -> None:
        """Take a name.

        Raises:
            ConfigError: Too long.
            NotAllowed: Nobody that could be told again.
        """
        self._store.people.rename(_known(person), name)

    def log_in(self, told: str | None, account: Account | None) -> bool:
        """Take a browser for whoever has logged in with it, where this class asks for that.

        Args:
            told: What the door has told of the browser.
            account: Whoever Streamlit says has logged in with it; None for nobody.

        Returns:
            Whether somebody has, and has not logged out again.

        Raises:
            StoreBusy: They come for the first time, and another program has locked the database.
        """
        if self._logins is None:
            return True
        return bool(told and account and self._logins.begin(told, account))

    def log_out(self, told: str | None) -> None:
        """Take a browser for nobody's, in all of its tabs.

        Args:
            told: What the door has told of it.

        Raises:
            StoreBusy: As `Logins.end`.
        """
        if self._logins is not None and told:
            self._logins.end(told)

    def sharing_with(self, person: Person) -> Sharing:
        """Whom runs are shown to, as far as it concerns somebody: who has to log in first sees none."""
        return Sharing.PRIVATE if self._needs_login(person) else self.sharing

    def _needs_login(self, person: Person) -> bool:
        return self.asks_login and not person.is_known

    def needs_code(self, person: Person) -> bool:
        """They have to enter the code of the class first."""
        if not self.is_class or self._join_code is None or person.is_teacher:
            return False
        code, id = _hash(self._join_code), person.id or ""
        with suppress(StoreDamaged):  # then whoever is not known asks for it again
            if id and self._joined.get(id) != code and self._store.people.has_joined(id, code):
                self._joined[id] = code
        return self._joined.get(id) != code

    def require_joined(self, person: Person) -> None:
        """Raise NotAllowed where `needs_code`, or where they have to log in."""
        if self._needs_login(person):
            raise NotAllowed("Log in first. Open the page, and press Log in.")
        if self.needs_code(person):
            raise NotAllowed("This class asks for its code first. Enter it on the page.")

    def join(self, person: Person, code: str) -> None:
        """Enter the code of the class.

        Raises:
            NotAllowed: It is another one, or there were too many attempts.
        """
        id = _known(person)
        if self._join_code is None:
            return
        is_right = _same(code.strip().casefold(), self._join_code.casefold())
        self._code_attempts.require(id, is_right=is_right)
        if not is_right:
            raise NotAllowed("This is not the code of this class. Ask your teacher for it.")
        self._store.people.join(id, _hash(self._join_code))

    def become_teacher(self, person: Person, key: str) -> None:
        """Enter the teacher's key, which marks this browser.

        Raises:
            NotAllowed: It is another one, or there were too many attempts.
        """
        id = _known(person)
        is_right = self._teacher_key is not None and _same(key.strip(), self._teacher_key)
        self._key_attempts.require(id, is_right=is_right)
        if not is_right:
            raise NotAllowed("This is not the teacher's key. It is printed where the server was started.")
        self._store.people.set_teacher(id, self._key_hash)

    def leave_teaching(self, person: Person) -> None:
        """Be a student again, on this browser."""
        self._store.people.set_teacher(_known(person), None)

    @property
    def _key_hash(self) -> str | None:
        return None if self._teacher_key is None else _hash(self._teacher_key)


class _Attempts:
    """Counts wrong keys or codes, by person and of all together: cookies are cheap to throw away."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._taken: deque[tuple[float, str]] = deque(maxlen=_ATTEMPTS_OF_ALL)

    def require(self, id: str, *, is_right: bool) -> None:
        """Count an attempt that is wrong; raise NotAllowed where there were too many before this one, right or not."""
        now = self._clock()
        with self._lock:
            recent = [(at, who) for at, who in self._taken if now - at < _SECONDS]
            own = [at for at, who in recent if who == id]
            if len(own) < _ATTEMPTS and len(recent) < _ATTEMPTS_OF_ALL:
                if not is_right:
                    self._taken.append((now, id))
                return
        first = own[0] if len(own) >= _ATTEMPTS else recent[0][0]
        raise NotAllowed(
            "There were too many attempts. Try again in {seconds} s.",
            seconds=int(_SECONDS - (now - first)) + 1,
        )


def _known(person: Person) -> str:
    id = require_known(person)
    if id is None:
        raise NotAllowed("This server is for one person: nobody is told apart here.")
    return id


def _own_key(directory: Path) -> str:
    """The data directory's own key, made when it is missing."""
    file = directory / KEY_FILE
    with suppress(OSError, UnicodeDecodeError):
        key = file.read_text("utf-8").strip()
        if key:
            return key
    key = secrets.token_urlsafe(16)
    write_whole(file, key.encode(), mode=0o600)
    return key


def _same(given: str, expected: str) -> bool:
    """Compared in constant time, whatever is in them."""
    return hmac.compare_digest(_hash(given), _hash(expected))


def _hash(secret: str) -> str:
    return hashlib.sha256(b"playground " + secret.encode("utf-8", "replace")).hexdigest()[:32]
