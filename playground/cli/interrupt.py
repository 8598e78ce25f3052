"""Ctrl-C reaches a command wherever it was started."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def ctrl_c_heard() -> Iterator[None]:
    """Raise KeyboardInterrupt at SIGINT while this lasts, then give the signal back as it was.

    A shell script's `… &` hands SIGINT down as ignored, and Python then leaves it so: a run that trains
    without end could only be killed, and would lose what it learnt since its last checkpoint.
    A thread other than the main one may not set a handler, and hears no Ctrl-C either.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
