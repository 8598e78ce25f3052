"""Whoever ends a command is heard: Ctrl-C, `kill`, and a terminal that closes."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_POLITE = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
"""Those that ask for an end; each system has some of them."""


@contextmanager
def signals_heard() -> Iterator[None]:
    """Raise KeyboardInterrupt at each signal that asks for an end, then give the signals back as they were.

    A shell script's `… &` hands SIGINT down as ignored, and Python then leaves it so: a run that trains
    without end could only be killed, and would lose what it learnt since its last checkpoint. SIGHUP stays
    ignored where it is: that is what `nohup` is for. What was ended by `kill` says so by its exit code (143),
    however well it ended. A thread other than the main one may not set a handler, and hears nothing anyway.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []

    def interrupt(number: int, frame: FrameType | None) -> None:
        heard.append(number)
        if len(heard) == 1 or number == signal.SIGINT:  # a closing terminal may say so twice: once is enough
            raise KeyboardInterrupt

    before = {}
    for name in _POLITE:
        number = getattr(signal, name, None)
        if number is not None and not (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
            before[number] = signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if heard and heard[0] != signal.SIGINT:
            sys.exit(128 + heard[0])
