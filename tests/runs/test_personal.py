"""What one person may see and do: asked where it happens, whatever a page has drawn."""

import pytest

from playground.access import Action
from playground.errors import NotAllowed, RunNotFound, RunPrivate, RunStateError
from playground.records import RunStatus
from playground.runs.deletions import Deletions
from tests.helpers import tiny_config, until
from tests.people import ALI, MEI, TEACHER


@pytest.fixture
def training(text_id):
    """A set-up that trains until somebody stops it."""
    return tiny_config(corpus=text_id, epochs="off")


def begun(server, id):
    until(lambda: server.manager.store.get(id).status is RunStatus.RUNNING)
    return id


def test_a_run_is_whoever_starts_it(class_of, text_id):
    server = class_of()
    run = server.runs_of(MEI).start(tiny_config(corpus=text_id, epochs=1))
    assert run.owner == MEI and server.classroom.person(MEI).number is not None
    assert server.manager.start(tiny_config(corpus=text_id, epochs=1)).owner is None
    with pytest.raises(NotAllowed, match="keeps no cookie"):
        server.runs_of(None).start(tiny_config(corpus=text_id, epochs=1))


OTHERS = {
    "stop": lambda here, run_id: here.stop(run_id),
    "pause": lambda here, run_id: here.pause(run_id),
    "resume": lambda here, run_id: here.resume(run_id),
    "rename": lambda here, run_id: here.rename(run_id, "Taken"),
    "delete": lambda here, run_id: here.delete(run_id),
    "clip": lambda here, run_id: here.clip(run_id, 0.5),
    "twin": lambda here, run_id: here.start_twin(here.get(run_id), here.get(run_id).config),
    "hand over": lambda here, run_id: here.hand_over(run_id, here.person.id),
}


@pytest.mark.parametrize(("asks", "told"), [(MEI, None), (TEACHER, "Your teacher stopped it.")])
@pytest.mark.parametrize("when", ["it trains", "it waits"])
def test_whoever_else_stops_a_run_its_owner_is_told_until_it_goes_on(class_of, training, asks, told, when):
    server = class_of()
    first = begun(server, server.runs_of(MEI).start(training).id)
    id = first if when == "it trains" else server.runs_of(MEI).start(training).id
    server.runs_of(asks).stop(id)
    run = server.manager.wait(id, 60)
    assert run.status is RunStatus.STOPPED and (run.reason and str(run.reason)) == told
    server.runs_of(MEI).resume(id)
    assert server.manager.store.get(id).reason is None
    server.runs_of(MEI).stop(id)


@pytest.mark.parametrize("asks", [ALI, None], ids=["another", "nobody"])
@pytest.mark.parametrize("what", OTHERS)
def test_somebody_else_is_refused_and_nothing_happens(class_of, training, what, asks):
    server = class_of()
    id = begun(server, server.runs_of(MEI).start(training).id)
    before = server.manager.store.get(id)
    with pytest.raises(NotAllowed):
        OTHERS[what](server.runs_of(asks), id)
    after = server.manager.store.get(id)
    assert (after.status, after.name, after.owner, after.max_grad_norm) == (
        before.status,
        before.name,
        MEI,
        before.max_grad_norm,
    )
    assert len(server.manager.store.all()) == 1


@pytest.mark.parametrize("asks", [MEI, TEACHER], ids=["owner", "teacher"])
def test_owner_and_teacher_do_all_of_it(class_of, training, asks):
    server = class_of()
    id = begun(server, server.runs_of(MEI).start(training).id)
    here = server.runs_of(asks)
    here.clip(id, 0.5)
    here.pause(id)
    until(lambda: here.get(id).status is RunStatus.PAUSED)
    here.resume(id)
    here.rename(id, "Rain")
    here.stop(id)
    server.manager.wait(id, 30)
    assert here.get(id).name == "Rain" and here.get(id).max_grad_norm == 0.5
    assert here.delete(id)
    assert here.all() == []
    here.undo_delete(id)
    assert here.get(id).owner == MEI


def test_everybody_may_look_where_runs_are_shared(class_of, training):
    server = class_of()
    id = begun(server, server.runs_of(MEI).start(training).id)
    for asks in (MEI, ALI, None, TEACHER):
        here = server.runs_of(asks)
        assert here.get(id).id == id and [run.id for run in here.all()] == [id]
        assert here.vocab(id) is not None
        assert here.may(Action.WRITE, here.get(id))


