"""Thirty browsers whose people press Start in the same second: the part of `class_of_thirty` that is about turns.

Each person has a cookie and a page of their own, presses Start so many times, and asks for the newest run's points once
a second. One of the runs ends only when it is stopped, one explodes, and one is refused. What the database says is read
beside the server.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import sqlite3
import time
import urllib.request
from collections.abc import Mapping
from urllib.parse import urlencode

from playground.identity import person_id
from playground.store.database import DATABASE
from playground.web.door import COOKIE
from tests.benchmarks.class_of_thirty import BenchPage, open_page
from tests.benchmarks.turns_of_thirty import (
    EXPLODES,
    LOOK_SECONDS,
    QUICK,
    REFUSED,
    TOKENS_A_STEP,
    UNTIL_STOPPED,
    Watcher,
    passed,
    spread,
)
from tests.e2e.conftest import Server

ALONE_SECONDS = 30.0


def link(special: Mapping[str, object]) -> str:
    """The address of a set-up."""
    return urlencode({**QUICK, **special})


def rows(server: Server) -> list[tuple[str, str, str, int, float]]:
    """Id, owner, status, step and training seconds of every run."""
    with contextlib.closing(sqlite3.connect(server.data / DATABASE, timeout=10)) as db:
        return db.execute("SELECT id, coalesce(owner, ''), status, step, seconds FROM runs").fetchall()


async def press_start(page: BenchPage, query: str) -> None:
    """Open a set-up's address, and press Start there."""
    await page.rerun(query)
    await page.rerun(query, press="start")


async def speed_alone(server: Server) -> float:
    """Tokens/s of one run that nobody disturbs, by the wall clock; it is stopped afterwards."""
    async with open_page(server, secrets.token_hex(16)) as socket:
        page = BenchPage(socket)
        await press_start(page, link(UNTIL_STOPPED))
        while not (found := [row for row in rows(server) if row[3] > 0 and row[2] == "running"]):
            await asyncio.sleep(LOOK_SECONDS)
        id, *_, first, _seconds = found[0]
        began = time.monotonic()
        await asyncio.sleep(ALONE_SECONDS)
        steps = next(step for of, *_, step, _s in rows(server) if of == id) - first
        speed = steps * TOKENS_A_STEP / (time.monotonic() - began)
        await page.rerun(f"run={id}", press="stop")
    while any(status in ("running", "starting") for _, _, status, *_ in rows(server)):
        await asyncio.sleep(LOOK_SECONDS)
    return speed


async def person(
    number: int,
    server: Server,
    secret: str,
    starts: int,
    opened: asyncio.Barrier,
    end: asyncio.Event,
    pressed: list[float],
) -> None:
    """Open the page, press Start with the others, and follow what was started."""
    specials = [{}] * starts
    if number < 3:
        specials[-1] = (UNTIL_STOPPED, EXPLODES, REFUSED)[number]
    async with open_page(server, secret) as socket:
        page = BenchPage(socket)
        await page.rerun(link(specials[0]))
        await opened.wait()
        began = time.monotonic()
        await page.rerun(link(specials[0]), press="start")
        pressed.append(time.monotonic() - began)
        for special in specials[1:]:
            async with open_page(server, secret) as another:  # a second tab has the address's own settings
                await press_start(BenchPage(another), link(special))
        owner, cursor = person_id(secret), 0
        while not end.is_set():
            own = [id for id, of, *_ in rows(server) if of == owner]
            if own:
                news = await asyncio.to_thread(
                    _ask, f"{server.url}/api/runs/{own[0]}/history?after={cursor}", secret
                )
                cursor = int(str(news["cursor"]))
            await asyncio.sleep(1.0)


def _ask(url: str, secret: str) -> dict[str, object]:
    request = urllib.request.Request(url, headers={"Cookie": f"{COOKIE}={secret}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        fields: dict[str, object] = json.load(answer)
        return fields


async def measure_starts(server: Server, people: int, starts: int, seconds: float) -> dict[str, object]:
    """Have everybody start at once; what each saw within so many seconds."""
    alone = await speed_alone(server)
    secret_of = {secrets.token_hex(16): f"person {number}" for number in range(people)}
    owners = {person_id(secret): name for secret, name in secret_of.items()}
    opened, end, pressed = asyncio.Barrier(people + 1), asyncio.Event(), list[float]()
    tasks = [
        asyncio.create_task(person(number, server, secret, starts, opened, end, pressed))
        for number, secret in enumerate(secret_of)
    ]
    await opened.wait()
    began = time.monotonic()
    watcher = Watcher(owners.values(), began)
    while time.monotonic() < began + seconds:
        seen = await asyncio.to_thread(rows, server)
        watcher.look((id, owners.get(of, ""), *rest) for id, of, *rest in seen)
        await asyncio.sleep(LOOK_SECONDS)
    figures = watcher.figures()
    end.set()
    await asyncio.gather(*tasks)
    return {
        "people": people,
        "starts": starts,
        "runs": sum(of in owners for _, of, *_ in rows(server)),
        "seconds_until_the_first_press_was_answered": spread(pressed),
        **figures,
        "tokens_per_second_alone": round(alone),
        **passed(figures, people, alone),
    }
