"""Thirty open pages and one training run, over real websockets and HTTP.

    python -m tests.benchmarks.class_of_thirty [--pages 30] [--rounds 2] [--seconds 15] [--idle 300]
    python -m tests.benchmarks.class_of_thirty --starts 3 [--pages 30] [--seconds 200]

Each page connects as a browser does, runs the page's script, asks for new points
once a second, and now and then somebody touches a control (a rerun). Training
speed is taken from the run's own curve, with and without the pages, in turns.
Asked: speed ≥ 0.9 of the undisturbed one, no page slower than 3 s, also with so many more pages that are open and do
nothing (`--idle`), whose memory is told. With `--starts` everybody presses Start at once, so
many times: see `class_starts` for what is asked then.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import secrets
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from playground.benchmarks.machine import describe_machine
from playground.web.door import COOKIE
from tests.e2e.conftest import Server

TOUCH_SECONDS = 10.0
"""Mean time between two touches of a control by one person."""
LINK = "cell=lstm&hidden_size=256&batch_size=32&num_steps=35&epochs=off&sample_every=0&held_out=0"


class BenchPage:
    """One browser's connection."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.buttons: dict[str, str] = {}

    async def rerun(self, query: str, press: str | None = None) -> float:
        """Run the page's script; return the seconds until it has finished."""
        message = BackMsg()
        message.rerun_script.query_string = query
        if press is not None:
            pressed = message.rerun_script.widget_states.widgets.add()
            pressed.id, pressed.trigger_value = self.buttons[press], True
        started = time.perf_counter()
        await self.socket.send(message.SerializeToString())
        while True:
            answer = ForwardMsg.FromString(await self.socket.recv())  # type: ignore[arg-type]
            kind = answer.WhichOneof("type")
            if kind == "delta" and answer.delta.new_element.WhichOneof("type") == "button":
                id = answer.delta.new_element.button.id
                self.buttons[id.rsplit("-", 1)[-1]] = id
            if kind == "script_finished":
                return time.perf_counter() - started


def fetch(url: str) -> dict[str, object]:
    with urllib.request.urlopen(url, timeout=30) as answer:
        fields: dict[str, object] = json.load(answer)
        return fields


async def person(
    number: int,
    server: Server,
    run: str,
    seconds: float,
    opened: asyncio.Barrier,
    reruns: list[float],
    polls: list[float],
) -> None:
    """Open the page, follow the run, touch a control now and then; nobody acts in step with others."""
    cursor = 0
    async with open_page(server) as socket:
        page = BenchPage(socket)
        reruns.append(await page.rerun(f"run={run}"))
        await opened.wait()
        until = time.monotonic() + seconds
        touch = time.monotonic() + TOUCH_SECONDS * number / 30
        while time.monotonic() < until:
            started = time.perf_counter()
            news = await asyncio.to_thread(fetch, f"{server.url}/api/runs/{run}/history?after={cursor}")
            polls.append(time.perf_counter() - started)
            cursor = int(str(news["cursor"]))
            if time.monotonic() > touch:
                reruns.append(await page.rerun(f"run={run}"))
                touch += TOUCH_SECONDS
            await asyncio.sleep(max(0.0, 1.0 - (time.perf_counter() - started)))


def open_page(server: Server, secret: str | None = None) -> connect:
    """A browser's connection; with a secret, that of somebody of a class."""
    cookie = {} if secret is None else {"Cookie": f"{COOKIE}={secret}"}
    return connect(
        f"ws://127.0.0.1:{server.port}/_stcore/stream",
        subprotocols=["streamlit"],  # type: ignore[list-item]
        max_size=None,
        additional_headers=cookie,
    )


def figures(server: Server, run: str) -> tuple[float, float]:
    """Tokens and training seconds so far."""
    now = fetch(f"{server.url}/api/runs/{run}/history?after=999999999")["metrics"]
    assert isinstance(now, dict)
    return float(now["step"]) * 32 * 35, float(now["seconds"])


