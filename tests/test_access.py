"""The table of rights, cell by cell."""

import pytest

from playground.access import RIGHTS, Action, Relation, Sharing, may, relation, require, require_teacher
from playground.errors import NotAllowed, RunPrivate
from playground.records import MACHINE, NOBODY, Person

MEI, ALI, TEACHER = Person("mei"), Person("ali"), Person("ms-li", is_teacher=True)
EVERYBODYS = (Action.LOOK, Action.WRITE, Action.COPY)
SERVERS = (
    Action.LIMIT,
    Action.REPAIR,
    Action.WALL,
    Action.PAUSE_ALL,
    Action.PRESENT,
    Action.CHALLENGE,
)
TEACHERS = (Action.HAND_OVER, *SERVERS)
OWNERS = tuple(action for action in Action if action not in (*EVERYBODYS, *TEACHERS))


def test_every_action_has_a_row():
    assert set(RIGHTS) == set(Action)
    assert len(OWNERS) == 8


@pytest.mark.parametrize("sharing", Sharing)
@pytest.mark.parametrize("action", Action)
def test_each_cell(action, sharing):
    def who_may(owner):
        return {
            name
            for name, person in {
                "mei": MEI,
                "ali": ALI,
                "teacher": TEACHER,
                "machine": MACHINE,
                "nobody": NOBODY,
            }.items()
            if may(person, action, owner, sharing)
        }

    everybody = {"mei", "ali", "teacher", "machine", "nobody"}
    teachers = {"teacher", "machine"}
    if action in EVERYBODYS:
        expected = everybody if sharing is Sharing.PUBLIC else {"mei"} | teachers
        of_machine = everybody if sharing is Sharing.PUBLIC else teachers
    elif action in TEACHERS:
        expected = of_machine = teachers
    else:
        expected, of_machine = {"mei"} | teachers, teachers
    assert who_may("mei") == expected
    assert who_may(None) == of_machine
    assert who_may("") == (
        of_machine if action not in EVERYBODYS or sharing is Sharing.PRIVATE else everybody
    )


def test_what_somebody_is_to_a_run():
    assert relation(MEI, "mei") is Relation.OWNER
    assert relation(MEI, None) is relation(NOBODY, "") is relation(NOBODY, None) is Relation.OTHER
    assert relation(TEACHER, "mei") is relation(MACHINE, None) is relation(MACHINE, "mei") is Relation.TEACHER


@pytest.mark.parametrize("action", [action for action in Action if action not in EVERYBODYS])
def test_a_refusal_is_a_sentence_of_its_own(action):
    with pytest.raises(NotAllowed) as refused:
        require(ALI, action, "mei", "Rain")
    assert str(refused.value).endswith(".") and "{" not in str(refused.value)
    assert action in SERVERS or "'Rain'" in str(refused.value)


def test_a_private_run_is_not_even_named():
    with pytest.raises(RunPrivate) as refused:
        require(ALI, Action.STOP, "mei", "Rain", Sharing.PRIVATE)
    assert "Rain" not in str(refused.value)


@pytest.mark.parametrize("action", SERVERS)
def test_what_concerns_the_whole_server_is_the_teachers(action):
    for person in (MEI, NOBODY):
        with pytest.raises(NotAllowed) as refused:
            require_teacher(person, action)
        assert str(refused.value).startswith("Only the teacher")
    for person in (TEACHER, MACHINE):
        require_teacher(person, action)
