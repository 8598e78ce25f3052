"""Lessons are numbered, and each leads to the next."""

from __future__ import annotations

import pytest

from pages.shared.site import PAGES, lessons_in_order
from tests.pages.helpers import linked, said

ORDER = lessons_in_order()


def links(app) -> list[str]:
    return [link.proto.label for link in app.get("page_link")]


def buttons(app) -> list[str]:
    return [button.label for button in app.button]


@pytest.mark.parametrize(
    ("page_name", "view"), [("basics", "zipf"), ("gradients", "cliff"), ("directions", "blanks")]
)
def test_a_lesson_tells_its_place_and_has_a_way_on_and_back(page, page_name, view):
    app = page(page_name, view=view)
    titles = PAGES[page_name].lessons
    n = list(titles).index(view) + 1
    assert f"Lesson {n} of {len(titles)} · {titles[view]}" in said(app)
    before, after = ORDER[ORDER.index((page_name, view)) - 1], ORDER[ORDER.index((page_name, view)) + 1]
    assert f"Previous: {titles[before[1]]}" in buttons(app)
    assert f"Next: {titles[after[1]]}" in buttons(app)
    app.button(key="lesson_next").click().run()
    assert linked(app)["view"] == after[1]
    assert f"Lesson {n + 1} of {len(titles)} · " in said(app)
    app.button(key="lesson_previous").click().run()
    assert linked(app)["view"] == view


def test_where_a_page_ends_the_next_one_begins(page):
    assert "Next: Gradients · Clipping" in links(page("basics", view="partitioning"))
    app = page("gradients")
    assert "Previous: Basics · Partitioning" in links(app)
    assert "Next: The cliff" in buttons(app)
    last = page("directions", view="features")
    assert not any(label.startswith("Next") for label in links(last) + buttons(last))
    first = page("basics")
    assert not any(label.startswith("Previous") for label in links(first) + buttons(first))


@pytest.mark.parametrize("name", ["basics", "gradients", "directions"])
def test_every_lesson_that_is_named_is_drawn(page, name):
    for view in PAGES[name].lessons:
        assert not page(name, view=view).exception
