"""Measure in a process of its own, where NumPy as well as torch gets one thread."""

from __future__ import annotations

import multiprocessing
import os
import statistics
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from playground.config import Cell

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
T = TypeVar("T")


def measure_alone(measure: Callable[[Cell, int], T], cells: Sequence[Cell], rounds: int) -> list[T]:
    """Call `measure(cell, rounds)` for each cell there.

    Args:
        measure: A module's own function, which a new process can find.
        cells: Which.
        rounds: Timed rounds a cell.
    """
    spawn = multiprocessing.get_context("spawn")
    with _one_thread(), ProcessPoolExecutor(1, mp_context=spawn) as process:
        return [process.submit(measure, cell, rounds).result() for cell in cells]


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
