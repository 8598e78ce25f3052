"""Whose a data directory is: one process writes, held by a file lock; any number may read.

data/
├── owner.lock     locked by the owner for as long as it lives; the system lets go of it, however the owner ends
└── owner.json     who that is: {"token", "program", "process", "host", "since"}
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import secrets
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from playground.errors import DirectoryInUse
from playground.store.sqlite_errors import unusable

_PATIENCE = 3.0
"""Seconds to wait for one who only looks after what a crash left behind, and lets go at once."""


@dataclass(frozen=True)
class Owner:
    """What an owner says about itself, for people; nothing is decided by it but by `token`."""

    token: str
    """Another one for each time that the lock is taken."""
    program: str
    """What was started."""
    process: int
    """Its id, in its own PID namespace."""
    host: str
    """The name of its machine or container."""
    since: float
    """Seconds since 1970."""


class Ownership:
    """A data directory's lock as one program sees it. Thread-safe.

        >>> from tempfile import TemporaryDirectory
        >>> folder = TemporaryDirectory()
        >>> ours, theirs = Ownership(Path(folder.name)), Ownership(Path(folder.name))
        >>> ours.acquire()
        >>> theirs.try_acquire()
        False
        >>> ours.release()
        >>> theirs.try_acquire()
        True
        >>> theirs.release()
        >>> folder.cleanup()

    Args:
        directory: The data directory; made when it is taken.
        room: Makes room on a full disk while it lasts: whoever wants to delete something has to own the directory.
    """

    def __init__(
        self, directory: Path, room: Callable[[], AbstractContextManager[None]] = nullcontext
    ) -> None:
        self._directory = directory
        self._room = room
        self._note = directory / "owner.json"
        # shared by all threads; never the library's fallback to a file that merely exists, which a crash leaves behind
        self._lock = FileLock(directory / "owner.lock", thread_local=False, preserve_lock_file=True)
        self._changing = threading.RLock()
        self._token: str | None = None  # while it is held
        self._is_kept = False
        self._borrowed = 0

    def acquire(self, timeout: float | None = None) -> None:
        """Make the directory this program's, until `release` or the process's end.

        Args:
            timeout: Seconds to wait for another owner; None for as long as one takes who only looks after a crash.

        Raises:
            DirectoryInUse: It is another's.
            StoreError: The lock cannot be taken at all: no right to write, or a file system without locks.
        """
        with self._changing:
            self._take(_PATIENCE if timeout is None else timeout)
            self._is_kept = True

    def try_acquire(self) -> bool:
        """As `acquire` without waiting; False where the directory is another's."""
        try:
            self.acquire(0)
        except DirectoryInUse:
            return False
        return True

    def release(self) -> None:
        """Let go of the directory; nothing happens where it is not held."""
        with self._changing:
            self._is_kept = False
            self._let_go()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Own the directory while this lasts, in any number of threads; errors as `acquire`."""
        with self._changing:
            self._take(_PATIENCE)
            self._borrowed += 1
        try:
            yield
        finally:
            with self._changing:
                self._borrowed -= 1
                self._let_go()

    def check(self) -> None:
        """Make sure that the directory is still this program's; call it inside a write transaction.

        The lock alone does not say so: a person may have removed its file, and another program locks a new one.
        Whoever takes over writes its token before it writes a row, so a transaction that still reads its own
        token comes before everything that the other does.

        Raises:
            DirectoryInUse: It is another's by now.
        """
        found = _read(self._note)
        if found is None or found.token != self._token:
            raise self._in_use()

    def _take(self, timeout: float) -> None:
        if self._token is not None:
            return
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=timeout, poll_interval=0.02)
        except Timeout:
            raise self._in_use() from None
        except OSError as error:
            raise unusable(self._directory, error) from error
        try:
            try:
                self._token = self._introduce()
            except OSError:
                with self._room():
                    self._token = self._introduce()
        except OSError as error:
            self._lock.release(force=True)
            raise unusable(self._directory, error) from error

    def _let_go(self) -> None:
        if self._token is None or self._is_kept or self._borrowed:
            return
        found = _read(self._note)
        if found is not None and found.token == self._token:
            with contextlib.suppress(OSError):
                self._note.unlink()
        self._token = None
        self._lock.release(force=True)

    def _introduce(self) -> str:
        """Write down who the owner is, beside and then in place; its token."""
        me = Owner(secrets.token_hex(8), _program(), os.getpid(), platform.node(), time.time())
        draft = self._note.with_name(f"owner-{me.token}.part")
        try:
            draft.write_text(json.dumps(asdict(me)), "utf-8")
            draft.replace(self._note)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        return me.token

    def _in_use(self) -> DirectoryInUse:
        found = _read(self._note)
        if found is None:
            return DirectoryInUse(
                "The data directory {folder} is in use by another program. Reading it is possible; to train, change or "
                "delete something, end that program first, or choose another folder with PLAYGROUND_DATA.",
                folder=str(self._directory),
            )
        return DirectoryInUse(
            "The data directory {folder} is in use by {program} (process {process} on {host}). Reading it is possible; to "
            "train, change or delete something, do it there or end that program first, or choose another folder "
            "with PLAYGROUND_DATA.",
            folder=str(self._directory),
            program=found.program,
            process=str(found.process),
            host=found.host,
        )


def _read(note: Path) -> Owner | None:
    try:
        return Owner(**json.loads(note.read_text("utf-8")))
    except (OSError, ValueError, TypeError):  # none, or one that was damaged
        return None


def _program() -> str:
    """How this program is known to whoever started it, such as `playground train`."""
    path = Path(sys.argv[0])
    name = path.parent.name if path.stem == "__main__" else path.stem
    command = [word for word in sys.argv[1:2] if word.isalpha()]
    return " ".join([name if name not in ("", "-c") else "python", *command])[:40]