def test_where_runs_are_private_others_do_not_even_find_them(class_of, training):
    server = class_of(sharing="private")
    id = begun(server, server.runs_of(MEI).start(training).id)
    until(server.manager.store.with_weights)
    for asks in (ALI, None):
        here = server.runs_of(asks)
        assert here.all() == here.with_weights() == here.everything() == []
        for look in (here.get, here.vocab, here.checkpoints, here.newest_checkpoint, here.export):
            with pytest.raises(RunPrivate):
                look(id)
        with pytest.raises(RunPrivate):
            here.stop(id)
    for asks in (MEI, TEACHER):
        assert [run.id for run in server.runs_of(asks).with_weights()] == [id]


def test_a_teacher_hands_a_run_over_to_whoever_lost_their_cookie(class_of, training):
    server = class_of()
    id = begun(server, server.runs_of(MEI).start(training).id)
    with pytest.raises(RunNotFound, match="nobody of this name"):
        server.runs_of(TEACHER).hand_over(id, "d" * 32)
    server.classroom.rename(server.classroom.person(ALI), "Mei again")
    server.runs_of(TEACHER).hand_over(id, ALI)
    with pytest.raises(NotAllowed):
        server.runs_of(MEI).stop(id)
    server.runs_of(ALI).stop(id)
    assert server.manager.wait(id, 30).owner == ALI


def test_a_damaged_run_is_the_teachers_to_remove(class_of, store):
    server = class_of()
    id = store.create(tiny_config(), "Rain", MEI).id
    with store._database.write() as db:
        db.execute("UPDATE runs SET status = 'dancing' WHERE id = ?", (id,))
    assert server.runs_of(MEI).everything() == []
    with pytest.raises(NotAllowed):
        server.runs_of(MEI).delete(id)
    assert [run.id for run in server.runs_of(TEACHER).everything()] == [id]
    server.runs_of(TEACHER).delete(id)
    assert server.runs_of(TEACHER).everything() == []


# deletions ------------------------------------------------------------------------------------------


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def ended(store, name="Rain", owner=None):
    id = store.create(tiny_config(), name, owner).id
    store.set_status(id, RunStatus.STOPPED)
    (store.run_directory(id)).mkdir(parents=True)
    return id


def test_a_deleted_run_is_out_of_sight_and_comes_back(store):
    store._clock = clock = Clock()
    deletions = Deletions(store)
    id = ended(store)
    assert deletions.delete(id)
    assert store.all() == [] and store.run_directory(id).exists()
    for look in (store.get, store.rewind, store.history):
        with pytest.raises(RunNotFound):
            look(id)
    clock.now += 59
    deletions.undo(id)
    assert store.get(id).name == "Rain"
    deletions.close()


def test_a_minute_later_it_is_gone_for_good(store):
    store._clock = clock = Clock()
    first, second = ended(store), ended(store)
    store.hide(first)
    clock.now += 40
    store.hide(second)
    assert store.remove_hidden(60) == 20
    assert store.run_directory(first).exists()
    clock.now += 20
    assert store.remove_hidden(60) == 40
    assert not store.run_directory(first).exists() and store.run_directory(second).exists()
    with pytest.raises(RunNotFound, match="gone for good"):
        store.bring_back(first)
    store.bring_back(second)
    clock.now += 100
    assert store.remove_hidden(60) is None and store.get(second)


def test_the_timer_removes_it_and_a_new_server_goes_on_where_the_last_one_stopped(store):
    quick = Deletions(store, seconds=0.05)
    gone = ended(store)
    quick.delete(gone)
    until(lambda: not store.run_directory(gone).exists())
    quick.close()
    later = Deletions(store)
    kept = ended(store)
    later.delete(kept)
    later.close()
    again = Deletions(store, seconds=0.05)
    until(lambda: not store.run_directory(kept).exists())
    again.close()


def test_a_run_that_has_not_ended_is_not_deleted(store):
    deletions = Deletions(store)
    id = store.create(tiny_config(), "Rain").id
    with pytest.raises(RunStateError, match="Stop it first"):
        deletions.delete(id)
    assert store.get(id)
    deletions.close()


def test_where_the_disk_is_short_a_deletion_makes_room_at_once(store, monkeypatch):
    deletions = Deletions(store)
    id = ended(store)
    monkeypatch.setattr(store.space, "is_short", lambda more=0: True)
    assert not deletions.delete(id)
    assert not store.run_directory(id).exists()
    with pytest.raises(RunNotFound):
        deletions.undo(id)
    deletions.close()
