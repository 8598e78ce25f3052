"""Who is who: names, the teacher's key, the code of the class."""

import stat

import pytest

from playground.access import Sharing
from playground.errors import ConfigError, NotAllowed, StoreDamaged
from playground.records import MACHINE, NOBODY, Person
from playground.runs.classroom import KEY_FILE, Classroom
from playground.server_settings import ServerSettings

MEI, ALI, BO = "a" * 32, "b" * 32, "c" * 32


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def class_of(store, clock):
    def make(**settings) -> Classroom:
        return Classroom(store, is_class=True, settings=ServerSettings(**settings), clock=clock)

    return make


def test_on_a_server_for_one_person_everybody_owns_the_machine(store):
    alone = Classroom(store, settings=ServerSettings(sharing="private", join_code="8472"))
    assert alone.person(None) is alone.person(MEI) is MACHINE
    assert alone.sharing is Sharing.PUBLIC and alone.teacher_key is None
    assert not alone.needs_code(MACHINE)
    assert not (store.directory / KEY_FILE).exists()


def test_in_a_class_whoever_is_not_told_is_nobody(class_of):
    room = class_of()
    assert room.person(None) is NOBODY and not room.person(MEI).is_teacher
    with pytest.raises(NotAllowed, match="keeps no cookie"):
        room.rename(NOBODY, "Mei")


def test_a_name_can_be_chosen_changed_and_taken_back(class_of):
    room = class_of()
    for name, kept in (
        ("  Mei\n Lin ", "Mei Lin"),
        ("小雨", "小雨"),
        ("<b>x</b>", "<b>x</b>"),
        ("a\u202eb", "ab"),
        ("", ""),
    ):
        room.rename(room.person(MEI), name)
        assert room.person(MEI).name == kept
    with pytest.raises(ConfigError, match="31 characters; give one of up to 30"):
        room.rename(room.person(MEI), "x" * 31)


def test_people_are_counted_as_they_come_and_keep_their_number(class_of, store):
    room = class_of()
    assert room.person(MEI).number is None
    for id in (MEI, ALI, MEI):
        store.people.note(id)
    assert [person.number for person in room.everybody().values()] == [1, 2]
    room.rename(room.person(ALI), "Ali")
    assert room.person(ALI).number == 2


def test_two_people_of_one_name_are_told_apart_by_who_came_first(class_of):
    room = class_of()
    for id, name in ((MEI, "Anna"), (ALI, "Anna"), (BO, "Anna (2)")):
        room.rename(room.person(id), name)
    assert [person.name for person in room.everybody().values()] == ["Anna", "Anna (3)", "Anna (2)"]
    assert [room.has_namesake(room.person(id)) for id in (MEI, ALI, BO)] == [True, True, False]
    assert room.person(ALI).name == "Anna"  # as they chose it
    room.rename(room.person(MEI), "")
    assert room.everybody()[ALI].name == "Anna" and not room.has_namesake(room.person(ALI))
    assert not room.has_namesake(room.person(MEI))  # none has no name at all


def test_the_key_is_made_once_and_only_its_owner_reads_its_file(class_of, store):
    key = class_of().teacher_key
    assert len(key) >= 20 and class_of().teacher_key == key
    assert stat.S_IMODE((store.directory / KEY_FILE).stat().st_mode) & 0o077 == 0
    assert class_of(teacher_key="chosen-by-hand").teacher_key == "chosen-by-hand"


def test_the_key_makes_a_teacher_until_there_is_another_key(class_of):
    room = class_of(teacher_key="chosen-by-hand")
    with pytest.raises(NotAllowed, match="not the teacher's key"):
        room.become_teacher(room.person(MEI), "chosen-by-han")
    assert not room.person(MEI).is_teacher
    room.become_teacher(room.person(MEI), " chosen-by-hand ")
    assert room.person(MEI).is_teacher and not room.person(ALI).is_teacher
    assert not class_of(teacher_key="another-one").person(MEI).is_teacher
    room.leave_teaching(room.person(MEI))
    assert not room.person(MEI).is_teacher


