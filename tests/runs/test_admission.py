"""How much of a server one person may have."""

from __future__ import annotations

import threading

import pytest

from playground.errors import LimitReached, StoreBusy
from playground.records import RunStatus
from playground.runs.admission import require_texts
from tests.helpers import tiny_config, until

ENDLESS = {"epochs": "off", "sample_every": 0}
MEGABYTE = 10**6


@pytest.fixture
def manager(make_manager):
    return make_manager(kept_seconds=0.0)


@pytest.fixture
def start(manager, text_id):
    def begin(owner, **settings):
        return manager.start(tiny_config(corpus=text_id, **(ENDLESS | settings)), owner=owner).id

    return begin


def test_a_person_has_three_runs_under_way_and_is_told_what_can_be_done(start, manager, store):
    mine = [start("ann") for _ in range(3)]
    with pytest.raises(LimitReached) as refused:
        start("ann")
    assert str(refused.value) == (
        "Runs of yours that wait, train or were paused just now: 3. This server allows a person 3 at the same time: stop one, or wait "
        "until one has ended."
    )
    assert len(store.all()) == 3  # nothing was made of it
    start("bob")  # others are not concerned
    manager.stop(mine[1])
    start("ann")


def test_the_machines_owner_has_no_such_limit(start, store):
    store.settings.put({"runs_per_person": 1, "disk_per_person": 1})
    assert len({start(None) for _ in range(6)}) == 6


def test_a_teacher_moves_the_limit_while_the_server_runs(start, store):
    store.settings.put({"runs_per_person": 1})
    start("ann")
    with pytest.raises(LimitReached):
        start("ann")
    store.settings.put({"runs_per_person": "off"})
    assert len({start("ann") for _ in range(5)}) == 5


def test_a_run_that_has_ended_needs_a_place_to_go_on(start, manager, store):
    ended = start("ann")
    manager.stop(ended)
    manager.wait(ended, 60)
    others = [start("ann") for _ in range(3)]
    with pytest.raises(LimitReached):
        manager.resume(ended)
    assert store.get(ended).status is RunStatus.STOPPED
    manager.stop(others[0])
    manager.wait(others[0], 60)
    manager.resume(ended)
    assert store.get(ended).status.is_active


def test_a_pause_without_a_worker_gives_its_place_away_and_needs_one_to_go_on(start, manager, store):
    store.settings.put({"runs_per_person": 1})
    paused = start("ann")
    until(lambda: store.get(paused).step)
    manager.pause(paused)
    until(lambda: manager._runs[paused].gave_worker_back and manager._runs[paused].thread is None)
    other = start("ann")
    with pytest.raises(LimitReached):
        manager.resume(paused)
    assert store.get(paused).status is RunStatus.PAUSED
    manager.stop(other)
    manager.wait(other, 60)
    manager.resume(paused)
    until(lambda: store.get(paused).status is RunStatus.RUNNING)


def test_who_presses_start_in_many_browsers_at_once_gets_no_more(start, store):
    """The count and the new row are one step."""
    refused = []

    def press():
        try:
            start("ann")
        except LimitReached as error:
            refused.append(error)

    threads = [threading.Thread(target=press) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(refused), len(store.all())) == (9, 3)


def test_texts_are_counted_to_the_limit():
    require_texts(19, 20)
    require_texts(10_000, None)
    with pytest.raises(LimitReached, match=r"Texts that you have added: 20\. This server allows a person 20"):
        require_texts(20, 20)


@pytest.fixture
def trained(manager, text_id):
    """Trains to the end; each of its kept weights takes 1.1 MB."""

    def begin(owner, **more):
        settings = {"cell": "lstm", "hidden_size": 256, "epochs": 100, "input": "one-hot", **more}
        settings |= {"sample_every": 0, "batch_size": 30}
        run = manager.wait(manager.start(tiny_config(corpus=text_id, **settings), owner=owner).id, 100)
        assert run.status is RunStatus.FINISHED
        return run.id

    return begin


def steps(store, id):
    return [checkpoint.step for checkpoint in store.checkpoints(id)]


def firm_steps(store, id):
    every = store.checkpoints(id)
    best = min((c for c in every if c.loss is not None), key=lambda c: (c.loss, c.step))
    return {every[0].step, every[-1].step, best.step}


def on_disk(store, id):
    return sum(file.stat().st_size for file in store.run_directory(id).iterdir())


