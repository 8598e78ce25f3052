"""Values that are computed once."""

from __future__ import annotations

import threading

import pytest

from playground.cache import Cache, Fresh
from tests.helpers import Clock, until


def test_the_same_key_is_computed_once_and_the_oldest_value_goes_first():
    computed: list[str] = []
    cache: Cache[str] = Cache(2)

    def get(word: str) -> str:
        return cache.get(word, lambda: computed.append(word) or word.upper())

    assert [get(word) for word in "aab"] == ["A", "A", "B"]
    get("a")
    get("c")  # b was asked for longest ago
    get("a")
    get("b")
    assert computed == ["a", "b", "c", "b"]


def test_thirty_who_ask_at_once_wait_for_one_value():
    begun, go, computed = threading.Event(), threading.Event(), []
    cache: Cache[int] = Cache(4)

    def compute() -> int:
        computed.append(1)
        begun.set()
        assert go.wait(30)
        return 7

    values: list[int] = []
    threads = [
        threading.Thread(target=lambda: values.append(cache.get("x", compute)), daemon=True)
        for _ in range(30)
    ]
    for thread in threads:
        thread.start()
    assert begun.wait(30)
    go.set()
    until(lambda: len(values) == 30)
    assert (values, computed) == ([7] * 30, [1])


def test_caches_that_share_a_lock_compute_one_after_the_other():
    lock = threading.Lock()
    squares: Cache[bool] = Cache(2, lock=lock)
    cubes: Cache[bool] = Cache(2, lock=lock)
    assert squares.get("x", lock.locked)
    assert cubes.get("x", lock.locked)
    assert not lock.locked()


def test_what_is_too_large_is_given_but_not_kept():
    cache: Cache[str] = Cache(3, len)
    assert [cache.get("long", lambda: "four") for _ in range(2)] == ["four", "four"]
    assert cache.get("long", lambda: "new") == "new"


def test_an_error_is_not_kept_and_lets_the_next_one_try():
    cache: Cache[int] = Cache(3)
    with pytest.raises(ZeroDivisionError):
        cache.get("x", lambda: 1 // 0)
    assert cache.get("x", lambda: 1) == 1


def test_a_value_is_good_for_a_while_and_then_looked_for_anew():
    clock, looked = Clock(), []
    value = Fresh(lambda: looked.append(1) or len(looked), 2.0, clock)
    assert [value.get(), value.get()] == [1, 1]
    clock.now += 1.9
    assert value.get() == 1
    clock.now += 0.1
    assert value.get() == 2


def test_what_raised_is_looked_for_again():
    answers = iter([ValueError("now not"), 5])

    def look():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    value = Fresh(look, 60.0)
    with pytest.raises(ValueError, match="now not"):
        value.get()
    assert value.get() == value.get() == 5


def test_who_asks_while_it_is_looked_for_takes_what_comes_of_that():
    for answer in (5, ValueError("locked")):
        looks, go, got = [], threading.Event(), []

        def look(answer=answer, looks=looks, go=go):
            looks.append(1)
            assert go.wait(30)
            if isinstance(answer, Exception):
                raise answer
            return answer

        value = Fresh(look, 60.0)

        def ask(value=value, got=got):
            try:
                got.append(value.get())
            except ValueError as error:
                got.append(error)

        threads = [threading.Thread(target=ask) for _ in range(8)]
        threads[0].start()
        until(lambda looks=looks: looks)
        for thread in threads[1:]:
            thread.start()
        until(lambda threads=threads: all(t.is_alive() for t in threads))
        assert got == []
        go.set()
        for thread in threads:
            thread.join(30)
        assert got == [answer] * 8
        if not isinstance(answer, Exception):
            assert len(looks) == 1
