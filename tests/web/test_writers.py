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
            got[name].extend([line async for line in writers.admit().lines(text(name))])

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
                writers.admit()
                tasks.start_soon(writers.run, go.wait)
                await until_wanting(writers, count + 1)
            with pytest.raises(TooManyWriters) as refused:
                writers.admit()
            assert 1 <= refused.value.retry_after <= 30
            with anyio.fail_after(30):
                assert await to_thread.run_sync(lambda: "a page") == "a page"
            go.set()
        writers.admit()

    anyio.run(main)


def test_a_text_that_nobody_reads_on_stands_in_nobodys_way():
    async def main() -> None:
        writers = Writers(at_once=1, queue=1)
        stopped = writers.admit().lines(iter("ab"))
        assert await anext(stopped) == "a"
        writers.admit()
        assert [line async for line in writers.admit().lines(iter("cd"))] == ["c", "d"]
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
                    writers.admit()
            finally:
                go.set()
        return refused.value.retry_after

    assert anyio.run(retry_after, 0.01) == 1
    assert anyio.run(retry_after, 2.0) == 8
    assert anyio.run(retry_after, 99.0) == 30


@pytest.mark.parametrize(
    "texts", [{"ann": 2, "bob": 1}, {"ann": 3, "bob": 1, "cat": 1}, {"ann": 3, "bob": 2, "cat": 1}], ids=str
)
def test_turns_go_round_people_and_not_round_their_texts(texts):
    """Two long texts of one person halve nobody's share to a third."""
    taken: list[str] = []

    def text(name: str) -> Iterator[None]:
        while len(taken) < 300:
            taken.append(name)
            yield

    async def main() -> None:
        writers = Writers(at_once=1)

        async def read(person: str) -> None:
            async for _ in writers.admit(person).lines(text(person)):
                pass

        async with anyio.create_task_group() as tasks:
            for person, count in texts.items():
                for _ in range(count):
                    tasks.start_soon(read, person)

    anyio.run(main)
    for person in texts:
        assert taken[:300].count(person) == pytest.approx(300 / len(texts), rel=0.05)


def test_a_person_has_two_texts_written_at_the_same_time_and_others_theirs():
    now = 0.0

    async def main() -> None:
        nonlocal now
        writers = Writers(at_once=1, clock=lambda: now)
        first, second = (writers.admit("ann", 2).lines(iter("abc")) for _ in range(2))
        assert (await anext(first), await anext(second)) == ("a", "a")
        with pytest.raises(TooManyWriters) as refused:
            writers.admit("ann", 2)
        assert (refused.value.of_person, refused.value.retry_after) == (2, 1)
        writers.admit("bob", 2)
        for _ in range(5):
            writers.admit(None)  # no limit
        assert [line async for line in first] == ["b", "c"]  # whole
        third = writers.admit("ann", 2)
        with pytest.raises(TooManyWriters):
            writers.admit("ann", 2)
        third.close()
        now = 10.0  # and the second has been stopped by its reader meanwhile
        writers.admit("ann", 2)
        writers.admit("ann", 2)

    anyio.run(main)


def test_a_person_who_waits_for_a_turn_counts_however_long():
    async def main() -> None:
        now, go = [0.0], threading.Event()
        writers = Writers(at_once=1, clock=lambda: now[0])
        text = writers.admit("ann", 1)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(writers.run, go.wait)
            await until_wanting(writers, 1)
            tasks.start_soon(text.run, int)
            await until_wanting(writers, 2)
            now[0] = 99.0
            with pytest.raises(TooManyWriters):
                writers.admit("ann", 1)
            go.set()

    anyio.run(main)