@pytest.mark.parametrize("key", ["", "é" * 20, "\ud800", "x" * 10_000])
def test_any_text_may_be_tried_as_a_key(class_of, key):
    room = class_of()
    with pytest.raises(NotAllowed):
        room.become_teacher(room.person(MEI), key)


def test_attempts_are_limited_by_person_and_then_may_go_on(class_of, clock):
    room = class_of(teacher_key="chosen-by-hand")
    for _ in range(5):
        with pytest.raises(NotAllowed, match="not the teacher's key"):
            room.become_teacher(room.person(MEI), "wrong")
        clock.now += 1
    with pytest.raises(NotAllowed, match="Try again in 56 s"):
        room.become_teacher(room.person(MEI), "chosen-by-hand")
    room.become_teacher(room.person(ALI), "chosen-by-hand")
    clock.now += 60
    room.become_teacher(room.person(MEI), "chosen-by-hand")
    assert room.person(MEI).is_teacher


def test_attempts_are_limited_whoever_makes_them(class_of, clock):
    room = class_of(teacher_key="chosen-by-hand")
    for n in range(60):
        with pytest.raises(NotAllowed, match="not the teacher's key"):
            room.become_teacher(room.person(f"{n:032x}"), "wrong")
    with pytest.raises(NotAllowed, match="too many attempts"):
        room.become_teacher(room.person(MEI), "chosen-by-hand")


def test_a_class_with_a_code_asks_everybody_but_its_teacher(class_of):
    room = class_of(join_code="Rain-84", teacher_key="chosen-by-hand")
    assert room.needs_code(NOBODY) and room.needs_code(room.person(MEI))
    with pytest.raises(NotAllowed, match="not the code"):
        room.join(room.person(MEI), "rain")
    room.join(room.person(MEI), " rain-84 ")
    assert not room.needs_code(room.person(MEI)) and room.needs_code(room.person(ALI))
    room.become_teacher(room.person(ALI), "chosen-by-hand")
    assert not room.needs_code(room.person(ALI))
    assert class_of(join_code="other").needs_code(room.person(MEI))
    assert not class_of().needs_code(room.person(MEI))


def test_only_wrong_keys_are_counted_and_codes_apart_from_keys(class_of):
    room = class_of(teacher_key="chosen-by-hand", join_code="Rain-84")
    for _ in range(9):
        room.become_teacher(room.person(MEI), "chosen-by-hand")
        room.leave_teaching(room.person(MEI))
    for _ in range(5):
        with pytest.raises(NotAllowed, match="not the code"):
            room.join(room.person(MEI), "wrong")
    with pytest.raises(NotAllowed, match="too many attempts"):
        room.join(room.person(MEI), "Rain-84")  # a right one tells nothing then
    room.become_teacher(room.person(MEI), "chosen-by-hand")
    assert room.person(MEI).is_teacher


def test_white_space_around_a_chosen_key_or_code_is_none_of_it(class_of):
    room = class_of(teacher_key="  chosen-by-hand ", join_code=" Rain-84\n")
    assert room.teacher_key == "chosen-by-hand" and not room.has_own_key
    room.become_teacher(room.person(MEI), "chosen-by-hand")
    room.join(room.person(ALI), "rain-84")
    assert not room.needs_code(room.person(ALI))


def test_who_is_who_outlives_a_table_that_cannot_be_read(class_of, store, monkeypatch):
    room = class_of(teacher_key="chosen-by-hand", join_code="Rain-84")
    room.become_teacher(room.person(MEI), "chosen-by-hand")
    assert room.person(MEI).is_teacher

    def damaged(*args):
        raise StoreDamaged("a page of it cannot be read")

    for name in ("get", "all", "has_joined"):
        monkeypatch.setattr(store.people, name, damaged)
    assert room.person(MEI).is_teacher and room.person(ALI) == Person(ALI)
    assert set(room.everybody()) == {MEI}
    assert room.needs_code(room.person(ALI)) and not room.needs_code(room.person(MEI))
