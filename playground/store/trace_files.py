"""Traces of whole texts on disk, memory-mapped: made anew whenever they are gone, so any of them can go."""

from __future__ import annotations

import errno
import itertools
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from playground.errors import StoreError
from playground.files import PART, parse_object, write_whole
from playground.reasons import reason_of
from playground.records import Array
from playground.store.space import Space

MOST_BYTES = 2 * 2**30
"""Of all traces together; what was used longest ago goes first."""
_FOLDER = "cache/traces"
_HEADER_BYTES = 4_096
_ZEROS = bytes(2**20)
_UNREADABLE = (OSError, ValueError, EOFError, KeyError, TypeError)


class TraceFiles:
    """Half-precision arrays by name, each with a few figures. Not thread-safe: whoever computes holds a lock.

    Args:
        directory: The data directory.
        space: How much of its disk is free.
        most: Bytes that they take together, at most.
    """

    def __init__(self, directory: Path, space: Space, *, most: int = MOST_BYTES) -> None:
        self._folder = directory / _FOLDER
        self._space, self._most = space, most

    def find(self, run_id: str, name: str) -> tuple[Array, dict[str, Any]] | None:
        """An array, mapped and not read, with its figures; None where it is not there or damaged."""
        file = self._file(run_id, name)
        try:
            notes = parse_object(file.with_suffix(".json").read_bytes())
            array: Array = np.lib.format.open_memmap(file, mode="r")  # refuses objects
            if array.dtype != np.float16 or list(array.shape) != notes["shape"]:
                return None
            with suppress(OSError):
                file.touch()  # used now
        except _UNREADABLE:
            return None
        return array, notes

    @contextmanager
    def writing(
        self, run_id: str, name: str, notes: dict[str, Any]
    ) -> Iterator[Callable[[tuple[int, ...]], Array]]:
        """Give what allocates an array that is filled meanwhile and kept at the end.

        Args:
            run_id: The run that was traced.
            name: Tells its traces apart; letters, digits and `-`.
            notes: The figures, complete at the end; `shape` is added.

        Raises:
            StoreError: The disk refused.
        """
        file = self._file(run_id, name)
        part = file.with_name(f"{file.name}.{secrets.token_hex(4)}{PART}")

        def allocate(shape: tuple[int, ...]) -> Array:
            size = 2 * int(np.prod(shape))
            self._make_room(size)
            file.parent.mkdir(parents=True, exist_ok=True)
            notes["shape"] = list(shape)
            with part.open("wb") as out:  # a hole in a mapped file that finds no room ends the process
                self._take(out, size + _HEADER_BYTES)
            with part.open("r+b") as out:
                header = {"descr": "<f2", "fortran_order": False, "shape": shape}
                np.lib.format.write_array_header_1_0(out, header)
                start = out.tell()
                out.truncate(start + size)
            array: Array = np.memmap(part, np.float16, "r+", offset=start, shape=shape)
            return array

        try:
            yield allocate
            part.replace(file)
            write_whole(file.with_suffix(".json"), json.dumps(notes).encode())
        except OSError as error:
            raise StoreError(
                "What the units do over the text cannot be kept on the disk ({reason}). Make room, then try again.",
                reason=reason_of(error),
            ) from error
        finally:
            part.unlink(missing_ok=True)

    @contextmanager
    def scratch(self) -> Iterator[Callable[[tuple[int, ...], np.dtype[Any]], Array]]:
        """Give what allocates arrays in files that are gone afterwards: the system can take their memory back.

        Raises:
            OSError: The disk refused.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            prefix="scratch-", suffix=PART, dir=self._folder, ignore_cleanup_errors=True
        ) as folder:
            places = (Path(folder) / str(i) for i in itertools.count())

            def allocate(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
                place = next(places)
                with place.open("wb") as out:
                    self._take(out, int(np.prod(shape)) * dtype.itemsize)
                array: Array = np.memmap(place, dtype, "r+", shape=shape)
                return array

            yield allocate

    def _file(self, run_id: str, name: str) -> Path:
        return self._folder / run_id / f"{name}.npy"

    def _all(self) -> list[tuple[float, int, Path]]:
        found = []
        for file in self._folder.glob("*/*.npy"):
            with suppress(OSError):  # another may have removed it
                stat = file.stat()
                found.append((stat.st_mtime, stat.st_size, file))
        return sorted(found)

    def _take(self, out: BinaryIO, size: int) -> None:
        """Take so much room on the disk, and leave what a run wants of it, or raise OSError."""
        if self._space.free() - size < self._space.least:  # what is still looked at gives nothing back yet
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        _fill(out, size)

    def _make_room(self, wanted: int) -> None:
        """Remove what was used longest ago until so much more fits."""
        files = self._all()
        used = sum(size for _time, size, _file in files)
        for _time, size, file in files:
            if used + wanted <= self._most and self._space.free() - wanted >= self._space.least:
                return
            with suppress(OSError):  # on Windows one that is looked at stays
                file.unlink(missing_ok=True)
                file.with_suffix(".json").unlink(missing_ok=True)
                used -= size


def _fill(out: BinaryIO, size: int) -> None:
    """Take so much room on the disk, or raise OSError."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(out.fileno(), 0, size)
        return
    for _block in range(-(-size // len(_ZEROS))):
        out.write(_ZEROS)


def forget_traces(directory: Path, run_id: str) -> None:
    """Remove a run's traces."""
    shutil.rmtree(directory / _FOLDER / run_id, ignore_errors=True)
