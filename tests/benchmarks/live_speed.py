"""A live run's speed, as its own counter tells it."""

from __future__ import annotations

import json
import time
import urllib.request

TOKENS = 32 * 35
"""A step's: the batch and the steps that the benchmarks train with."""


def speed(server: str, run: str, seconds: float) -> float:
    """Tokens a second, over so many seconds from now.

    Args:
        server: Its address.
        run: The run's id.
        seconds: How long to count.
    """
    before, began = _step(server, run), time.perf_counter()
    time.sleep(seconds)
    after, ended = _step(server, run), time.perf_counter()
    return (after - before) / (ended - began) * TOKENS


def _step(server: str, run: str) -> int:
    with urllib.request.urlopen(f"{server}/api/runs/{run}/history?after=999999999") as answer:
        return int(json.load(answer)["metrics"]["step"])
