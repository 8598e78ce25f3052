"""Whose a text is, to whom it is offered, and who may remove it."""

import json
import threading

import pytest

from playground.access import Sharing
from playground.errors import CorpusError, LimitReached, NotAllowed
from playground.records import MACHINE, NOBODY, Person, RunStatus
from playground.runs.personal_texts import PersonalTexts
from playground.text.corpora import TIME_MACHINE
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


def test_at_the_limit_what_is_ones_own_already_and_the_book_may_be_added(texts_of, store, time_machine):
    first = texts_of(MEI).add("1", some_text(seed=1)).id
    store.settings.put({"texts_per_person": 1})
    assert texts_of(MEI).add("again", some_text(seed=1)).id == first
    assert texts_of(MEI).add("book", time_machine.text).id == TIME_MACHINE
    texts_of(MACHINE).add("everybody's", some_text(seed=2))
    texts_of(MEI).add("everybody's", some_text(seed=2))
    with pytest.raises(LimitReached):
        texts_of(MEI).add("2", some_text(seed=3))
    assert len(own_ids(texts_of(MACHINE))) == 2  # nothing was kept of the one that was refused


def test_many_who_add_one_text_at_the_same_moment_all_have_it(texts_of):
    people = [Person(f"p{n}") for n in range(16)]
    start = threading.Barrier(len(people))

    def add(person):
        start.wait(30)
        texts_of(person).add("Rain", some_text())

    for seed in range(3):
        threads = [threading.Thread(target=add, args=(person,)) for person in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(own_ids(texts_of(person)) for person in people), seed
        texts_of(MACHINE).remove(next(iter(own_ids(texts_of(MACHINE)))))
        start.reset()


def test_who_may_not_look_at_a_reader_is_not_told_its_name(store):
    private = PersonalTexts(store, MEI, Sharing.PRIVATE)
    id = private.add("Rain", some_text()).id
    private.share(id, True)
    run = store.create(tiny_config(corpus=id), "Secret", ALI.id)
    with pytest.raises(CorpusError, match=r"'Rain' stays: runs of other people read it \(1\)"):
        private.remove(id)
    with pytest.raises(CorpusError, match="'Secret' reads it"):
        PersonalTexts(store, TEACHER, Sharing.PRIVATE).remove(id)
    store.set_status(run.id, RunStatus.STOPPED)
    store.hide(run.id)
    for person in (MEI, TEACHER):
        with pytest.raises(CorpusError, match=r"deleted just now \(1\), and that can still be undone"):
            PersonalTexts(store, person, Sharing.PRIVATE).remove(id)
    store.remove_hidden(0.0)
    private.remove(id)


def test_where_runs_are_private_so_are_the_titles_of_texts(store):
    id = PersonalTexts(store, MEI, Sharing.PRIVATE).add("Rain", some_text()).id
    others = PersonalTexts(store, ALI, Sharing.PRIVATE)
    assert others.title(id) == id and id not in others.titles() and not others.is_offered(id)
    assert PersonalTexts(store, TEACHER, Sharing.PRIVATE).titles()[id] == "Rain"
    PersonalTexts(store, MEI, Sharing.PRIVATE).share(id, True)
    assert others.title(id) == "Rain" and others.is_offered(id)


def test_a_text_that_looks_the_same_is_told_among_those_that_are_offered(texts_of):
    composed, taken_apart = ("Caf\u00e9 au lait. " * 40, "Cafe\u0301 au lait. " * 40)
    hidden = texts_of(MEI).add("hidden", composed)
    mine = texts_of(ALI).add("mine", taken_apart)
    assert texts_of(ALI).same_but_form(mine) is None
    assert texts_of(MEI).same_but_form(hidden) is None
    assert texts_of(TEACHER).same_but_form(mine).id == hidden.id


def test_only_a_teacher_repairs_texts(texts_of, store):
    id = texts_of(MEI).add("Rain", some_text()).id
    (store.library.directory / f"{id}.json").write_text("{")
    with pytest.raises(NotAllowed, match="Only the teacher can repair"):
        texts_of(MEI).repair()
    titles, left = texts_of(TEACHER).repair()
    assert len(titles) == 1 and left == 0 and texts_of(TEACHER).damaged() == []


def test_a_text_that_somebody_adds_while_it_is_removed_is_theirs(texts_of, store, monkeypatch):
    id = texts_of(MEI).add("Rain", some_text()).id
    adding = threading.Thread(target=lambda: texts_of(ALI).add("My rain", some_text()))
    unread = store._require_unread

    def meanwhile(*args):
        adding.start()  # it has to wait until the text is gone, and then adds it anew
        unread(*args)

    monkeypatch.setattr(store, "_require_unread", meanwhile)
    texts_of(MEI).remove(id)
    adding.join(30)
    assert own_ids(texts_of(MEI)) == set() and own_ids(texts_of(ALI)) == {id}
    assert texts_of(ALI).load(id).text == some_text()
