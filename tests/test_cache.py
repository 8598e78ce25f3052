"""Answers that are computed once."""

from __future__ import annotations

import threading

import pytest

from playground.cache import Cache
from tests.helpers import until


def test_the_same_question_is_answered_once_and_the_oldest_answer_goes_first():
    asked: list[str] = []
    kept: Cache[str] = Cache(2)

    def ask(word: str) -> str:
        return kept.get(word, lambda: asked.append(word) or word.upper())

    assert [ask(word) for word in "aab"] == ["A", "A", "B"]
    ask("a")
    ask("c")  # b was asked for longest ago
    ask("a")
    ask("b")
    assert asked == ["a", "b", "c", "b"]


def test_thirty_who_ask_at_once_wait_for_one_answer():
    begun, go, asked = threading.Event(), threading.Event(), []
    kept: Cache[int] = Cache(4)

    def answer() -> int:
        asked.append(1)
        begun.set()
        assert go.wait(30)
        return 7

    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(kept.get("x", answer)), daemon=True) for _ in range(30)
    ]
    for thread in threads:
        thread.start()
    assert begun.wait(30)
    go.set()
    until(lambda: len(found) == 30)
    assert (found, asked) == ([7] * 30, [1])


def test_what_is_too_large_is_given_but_not_kept():
    kept: Cache[str] = Cache(3, len)
    assert [kept.get("long", lambda: "four") for _ in range(2)] == ["four", "four"]
    assert kept.get("long", lambda: "new") == "new"


def test_an_error_is_not_kept_and_lets_the_next_one_try():
    kept: Cache[int] = Cache(3)
    with pytest.raises(ZeroDivisionError):
        kept.get("x", lambda: 1 // 0)
    assert kept.get("x", lambda: 1) == 1
