"""Measure in a process of its own, where NumPy as well as torch gets one thread."""

from __future__ import annotations

import multiprocessing
import os
import statistics
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
K = TypeVar("K")
T = TypeVar("T")


def measure_alone(measure: Callable[[K, int], T], kinds: Sequence[K], rounds: int) -> list[T]:
    """Call `measure(kind, rounds)` for each kind there.

    Args:
        measure: A module's own function, which a new process can find.
        kinds: Cells, or whatever is compared.
        rounds: Timed rounds a kind.
    """
    spawn = multiprocessing.get_context("spawn")
    with _one_thread(), ProcessPoolExecutor(1, mp_context=spawn) as process:
        return [process.submit(measure, kind, rounds).result() for kind in kinds]


def spread(figures: Sequence[float], form: str) -> str:
    """Median, and in brackets the lowest and the highest."""
    low, high = min(figures), max(figures)
    return f"{statistics.median(figures):{form}} ({low:{form}}–{high:{form}})"


@contextmanager
def _one_thread() -> Iterator[None]:
    """What a process that begins now takes its number of threads from."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
