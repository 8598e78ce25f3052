"""The wall of a class, and everything that stands still at once."""

import math

import numpy as np
import pytest
from pydantic import TypeAdapter

from playground.errors import NotAllowed, RunNotFound, RunStateError, StoreBusy, StoreDamaged
from playground.records import MACHINE, NOBODY, Person, RunStatus, TrainingFacts
from playground.records.wall import Caveat, Trouble, WallCard
from playground.runs.classroom import Classroom
from playground.runs.sketch import Sketch
from playground.runs.standstill import Standstill
from playground.runs.wall import SILENT_SECONDS, Wall, differences, is_stuck
from playground.training.events import EpochDone, Started, StepDone
from tests.helpers import Clock, tiny_config, until

S = RunStatus
FACTS = TrainingFacts("cpu", "a cpu", 1, "2.13.0", 321, 28, 4, 300, 0)
JSON = TypeAdapter(WallCard)


@pytest.fixture
def clock():
    return Clock(each_look=1.0)


@pytest.fixture
def wall(manager, clock):
    return Wall(manager, Classroom(manager.store, is_class=True), clock=clock)


def steps(first: int, last: int, loss: float = 3.0) -> list[StepDone]:
    return [StepDone(n, n / 4, loss - n / 1e6, 1.5, 0.5, 900.0, n / 50) for n in range(first, last + 1)]


def card(wall: Wall, id: str) -> WallCard:
    (found,) = [card for card in wall.look(MACHINE).cards if card.id == id]
    return found


def test_only_a_teacher_sees_it(wall):
    for person in (NOBODY, Person("mei")):
        with pytest.raises(NotAllowed, match="Only the teacher"):
            wall.look(person)
        with pytest.raises(NotAllowed, match="Only the teacher"):
            wall.runs(person)
    assert wall.look(Person("ms-li", is_teacher=True)).ids == ()


def test_it_holds_the_last_hour_and_what_is_under_way(store, manager, text_id):
    now = Clock()
    store._clock = now  # runs from before this hour
    wall = Wall(manager, Classroom(store), now=now, clock=Clock(each_look=1.0))
    now.now = 1e6
    old, waiting = store.create(tiny_config(), "old").id, store.create(tiny_config(), "waiting").id
    store.set_status(old, S.FINISHED)
    now.now += 3599
    young = store.create(tiny_config(), "young").id
    store.set_status(young, S.FINISHED)
    assert wall.look(MACHINE).ids == (young, waiting, old)
    now.now += 2
    assert wall.look(MACHINE).ids == (young, waiting)
    assert [run.id for run in wall.runs(MACHINE)] == [young, waiting]


def test_a_look_tells_only_what_has_changed(wall, store):
    mine, other = (store.create(tiny_config(), name, "mei").id for name in ("Mine", "Other"))
    first = wall.look(MACHINE)
    assert {card.id for card in first.cards} == {mine, other} and first.ids == (other, mine)
    store.append(mine, [Started(FACTS), *steps(1, 3)])
    second = wall.look(MACHINE, first.cursor)
    assert [card.id for card in second.cards] == [mine] and len(second.ids) == 2
    assert second.cards[0].train.epoch == (0.25, 0.5, 0.75)
    assert wall.look(MACHINE, second.cursor).cards == ()


def test_a_look_tells_what_the_texts_are_called_that_its_cards_name(wall, store, text_id):
    first = store.create(tiny_config(corpus=text_id), "a").id
    assert wall.look(MACHINE).texts == {}  # all read one text: no card names it
    late = store.library.add("A late text", "rain and tide " * 40, owner="mei").id
    cursor = wall.look(MACHINE).cursor
    second = store.create(tiny_config(corpus=late), "b").id
    told = wall.look(MACHINE, cursor)
    assert {card.id for card in told.cards} == {first, second}
    assert told.texts == {late: "A late text", text_id: store.library.title(text_id)}
    assert wall.look(MACHINE, told.cursor).texts == {}


def test_a_run_that_was_taken_back_begins_its_curve_anew(wall, store):
    id = store.create(tiny_config(), "Mine").id
    store.append(id, [Started(FACTS), *steps(1, 9)])
    assert len(card(wall, id).train.loss) == 9
    store.set_status(id, S.STOPPED)
    store.rewind(id)
    store.append(id, steps(1, 2))
    assert card(wall, id).train.epoch == (0.25, 0.5)


