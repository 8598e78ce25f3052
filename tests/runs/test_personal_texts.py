"""Whose a text is, to whom it is offered, and who may remove it."""

import json

import pytest

from playground.errors import CorpusError, LimitReached, NotAllowed
from playground.records import MACHINE, NOBODY, Person
from playground.runs.personal_texts import PersonalTexts
from playground.text.repair import repair_text
from tests.helpers import some_text, tiny_config

MEI, ALI, TEACHER = Person("mei"), Person("ali"), Person("ms-li", is_teacher=True)


@pytest.fixture
def texts_of(store):
    return lambda person: PersonalTexts(store, person)


def own_ids(texts) -> set[str]:
    return {info.id for info in texts.all() if info.id.startswith("text-")}


def test_a_text_is_offered_to_whoever_added_it_and_the_teacher(texts_of):
    id = texts_of(MEI).add("Rain", some_text()).id
    assert [own_ids(texts_of(person)) for person in (MEI, TEACHER, MACHINE)] == [{id}] * 3
    assert own_ids(texts_of(ALI)) == own_ids(texts_of(NOBODY)) == set()
    assert texts_of(MEI).load(id).title == "Rain"
    with pytest.raises(NotAllowed, match="not shared"):
        texts_of(ALI).load(id)
    assert texts_of(ALI).title(id) == "Rain"


def test_sharing_offers_it_to_everybody_until_it_is_taken_back(texts_of):
    id = texts_of(MEI).add("Rain", some_text()).id
    with pytest.raises(NotAllowed, match="only they and the teacher"):
        texts_of(ALI).share(id, True)
    texts_of(MEI).share(id, True)
    assert own_ids(texts_of(ALI)) == own_ids(texts_of(NOBODY)) == {id}
    assert texts_of(ALI).own() == []
    texts_of(TEACHER).share(id, False)
    assert own_ids(texts_of(ALI)) == set()


def test_the_machines_own_texts_are_everybodys(texts_of, text_id):
    assert own_ids(texts_of(ALI)) == {text_id}
    with pytest.raises(NotAllowed):
        texts_of(ALI).remove(text_id)
    texts_of(ALI).add("Mine", some_text())
    assert own_ids(texts_of(MEI)) == {text_id}


def test_a_text_that_two_have_added_stays_the_others(texts_of):
    id = texts_of(MEI).add("Rain", some_text()).id
    assert texts_of(ALI).add("My rain", some_text()).title == "Rain"
    texts_of(MEI).remove(id)
    assert own_ids(texts_of(MEI)) == set() and own_ids(texts_of(ALI)) == {id}
    texts_of(ALI).remove(id)
    assert own_ids(texts_of(TEACHER)) == set()


def test_a_text_that_a_run_reads_stays(texts_of, store):
    id = texts_of(MEI).add("Rain", some_text()).id
    store.create(tiny_config(corpus=id), "Reader", MEI.id)
    with pytest.raises(CorpusError, match="'Reader' reads it"):
        texts_of(MEI).remove(id)
    with pytest.raises(NotAllowed):
        texts_of(ALI).remove(id)


def test_a_person_adds_so_many_texts_and_no_more(texts_of, store):
    store.settings.put({"texts_per_person": 2})
    first = texts_of(MEI).add("1", some_text(seed=1)).id
    texts_of(MEI).add("2", some_text(seed=2))
    with pytest.raises(LimitReached, match=r"Texts that you have added: 2\. This server allows a person 2"):
        texts_of(MEI).add("3", some_text(seed=3))
    texts_of(ALI).add("3", some_text(seed=3))
    for seed in range(4, 8):
        texts_of(MACHINE).add("The machine's", some_text(seed=seed))
    texts_of(MEI).remove(first)
    texts_of(MEI).add("3", some_text(seed=3))


def test_nobody_adds_a_text(texts_of):
    with pytest.raises(NotAllowed, match="keeps no cookie"):
        texts_of(NOBODY).add("Rain", some_text())


@pytest.mark.parametrize(
    "owners", ['{"title": "Rain", "owners": "mei"}', '{"title": "Rain", "owners": [1, null]}']
)
def test_a_damaged_owner_makes_a_text_nobodys_and_not_everybodys(texts_of, store, owners):
    id = texts_of(MEI).add("Rain", some_text()).id
    (store.library.directory / f"{id}.json").write_text(owners)
    assert own_ids(texts_of(ALI)) == own_ids(texts_of(MEI)) == set()
    assert own_ids(texts_of(TEACHER)) == {id}


def test_a_repaired_text_does_not_become_everybodys(texts_of, store):
    id = texts_of(MEI).add("Rain", some_text()).id
    note = store.library.directory / f"{id}.json"
    whole = note.read_bytes()
    for kept in (len(whole) - 1, 20, 0):
        note.write_bytes(whole[:kept])
        assert repair_text(store.library.directory, id)
        assert json.loads(note.read_bytes())["owners"] == []
        assert own_ids(texts_of(ALI)) == own_ids(texts_of(MEI)) == set()
    note.unlink()
    assert repair_text(store.library.directory, id) and own_ids(texts_of(ALI)) == set()
