"""Room on the disk of the data directory: what is free, and a reserve for what must succeed when nothing is."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, Protocol, TypeVar, cast

from playground.errors import StoreError
from playground.records import Reason
from playground.server_settings import ServerSettings
from playground.store.keeping import MEGABYTE

RESERVE_BYTES = 32 << 20
"""Enough to take a run out of the database, whose curve costs 20 MB at the most."""
LEAST_BYTES = 200 * 10**6
"""Below it no run begins or goes on."""
LEAST_OF_SMALL_BYTES = 64 * 10**6
"""The same on a small disk."""
_SMALL_BYTES = 2 * 10**9

P = ParamSpec("P")
R = TypeVar("R")


class Space:
    """The disk's room. Thread-safe.

        >>> from tempfile import TemporaryDirectory
        >>> folder = TemporaryDirectory()
        >>> space = Space(Path(folder.name), reserve=4096, least=0)
        >>> space.refill()
        >>> [file.name for file in Path(folder.name).iterdir()]
        ['reserve']
        >>> folder.cleanup()

    Args:
        directory: The data directory.
        reserve: Bytes that are kept back; None takes `RESERVE_BYTES`.
        least: Free bytes that a run wants; None takes `LEAST_BYTES`, on a small disk less.
    """

    def __init__(self, directory: Path, *, reserve: int | None = None, least: int | None = None) -> None:
        self.directory = directory
        self.reserve = RESERVE_BYTES if reserve is None else reserve
        self.least = self._usual_least() if least is None else least
        self._file = directory / "reserve"
        self._lock = threading.Lock()

    def apply(self, settings: ServerSettings) -> None:
        """Let runs want as much room as a server's settings say."""
        megabytes = settings.free_megabytes
        self.least = self._usual_least() if megabytes is None else megabytes * MEGABYTE

    def _usual_least(self) -> int:
        directory = next(place for place in (self.directory, *self.directory.parents) if place.exists())
        try:
            return LEAST_BYTES if shutil.disk_usage(directory).total >= _SMALL_BYTES else LEAST_OF_SMALL_BYTES
        except OSError:
            return LEAST_BYTES

    def free(self) -> int:
        """Bytes that can be written now, without the reserve."""
        try:
            return shutil.disk_usage(self.directory).free
        except OSError:  # whoever writes there will tell
            return sys.maxsize

    def is_short(self, more: int = 0) -> bool:
        """No run goes on: less is free than `least` and so many bytes more."""
        return self.free() < self.least + more

    def require(self, more: int = 0) -> None:
        """Make sure that a run can go on.

        Raises:
            StoreError: There is too little room, with the figures.
        """
        free = self.free()
        if free < self.least + more:
            raise StoreError(
                "The disk of the data directory has {free} left, and a run wants {wanted}. Delete runs or texts, or "
                "make room elsewhere, then try again.",
                free=_size(free),
                wanted=_size(self.least + more),
            )

    def shortage(self) -> Reason:
        """What is told of a run that was paused for want of room."""
        return Reason(
            "The disk of the data directory is full ({free} left), so the run was paused; nothing of it is lost. "
            "Delete runs or texts, or make room elsewhere, then press Resume.",
            {"free": _size(self.free())},
        )

    @contextmanager
    def reserved(self) -> Iterator[None]:
        """Let what is done meanwhile use the reserve, if it is needed; afterwards it is kept back again."""
        if self.free() < self.reserve:
            with self._lock, suppress(OSError):
                self._file.unlink(missing_ok=True)
        try:
            yield
        finally:
            self.refill()

    def refill(self) -> None:
        """Keep the reserve back, where there is room for it and for a run."""
        with self._lock, suppress(OSError):
            held = self._file.stat().st_size if self._file.exists() else 0
            if held == self.reserve or self.free() + held < self.reserve + self.least:
                return
            try:
                with self._file.open("wb") as out:
                    if hasattr(os, "posix_fallocate"):
                        os.posix_fallocate(out.fileno(), 0, self.reserve)
                    else:
                        out.write(bytes(self.reserve))
            except OSError:
                self._file.unlink(missing_ok=True)


class HasSpace(Protocol):
    """What keeps something in a data directory."""

    space: Space


S = TypeVar("S", bound=HasSpace)


def on_reserve(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """A method that must succeed on a full disk: whoever makes room, and how a run is told to stand."""

    @wraps(method)
    def with_reserve(self: S, *args: P.args, **kwargs: P.kwargs) -> R:
        with self.space.reserved():
            return method(self, *args, **kwargs)

    return cast("Callable[Concatenate[S, P], R]", with_reserve)


def is_full(error: BaseException | None) -> bool:
    """Whether a full disk is behind an error.

    >>> is_full(OSError(errno.ENOSPC, "No space left on device")), is_full(OSError(errno.EIO, "no"))
    (True, False)
    """
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if isinstance(error, sqlite3.OperationalError) and "full" in str(error):
            return True
        error = error.__cause__
    return False


def _size(count: int) -> str:
    return f"{count / MEGABYTE:,.0f} MB"
