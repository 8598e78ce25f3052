"""Standard output and error that may be narrow, closed or full: never a traceback, and nothing is lost."""

from __future__ import annotations

import codecs
import contextlib
import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

_SIGNS = {
    "θ": "theta", "←": "<-", "→": "->", "−": "-", "–": "-", "×": "x", "∞": "inf", "…": "...", "·": "|",
    "≤": "<=", "≥": ">=", "‘": "'", "’": "'", "“": '"', "”": '"', "⚠": "!",
} | {raised: f"^{digit}" for digit, raised in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")} | {"⁻": "^-"}  # fmt: skip
"""Our own signs in an encoding that lacks them."""


def _narrow(error: UnicodeError) -> tuple[str, int]:
    """Write what an encoding lacks as a sign of ASCII, or else by its number: a `?` would lose it."""
    assert isinstance(error, UnicodeEncodeError)
    char = error.object[error.start]
    plain = _SIGNS.get(char) or char.encode("ascii", "backslashreplace").decode("ascii")
    return plain, error.start + 1


codecs.register_error("playground.narrow", _narrow)


class OutputLost(Exception):
    """Standard output takes no more; `error` says why."""

    def __init__(self, error: OSError) -> None:
        self.error = error
        super().__init__(str(error))


class _Stream(io.TextIOBase):
    """A stream that writes what its encoding can hold, and survives its end.

    Args:
        stream: The stream below; None where the process was started without one.
        needed: What is written has to arrive: raise OutputLost, once, when it does not.
    """

    def __init__(self, stream: TextIO | None, *, needed: bool) -> None:
        self._stream = stream
        self._needed = needed

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """That of the stream below."""
        return getattr(self._stream, "encoding", None) or "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override]
        """Nothing is an error."""
        return "playground.narrow"

    def isatty(self) -> bool:
        """A person looks at it."""
        return self._stream is not None and self._stream.isatty()

    def fileno(self) -> int:
        """The system's number for it."""
        if self._stream is None:
            raise io.UnsupportedOperation("no stream")
        return self._stream.fileno()

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, text: str) -> int:
        """Write, or drop what nobody takes any more."""
        if self._stream is not None:
            fitting = text.encode(self.encoding, self.errors).decode(self.encoding)
            with self._told(self._stream):
                self._stream.write(fitting)
        return len(text)

    def flush(self) -> None:
        """Pass on what is buffered."""
        if self._stream is not None:
            with self._told(self._stream):
                self._stream.flush()

    @contextmanager
    def _told(self, stream: TextIO) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._stream = None
            # the rest of the buffer is written once more when Python ends, and would fail once more
            with contextlib.suppress(OSError), open(os.devnull, "wb") as nothing:  # noqa: PTH123
                os.dup2(nothing.fileno(), stream.fileno())
            if self._needed:
                raise OutputLost(error) from error


@contextmanager
def safe_streams() -> Iterator[None]:
    """Put both streams behind `_Stream` while a command runs.

    What cannot be told on standard error is dropped, and the command goes on. Standard output holds the result: where
    it is closed the command ends with exit code 1, and where it is full it says so too.
    """
    before = sys.stdout, sys.stderr
    out, err = _Stream(sys.stdout, needed=True), _Stream(sys.stderr, needed=False)
    sys.stdout, sys.stderr = out, err
    try:
        try:
            yield
        finally:
            out.flush()
            err.flush()
    except OutputLost as lost:
        if lost.error.errno not in (errno.EPIPE, errno.EINVAL):  # Windows says EINVAL of a closed pipe
            err.write(f"Error: The output cannot be written ({lost.error.strerror}). Send it elsewhere.\n")
            err.flush()
        sys.exit(1)
    finally:
        sys.stdout, sys.stderr = before
