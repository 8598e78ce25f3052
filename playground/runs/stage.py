"""What a teacher shows to everybody: a page with its state, for as long as it is shown."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from playground.access import Action, Sharing, require_teacher
from playground.errors import ConfigError, NotAllowed
from playground.records import Person
from playground.runs.classroom import Classroom

SECONDS = 3600.0
"""After which it ends by itself."""
MOST_CHARACTERS = 6_000
"""Of an address that is shown."""
_OWN_WORDS = ("lang", "teacher")
"""Words of an address that are each reader's own."""


@dataclass(frozen=True)
class Presentation:
    """A page as a teacher shows it."""

    who: str | None
    """Id of the teacher."""
    page: str
    """Its name, as in an address."""
    words: Mapping[str, str]
    """The rest of the address; whoever opens it checks it, as any other."""
    since: float


class Stage:
    """Keeps what is shown, in the server's memory alone. Every method may be called from any thread.

    Args:
        classroom: Knows whether runs are shared.
        clock: Seconds that only grow.
    """

    def __init__(self, classroom: Classroom, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._classroom = classroom
        self._clock = clock
        self._lock = threading.Lock()
        self._shown: Presentation | None = None
        self._changes = 0

    def show(self, person: Person, page: str, words: Mapping[str, str]) -> None:
        """Show a page to everybody, in the place of another one.

        Args:
            person: Who shows it.
            page: The page's name.
            words: The rest of its address.

        Raises:
            NotAllowed: They are no teacher, or the page shows a run on a server where others may not see it.
            ConfigError: The address is too long.
        """
        require_teacher(person, Action.PRESENT)
        words = {name: text for name, text in words.items() if name not in _OWN_WORDS}
        if "run" in words and self._classroom.sharing is Sharing.PRIVATE:
            raise NotAllowed(
                "On this server a run is seen by its owner and the teacher alone, so it cannot be shown to everybody. "
                "Show a page without a run."
            )
        count = sum(len(name) + len(text) for name, text in words.items())
        if count > MOST_CHARACTERS:
            raise ConfigError(
                "The address of this page has {count} characters; one of up to {most} can be shown. Shorten the text "
                "in it.",
                count=count,
                most=MOST_CHARACTERS,
            )
        with self._lock:
            self._shown = Presentation(person.id, page, words, self._clock())
            self._changes += 1

    def stop(self, person: Person, shown: Presentation | None = None) -> None:
        """Show nothing any more.

        Args:
            person: Who asks for it.
            shown: Only where this is still shown; None: whatever is.

        Raises:
            NotAllowed: They are no teacher.
        """
        require_teacher(person, Action.PRESENT)
        with self._lock:
            if shown is None or shown == self._shown:
                self._shown = None

    def current(self) -> Presentation | None:
        """What is shown now."""
        with self._lock:
            if self._shown is not None and self._clock() - self._shown.since >= SECONDS:
                self._shown = None
            return self._shown

    @property
    def version(self) -> int:
        """Another one whenever something else is shown; 0 where nothing is."""
        return 0 if self.current() is None else self._changes