def test_a_card_is_small_however_long_its_run(wall, store):
    configs = [tiny_config(), tiny_config(cell="gru", num_layers=2, lr=0.01, optimizer="adamw", dropout=0.25)]
    people = store.people
    people.rename("mei", "梅" * 30)
    ids = [store.create(config, "长" * 80, "mei").id for config in configs]
    for id in ids:
        store.append(id, [Started(FACTS)])
        for start in range(1, 100_000, 10_000):
            store.append(id, steps(start, start + 9_999, 3.14159))
        store.append(id, [EpochDone(n, 4 * n, 2.7182818, 2.7182818, 12345.678) for n in range(1, 25_001)])
    for id in ids:
        told = card(wall, id)
        assert len(JSON.dump_json(told)) <= 2_048
        assert 24 <= len(told.train.loss) <= 48 and told.train.epoch[-1] == pytest.approx(25_000, rel=1e-3)


def test_only_settings_that_differ_are_told():
    left, right, third = tiny_config(), tiny_config(hidden_size=16), tiny_config(hidden_size=8, lr=2)
    assert differences([left, left]) == [{}, {}]
    assert differences([left, right]) == [{"hidden_size": 8}, {"hidden_size": 16}]
    assert [set(d) for d in differences([left, right, third])] == [{"hidden_size", "lr"}] * 3
    assert differences([]) == []


def test_a_perplexity_that_is_not_of_the_next_token_alone_is_marked(wall, store):
    how = {"a": {}, "b": {"bidirectional": True}, "c": {"bidirectional": True, "objective": "masked"}}
    ids = {name: store.create(tiny_config(**settings), name).id for name, settings in how.items()}
    found = {card.id: card.caveat for card in wall.look(MACHINE).cards}
    assert found == {ids["a"]: None, ids["b"]: Caveat.TRAP, ids["c"]: Caveat.BLANKS}


def told(loss: list[float]) -> Sketch:
    sketch = Sketch(48)
    sketch.add(np.arange(1.0, len(loss) + 1), np.array(loss))
    return sketch


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ([3.2] * 400, True),
        ([3.2] * 100, False),  # too early to say
        ([3.2 - n / 400 for n in range(400)], False),  # it falls
        ([1.2] * 400, False),  # it has learnt what it can
    ],
)
def test_a_run_is_stuck_when_it_guesses_and_does_not_fall(loss, expected):
    assert is_stuck(told(loss), math.log(28)) is expected


def test_trouble_is_told(wall, store, clock):
    ids = [store.create(tiny_config(), "x").id for _ in range(5)]
    failed, diverged, exploded, silent, fine = ids
    for id in ids:
        store.append(id, [Started(FACTS), *steps(1, 3)])
        store.set_status(id, S.RUNNING)
    store.set_status(failed, S.INTERRUPTED)
    store.set_status(diverged, S.DIVERGED)
    store.append(exploded, [EpochDone(1, 3, 24.0, None, 0.2)])
    wall.look(MACHINE)
    clock.now += SILENT_SECONDS
    store.append(fine, steps(4, 5))
    found = {card.id: card.trouble for card in wall.look(MACHINE).cards}
    assert found == {
        failed: Trouble.FAILED,
        diverged: Trouble.DIVERGED,
        exploded: Trouble.EXPLODED,
        silent: Trouble.SILENT,
        fine: None,
    }


# everything stands still ------------------------------------------------------------------------------


@pytest.fixture
def start(manager, text_id):
    return lambda: manager.start(tiny_config(corpus=text_id, epochs="off", sample_every=0)).id


def test_everything_pauses_and_those_go_on_that_this_has_paused(manager, start, store):
    own, training, waiting = start(), start(), start()
    until(lambda: store.get(own).status is S.RUNNING)
    manager.pause(own)  # somebody's own pause, which lets the next one begin
    until(lambda: store.get(own).status is S.PAUSED and store.get(training).status is S.RUNNING)
    still = Standstill(manager)
    assert still.pause_all(MACHINE) == 1
    until(lambda: store.get(training).status is S.PAUSED)
    later = start()
    assert [manager.queue_position(id) for id in (waiting, later)] == [1, 2]  # nobody takes the free place
    assert manager.is_held
    assert still.resume_all(MACHINE) == 1
    until(lambda: store.get(training).status is S.RUNNING)
    assert not manager.is_held
    assert (store.get(own).status, store.get(waiting).status) == (S.PAUSED, S.QUEUED)


def test_what_was_stopped_meanwhile_stays_stopped_and_the_next_begins(manager, start, store):
    first, second = start(), start()
    until(lambda: store.get(first).status is S.RUNNING)
    still = Standstill(manager)
    still.pause_all(MACHINE)
    until(lambda: store.get(first).status is S.PAUSED)
    manager.stop(first)
    assert manager.wait(first, 60).status is S.STOPPED
    assert store.get(second).status is S.QUEUED
    assert still.resume_all(MACHINE) == 0
    until(lambda: store.get(second).status is S.RUNNING)


