"""Thirty browsers that draw their page again and again: how long everybody else's request waits meanwhile.

    python -m tests.benchmarks.crowd_of_pages [--pages 30] [--seconds 25]

One run trains. What a history request waits is what a run's own thread waits, too: both need the interpreter.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import tempfile
import time
from pathlib import Path

from playground.benchmarks.machine import describe_machine
from tests.benchmarks.class_of_thirty import LINK, BenchPage, fetch, newest_run, open_page, spread
from tests.e2e.conftest import Server


async def measure(server: Server, pages: int, seconds: float) -> dict[str, object]:
    async with open_page(server) as socket:
        starter = BenchPage(socket)
        await starter.rerun(LINK)
        await starter.rerun(LINK, press="start")
    run = await asyncio.to_thread(newest_run, server)
    end, draws, waits = asyncio.Event(), list[float](), list[float]()

    async def browser() -> None:
        async with open_page(server, secrets.token_hex(16)) as socket:
            page = BenchPage(socket)
            while not end.is_set():
                draws.append(await page.rerun(LINK))

    async def asking() -> None:
        while not end.is_set():
            began = time.perf_counter()
            await asyncio.to_thread(fetch, f"{server.url}/api/runs/{run}/history?after=999999999")
            waits.append(time.perf_counter() - began)
            await asyncio.sleep(0.2)

    tasks = [asyncio.create_task(work()) for work in (*[browser] * pages, asking)]
    await asyncio.sleep(seconds)
    end.set()
    await asyncio.gather(*tasks)
    return {
        "machine": str(describe_machine(1)),
        "pages": pages,
        "drawn": len(draws),
        "page_seconds": spread(draws),
        "history_seconds": spread(waits),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=25.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "data", Path(folder) / "log")
        server.start()
        os.nice(10)  # browsers bring their own processors
        try:
            result = asyncio.run(measure(server, asked.pages, asked.seconds))
        finally:
            server.stop()
    print(json.dumps(result, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
