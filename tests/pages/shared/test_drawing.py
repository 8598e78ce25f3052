"""A few pages are drawn at a time, in the order in which they came, and a slow one holds nobody up."""

from __future__ import annotations

import threading

import pytest
from streamlit.runtime.scriptrunner import RerunData, RerunException

from pages.shared.drawing import Drawing
from tests.helpers import until


class Crowd:
    """Pages that are drawn until they are told to end, each by a thread of its own."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing
        self.begun: list[int] = []
        self.ends: dict[int, threading.Event] = {}
        self.threads: list[threading.Thread] = []

    def come(self, page: int) -> None:
        self.ends[page] = threading.Event()
        thread = threading.Thread(target=self._draw, args=(page,), daemon=True)
        self.threads.append(thread)
        before = len(self.drawing._waiting) + len(self.begun)
        thread.start()
        until(lambda: len(self.drawing._waiting) + len(self.begun) > before)

    def _draw(self, page: int) -> None:
        with self.drawing.turn():
            self.begun.append(page)
            self.ends[page].wait(30)

    def end(self) -> None:
        for event in self.ends.values():
            event.set()
        for thread in self.threads:
            thread.join(30)


@pytest.fixture
def crowd():
    made = Crowd(Drawing(at_once=2, long_seconds=600.0))
    yield made
    made.end()


def test_two_are_drawn_at_a_time_and_the_others_in_the_order_in_which_they_came(crowd):
    for page in range(6):
        crowd.come(page)
    assert sorted(crowd.begun) == [0, 1]
    for ends, begins in ((1, 2), (2, 3), (0, 4), (4, 5)):
        crowd.ends[ends].set()
        until(lambda page=begins: page in crowd.begun)
        assert crowd.begun[-1] == begins


def test_a_page_that_takes_long_does_not_hold_up_the_others():
    crowd = Crowd(Drawing(at_once=1, long_seconds=0.05))
    for page in range(3):
        crowd.come(page)
    until(lambda: crowd.begun == [0, 1, 2])  # although none of them ends
    crowd.end()


def test_a_page_that_fails_gives_its_place_back():
    drawing = Drawing(at_once=1, long_seconds=600.0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), drawing.turn():
            raise ZeroDivisionError
    assert not drawing._begun and not drawing._waiting


def test_a_page_that_is_drawn_anew_at_once_keeps_its_place_before_those_that_came_later():
    drawing, order = Drawing(at_once=1, long_seconds=600.0), []

    def moved():  # its control was moved while it waited: its first turn ends at once
        for attempt in range(2):
            try:
                with drawing.turn():
                    order.append(f"moved {attempt}")
                    if attempt == 0:
                        until(lambda: len(drawing._waiting) == 2)
                        raise RerunException(RerunData())
            except RerunException:
                pass

    def other():
        with drawing.turn():
            order.append("other")

    first = threading.Thread(target=moved)
    first.start()
    until(lambda: order)
    others = [threading.Thread(target=other) for _ in range(2)]
    for thread in (*others,):
        thread.start()
    for thread in (first, *others):
        thread.join(30)
    assert order == ["moved 0", "moved 1", "other", "other"]