def test_who_resumes_while_all_stands_still_waits_for_the_teacher_and_then_goes_on(manager, start, store):
    own, other = start(), start()
    until(lambda: store.get(own).status is S.RUNNING)
    still = Standstill(manager)
    still.pause_all(MACHINE)
    until(lambda: store.get(own).status is S.PAUSED and manager.turn(own) is None)
    manager.resume(own)
    assert store.get(own).status is S.QUEUED
    for told in (manager.turn(own), manager.turn(other), *dict(manager.line()).values()):
        assert told.is_held and told.position and told.seconds is told.seconds_left is None
    still.resume_all(MACHINE)
    until(lambda: store.get(own).status is S.RUNNING)
    assert not any(told.is_held for told in (manager.turn(own), manager.turn(other)))


def test_only_a_teacher_pauses_everything(manager):
    still = Standstill(manager)
    for action in (still.pause_all, still.resume_all):
        with pytest.raises(NotAllowed, match="Only the teacher"):
            action(Person("mei"))
    assert not manager.is_held


def test_those_that_this_has_paused_go_on_although_their_owner_has_begun_others(make_manager, store, text_id):
    manager = make_manager(kept_seconds=0.0)
    store.settings.put({"runs_per_person": 1})
    config = tiny_config(corpus=text_id, epochs="off", sample_every=0)
    first = manager.start(config, owner="ann").id
    until(lambda: store.get(first).status is S.RUNNING)
    still = Standstill(manager)
    assert still.pause_all(MACHINE) == 1
    until(lambda: manager._runs[first].thread is None and store.get(first).status is S.PAUSED)
    second = manager.start(config, owner="ann").id
    assert still.resume_all(MACHINE) == 1
    assert store.get(first).status.is_active and store.get(first).status is not S.PAUSED
    manager.stop(second)


def test_a_locked_database_makes_resuming_all_a_matter_of_another_time(manager, start, store, monkeypatch):
    id = start()
    until(lambda: store.get(id).status is S.RUNNING)
    still = Standstill(manager)
    still.pause_all(MACHINE)
    until(lambda: store.get(id).status is S.PAUSED)

    def locked(*args, **kwargs):
        raise StoreBusy("locked")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(store, "get", locked)
        with pytest.raises(StoreBusy):
            still.resume_all(MACHINE)
        assert manager.is_held
    assert still.resume_all(MACHINE) == 1
    until(lambda: store.get(id).status is S.RUNNING)


def test_who_waits_for_a_turn_is_not_silent(store, make_manager, text_id):
    manager = make_manager(first_slice=600, slice_seconds=600)
    clock = Clock(each_look=1.0)
    wall = Wall(manager, Classroom(store, is_class=True), clock=clock)
    config = tiny_config(corpus=text_id, epochs="off", sample_every=0)
    training, waiting = (manager.start(config, owner=owner).id for owner in ("ann", "bob"))
    store.set_status(waiting, S.RUNNING)  # as between its turns
    until(lambda: store.get(training).status is S.RUNNING)
    wall.look(MACHINE)
    clock.now += SILENT_SECONDS + 1
    assert card(wall, waiting).trouble is None and card(wall, waiting).place == 1


def test_one_run_that_cannot_be_read_leaves_the_others_on_the_wall(wall, store, monkeypatch):
    gone, damaged, fine = (store.create(tiny_config(), name).id for name in ("gone", "damaged", "fine"))
    for id in (gone, damaged, fine):
        store.append(id, [Started(FACTS), *steps(1, 3)])
    read = store.history
    errors = {gone: RunNotFound("deleted just now"), damaged: StoreDamaged("a page of it cannot be read")}

    def reading(id, **how):
        if id in errors:
            raise errors[id]
        return read(id, **how)

    monkeypatch.setattr(store, "history", reading)
    assert wall.look(MACHINE).ids == (fine, damaged)
    assert card(wall, damaged).train.loss == () != card(wall, fine).train.loss
    errors.pop(damaged)
    assert len(card(wall, damaged).train.loss) == 3


def test_a_wall_takes_no_place_of_the_curves_that_browsers_ask_for(wall, store):
    asked = store.create(tiny_config(), "asked").id
    store.append(asked, [Started(FACTS), *steps(1, 3)])
    kept = store.history(asked)
    for n in range(40):
        id = store.create(tiny_config(), str(n)).id
        store.append(id, [Started(FACTS), *steps(1, 3)])
    assert len(wall.look(MACHINE).ids) == 41
    assert store.history(asked) is kept


def test_nobody_slips_out_of_a_pause_of_all_that_has_not_begun_yet(manager, start, store):
    id = start()
    until(lambda: store.get(id).status is S.RUNNING)
    still = Standstill(manager)
    with manager._lock:  # what the worker tells is not heard meanwhile
        still.pause_all(MACHINE)
        with pytest.raises(RunStateError, match="being paused"):
            manager.resume(id)
    until(lambda: store.get(id).status is S.PAUSED)
    assert still.resume_all(MACHINE) == 1
    until(lambda: store.get(id).status is S.RUNNING)
