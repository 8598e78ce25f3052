"""Texts take turns; whoever waits for one holds no thread."""

import threading
from collections.abc import Iterator

import anyio
import anyio.lowlevel
import pytest
from anyio import to_thread

from playground.web.writers import TooManyWriters, Writers


async def until_wanting(writers: Writers, count: int) -> None:
    while writers.wanting < count:
        await anyio.lowlevel.checkpoint()


def test_texts_take_turns_and_each_comes_in_its_order():
    taken: list[str] = []

    def text(name: str) -> Iterator[str]:
        for i in range(5):
            taken.append(name)
            yield f"{name}{i}"

    async def main() -> None:
        writers, got = Writers(at_once=1), {"a": [], "b": []}

        async def read(name: str) -> None:
            got[name].extend([line async for line in writers.lines(text(name))])

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(read, "a")
            tasks.start_soon(read, "b")
        assert got == {name: [f"{name}{i}" for i in range(5)] for name in "ab"}

    anyio.run(main)
    assert set(taken[:2]) == {"a", "b"}  # neither waits until the other is whole


def test_never_more_at_once_than_it_says():
    lock, now, most = threading.Lock(), 0, 0

    def line() -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        with lock:
            now -= 1

    async def main() -> None:
        writers = Writers(at_once=2)
        async with anyio.create_task_group() as tasks:
            for _ in range(50):
                tasks.start_soon(writers.run, line)

    anyio.run(main)
    assert most <= 2


def test_beyond_its_queue_it_sends_away_and_those_who_wait_hold_no_thread():
    go = threading.Event()

    async def main() -> None:
        to_thread.current_default_thread_limiter().total_tokens = 1
        writers = Writers(at_once=1, queue=5)
        async with anyio.create_task_group() as tasks:
            for count in range(5):
                writers.require_room()
                tasks.start_soon(writers.run, go.wait)
                await until_wanting(writers, count + 1)
            with pytest.raises(TooManyWriters) as refused:
                writers.require_room()
            assert 1 <= refused.value.retry_after <= 30
            with anyio.fail_after(30):
                assert await to_thread.run_sync(lambda: "a page") == "a page"
            go.set()
        writers.require_room()

    anyio.run(main)


def test_a_text_that_nobody_reads_on_stands_in_nobodys_way():
    async def main() -> None:
        writers = Writers(at_once=1, queue=1)
        stopped = writers.lines(iter("ab"))
        assert await anext(stopped) == "a"
        writers.require_room()
        assert [line async for line in writers.lines(iter("cd"))] == ["c", "d"]
        assert await anext(stopped) == "b"

    anyio.run(main)


def test_a_turn_that_fails_or_is_given_up_is_free_again():
    async def main() -> None:
        writers, go = Writers(at_once=1, queue=2), threading.Event()
        with pytest.raises(ZeroDivisionError):
            await writers.run(lambda: 1 // 0)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(writers.run, go.wait)
            await until_wanting(writers, 1)
            with anyio.move_on_after(0):  # a browser that goes while its text waits
                await writers.run(lambda: None)
            assert writers.wanting == 1
            go.set()
        assert writers.wanting == 0

    anyio.run(main)


def test_the_longer_turns_take_the_later_it_is_worth_coming_back():
    async def retry_after(seconds: float) -> int:
        clock = iter([0.0, seconds] * 40)
        writers, go = Writers(at_once=1, queue=4, clock=lambda: next(clock)), threading.Event()
        for _ in range(30):
            await writers.run(lambda: None)
        async with anyio.create_task_group() as tasks:
            for _ in range(4):
                tasks.start_soon(writers.run, go.wait)
            await until_wanting(writers, 4)
            try:
                with pytest.raises(TooManyWriters) as refused:
                    writers.require_room()
            finally:
                go.set()
        return refused.value.retry_after

    assert anyio.run(retry_after, 0.01) == 1
    assert anyio.run(retry_after, 2.0) == 8
    assert anyio.run(retry_after, 99.0) == 30