def test_the_oldest_runs_checkpoints_in_between_make_room(trained, store):
    old, new = trained("ann"), trained("ann")
    before, firm = steps(store, old), firm_steps(store, old)
    assert len(before) > 4
    used = store.shares.bytes_of("ann")
    assert used == on_disk(store, old) + on_disk(store, new)
    store.shares.thin("ann", used - 2 * MEGABYTE)  # two of them are enough
    assert len(steps(store, old)) == len(before) - 2
    assert firm <= set(steps(store, old))
    assert steps(store, new) == before
    assert store.shares.bytes_of("ann") <= used - 2 * MEGABYTE
    for id in (old, new):
        for checkpoint in store.checkpoints(id):
            assert (store.run_directory(id) / checkpoint.weights_file).exists()


def test_a_start_makes_room_and_it_is_told(trained, manager, store, text_id):
    old, other = trained("ann"), trained("bob")
    config = tiny_config(corpus=text_id, cell="lstm", hidden_size=256, input="one-hot")
    assert manager.admission.told(config, "ann") == []
    before = steps(store, other)
    budget = -(-store.shares.bytes_of("ann") // MEGABYTE)
    store.settings.put({"disk_per_person": budget})
    assert f"of the {budget} MB that a person has here" in str(manager.admission.told(config, "ann")[0])
    run = manager.wait(manager.start(config, owner="ann").id, 60)
    assert run.status is RunStatus.FINISHED
    assert store.shares.bytes_of("ann") <= budget * MEGABYTE
    assert firm_steps(store, old) <= set(steps(store, old)) < set(before)
    told = str(manager.admission.told(config, "ann")[0])
    assert told.startswith("Checkpoints in between were removed from your oldest runs (")
    assert steps(store, other) == before  # nobody else's
    assert manager.admission.told(config, None) == []


def test_what_cannot_fit_is_refused_with_figures_and_costs_nothing(trained, manager, store, text_id):
    old = trained("ann")
    before = steps(store, old)
    store.settings.put({"disk_per_person": 5})
    config = tiny_config(corpus=text_id, cell="lstm", hidden_size=256, input="one-hot", optimizer="adamw")
    with pytest.raises(LimitReached, match=r"Your runs take \d+ MB of the 5 MB .* needs about 5 MB more"):
        manager.start(config, owner="ann")
    assert steps(store, old) == before
    store.settings.put({"disk_per_person": 4})
    with pytest.raises(LimitReached, match=r"about 5 MB on the disk, and a person has 4 MB here"):
        manager.start(config, owner="cat")  # who has nothing yet


def test_a_run_that_grows_over_the_budget_thins_while_it_trains(trained, store):
    store.settings.put({"disk_per_person": 6})
    id = trained("ann")
    assert firm_steps(store, id) <= set(steps(store, id))
    assert on_disk(store, id) <= 6 * MEGABYTE
    assert store.shares.thinned("ann").checkpoints > 0
    assert len(store.epoch_rows(id)) == 100  # the database is never the victim


def test_a_start_that_has_no_place_costs_nobody_a_checkpoint(manager, start, store, text_id, monkeypatch):
    store.settings.put({"runs_per_person": 1})
    start("ann")
    asked = []
    monkeypatch.setattr(manager.admission, "require", lambda config, owner: asked.append(owner))
    with pytest.raises(LimitReached, match="Runs of yours"):
        start("ann")
    assert asked == []


def test_a_run_that_is_handed_over_counts_as_its_new_owners(manager, start, store):
    store.settings.put({"runs_per_person": 1})
    given = start("ann")
    waits = start("bob")
    manager.hand_over(given, "cy")
    start("ann")
    with pytest.raises(LimitReached):
        start("cy")
    manager.hand_over(waits, None)  # while it waits
    start("bob")
    assert manager.queue_position(waits) is not None


def test_a_run_whose_end_cannot_be_written_goes_on_waiting(manager, start, store, monkeypatch):
    first, waiting = start("ann"), start("ann")
    until(lambda: store.get(first).step)

    def locked(*args, **kwargs):
        raise StoreBusy("locked")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(store, "set_status", locked)
        with pytest.raises(StoreBusy):
            manager.stop(waiting)
    assert manager.queue_position(waiting) == 1
    manager.stop(waiting)
    assert store.get(waiting).status is RunStatus.STOPPED and manager.queue_position(waiting) is None