async def speed_during(server: Server, run: str, work: Callable[[], Awaitable[object]]) -> float:
    tokens, seconds = figures(server, run)
    await work()
    tokens_after, seconds_after = figures(server, run)
    return (tokens_after - tokens) / (seconds_after - seconds)


@contextlib.asynccontextmanager
async def idle_pages(server: Server, count: int) -> AsyncIterator[dict[str, float]]:
    """Pages that were drawn once and do nothing while this lasts; what they cost the server in memory."""
    assert server.process is not None
    process = psutil.Process(server.process.pid)
    before = process.memory_info().rss
    async with contextlib.AsyncExitStack() as open_ones:
        for _ in range(count):
            socket = await open_ones.enter_async_context(open_page(server, secrets.token_hex(16)))
            await BenchPage(socket).rerun(LINK)
        after = process.memory_info().rss
        yield {
            "server_megabytes_before": round(before / 1e6),
            "server_megabytes_with_idle_pages": round(after / 1e6),
            "megabytes_a_page": round((after - before) / 1e6 / max(1, count), 2),
        }


async def measure(server: Server, pages: int, rounds: int, seconds: float, idle: int) -> dict[str, object]:
    async with open_page(server) as socket:
        starter = BenchPage(socket)
        await starter.rerun(LINK)
        await starter.rerun(LINK, press="start")
    run = (await asyncio.to_thread(newest_run, server)).removeprefix("run=")
    alone, crowded, reruns, polls = [], [], [], []

    async def crowd() -> float:
        """All open at once; speed counts from when the last one is connected."""
        opened = asyncio.Barrier(pages + 1)
        people = [
            asyncio.create_task(person(i, server, run, seconds, opened, reruns, polls)) for i in range(pages)
        ]
        await opened.wait()
        return await speed_during(server, run, lambda: asyncio.gather(*people))

    await asyncio.sleep(5)  # the first seconds are the run's start
    async with idle_pages(server, idle) as memory:
        for _ in range(rounds):
            alone.append(await speed_during(server, run, lambda: asyncio.sleep(seconds)))
            crowded.append(await crowd())
    ratio = statistics.median(crowded) / statistics.median(alone)
    return {
        "machine": str(describe_machine(1)),
        "pages": pages,
        "idle_pages": idle,
        **memory,
        "tokens_per_second_alone": [round(v) for v in alone],
        "tokens_per_second_with_pages": [round(v) for v in crowded],
        "ratio": round(ratio, 3),
        "page_seconds": spread(reruns),
        "poll_seconds": spread(polls),
        "passed": ratio >= 0.9 and max(reruns) <= 3.0,
    }


def newest_run(server: Server) -> str:
    """The run's id: the name of the one folder that a run has made."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        checkpoints = list((server.data / "runs").glob("*/step-*"))
        if checkpoints:
            return checkpoints[0].parent.name
    raise TimeoutError("no run has started")


def spread(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    at = {"median": 0.5, "p95": 0.95, "max": 1.0}
    return {name: round(ordered[min(len(ordered) - 1, int(q * len(ordered)))], 3) for name, q in at.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--starts", type=int, default=0)
    parser.add_argument("--idle", type=int, default=0)
    asked = parser.parse_args()
    if asked.starts:
        os.environ["PLAYGROUND_IDENTITY"] = "cookie"
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "data", Path(folder) / "log")
        server.start()
        os.nice(10)  # a real class brings its own processors; the server and its worker come first
        try:
            if asked.starts:
                from tests.benchmarks.class_starts import measure_starts

                result = asyncio.run(measure_starts(server, asked.pages, asked.starts, asked.seconds))
            else:
                result = asyncio.run(measure(server, asked.pages, asked.rounds, asked.seconds, asked.idle))
        finally:
            server.stop()
    print(json.dumps(result, indent=2, ensure_ascii=False))
    sys.exit(not result["passed"])


if __name__ == "__main__":
    main()
