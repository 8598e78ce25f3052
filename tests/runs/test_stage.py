"""What a teacher shows to everybody."""

import pytest

from playground.errors import ConfigError, NotAllowed
from playground.records import MACHINE, NOBODY, Person
from playground.runs.classroom import Classroom
from playground.runs.stage import MOST_CHARACTERS, SECONDS, Stage
from playground.server_settings import ServerSettings
from tests.helpers import Clock

TEACHER = Person("ms-li", is_teacher=True)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def stage(store, clock):
    return Stage(Classroom(store, is_class=True), clock=clock)


def test_what_is_shown_is_shown_until_it_is_stopped(stage):
    assert stage.current() is None and stage.version == 0
    stage.show(TEACHER, "gates", {"run": "ab12", "lang": "zh", "teacher": "key"})
    shown = stage.current()
    assert (shown.who, shown.page, shown.words) == ("ms-li", "gates", {"run": "ab12"})
    first = stage.version
    stage.show(TEACHER, "write", {})
    assert stage.current().page == "write" and stage.version not in (0, first)
    stage.stop(TEACHER)
    assert stage.current() is None and stage.version == 0


def test_something_else_that_is_shown_by_now_is_not_stopped(stage):
    stage.show(TEACHER, "train", {"challenge": "ab12"})
    seen = stage.current()
    stage.show(TEACHER, "write", {})
    stage.stop(TEACHER, seen)
    assert stage.current().page == "write"
    stage.stop(TEACHER, stage.current())
    assert stage.current() is None


def test_it_ends_by_itself_after_an_hour(stage, clock):
    stage.show(TEACHER, "gates", {})
    clock.now += SECONDS - 1
    assert stage.version != 0
    clock.now += 1
    assert stage.version == 0 and stage.current() is None


@pytest.mark.parametrize("person", [NOBODY, Person("mei")])
def test_only_a_teacher_shows_and_stops(stage, person):
    with pytest.raises(NotAllowed, match="Only the teacher"):
        stage.show(person, "gates", {})
    stage.show(MACHINE, "gates", {})
    with pytest.raises(NotAllowed, match="Only the teacher"):
        stage.stop(person)
    assert stage.current() is not None


def test_an_address_that_is_too_long_is_refused_with_its_length(stage):
    with pytest.raises(ConfigError, match=str(MOST_CHARACTERS + 5)):
        stage.show(TEACHER, "write", {"text": "a" * (MOST_CHARACTERS + 1)})
    stage.show(TEACHER, "write", {"text": "a" * (MOST_CHARACTERS - 4)})


def test_where_runs_are_private_none_is_shown(store):
    stage = Stage(Classroom(store, is_class=True, settings=ServerSettings(sharing="private")))
    with pytest.raises(NotAllowed, match="seen by its owner"):
        stage.show(TEACHER, "gates", {"run": "ab12"})
    stage.show(TEACHER, "gates", {})
