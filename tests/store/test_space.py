"""A full disk: a real one of 40 MB, which fills up while a run trains."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from playground.errors import CorpusError, RunNotFound, StoreError
from playground.records import RunStatus
from playground.runs.executors import InlineExecutor
from playground.runs.manager import RunManager
from playground.store.run_store import RunStore
from playground.store.space import Space, is_full
from playground.text.corpora import CorpusLibrary
from tests.helpers import curve, fill, final_weights, same_bits, some_text, tiny_config, until

MEGABYTE = 1 << 20
SMALL = {"reserve": 4 * MEGABYTE, "least": 6 * MEGABYTE}


@pytest.fixture
def store(disk, monkeypatch) -> Iterator[RunStore]:
    opened = RunStore(disk / "data")
    opened.space = Space(opened.directory, **SMALL)
    yield opened
    opened.close()


@pytest.fixture
def manager(store) -> Iterator[RunManager]:
    made = RunManager(store, InlineExecutor())
    yield made
    made.close()


def test_room_is_kept_back_and_given_when_it_is_needed(store, manager, disk):
    reserve = store.directory / "reserve"
    assert reserve.stat().st_size == SMALL["reserve"]
    filler = fill(disk)
    with store.space.reserved():
        assert store.space.free() >= SMALL["reserve"]
    assert not reserve.exists()  # there is no room to keep it back again
    filler.unlink()
    with store.space.reserved():
        pass
    assert reserve.stat().st_size == SMALL["reserve"]


@pytest.mark.parametrize("leave", [5 * MEGABYTE, 0], ids=["nearly full", "full to the last byte"])
def test_a_run_on_a_disk_that_fills_up_is_paused_and_loses_nothing(
    store, manager, disk, make_elsewhere, leave
):
    text = store.library.add("Some text", some_text(2000))
    settings = {"corpus": text.id, "epochs": 6, "sample_every": 0}
    whole = make_elsewhere(settings)
    id = manager.start(tiny_config(**settings)).id
    until(lambda: store.get(id).step > 50)
    filler = fill(disk, leave)
    paused = until(lambda: (r := store.get(id)).status is RunStatus.PAUSED and r)
    assert "press Resume" in str(paused.reason) or "resume the run" in str(paused.reason)
    with pytest.raises(StoreError, match=r"has \d+ MB left, and a run wants \d+ MB"):
        manager.resume(id)
    with pytest.raises(StoreError, match="Delete runs or texts"):
        manager.start(tiny_config(**settings))
    filler.unlink()
    manager.resume(id)
    ended = manager.wait(id, 100)
    assert (ended.status, ended.reason) == (RunStatus.FINISHED, None)
    assert curve(store, id) == whole[0]
    assert same_bits(final_weights(store, id), whole[1])


@pytest.fixture
def make_elsewhere(tmp_path):
    """A run's curve and last weights where there is room."""

    def make(settings):
        store = RunStore(tmp_path / "elsewhere")
        store.library.add("Some text", some_text(2000))
        manager = RunManager(store, InlineExecutor())
        id = manager.start(tiny_config(**settings)).id
        assert manager.wait(id, 100).status is RunStatus.FINISHED
        kept = curve(store, id), final_weights(store, id)
        manager.close()
        store.close()
        return kept

    return make


def test_a_checkpoint_that_finds_no_room_waits_in_memory(store, manager, disk, make_elsewhere):
    """No room for a checkpoint, with all the rows of the way there written: the run pauses inside it."""
    text = store.library.add("Some text", some_text(2000))
    settings = {"corpus": text.id, "epochs": 3, "sample_every": 0, "hidden_size": 256}
    whole = make_elsewhere(settings)
    store.space.least = 0  # nothing warns of it
    id = manager.start(tiny_config(**settings)).id
    until(lambda: store.get(id).step > 0)
    filler = fill(disk, 300_000)  # rows find room there, and a checkpoint of 2 MB does not
    manager.snapshot(id)
    paused = until(lambda: (r := store.get(id)).status is RunStatus.PAUSED and r)
    assert str(paused.reason).startswith("A checkpoint cannot be written (the disk is full).")
    assert not list(store.run_directory(id).glob("*.part"))
    filler.unlink()
    manager.resume(id)
    assert manager.wait(id, 100).status is RunStatus.FINISHED
    assert curve(store, id) == whole[0]
    assert same_bits(final_weights(store, id), whole[1])


def test_a_run_that_is_stopped_on_a_full_disk_ends_and_can_go_on_later(store, manager, disk):
    text = store.library.add("Some text", some_text(2000))
    id = manager.start(tiny_config(corpus=text.id, epochs="off", sample_every=0)).id
    until(lambda: store.get(id).step > 50)
    filler = fill(disk)
    until(lambda: store.get(id).status is RunStatus.PAUSED)
    manager.stop(id)
    assert manager.wait(id, 100).status in (RunStatus.STOPPED, RunStatus.FAILED)
    filler.unlink()
    manager.resume(id)
    until(lambda: store.get(id).status is RunStatus.RUNNING)
    manager.stop(id)
    assert manager.wait(id, 100).status is RunStatus.STOPPED
    assert [step for step, *_ in curve(store, id)] == list(range(1, store.get(id).step + 1))


def test_on_a_full_disk_a_run_can_be_deleted_and_makes_room(store, manager, disk):
    text = store.library.add("Some text", some_text(2000))
    id = manager.start(tiny_config(corpus=text.id, epochs=2, sample_every=0)).id
    assert manager.wait(id, 100).status is RunStatus.FINISHED
    fill(disk)
    assert store.space.free() == 0
    store.delete(id)
    with pytest.raises(RunNotFound):
        store.get(id)
    assert not store.run_directory(id).exists()
    store.remove_text(text.id)
    assert text.id not in [info.id for info in store.library.all()]


def test_a_server_starts_on_a_full_disk_and_tells_which_runs_were_lost(store, disk, manager):
    id = store.create(tiny_config(), "Mine").id
    store.set_status(id, RunStatus.RUNNING)
    with store._database.write() as db:
        db.execute("UPDATE runs SET owner = '1:1'")
    fill(disk)
    again = RunManager(store, InlineExecutor())
    assert store.get(id).status is RunStatus.INTERRUPTED
    again.close()


def test_a_text_that_finds_no_room_is_told_and_leaves_nothing(store, disk):
    filler = fill(disk)
    with pytest.raises(CorpusError, match=r"cannot be kept \(the disk is full\). Delete runs or texts"):
        store.library.add("Some text", some_text(2000))
    assert [file for file in disk.rglob("*") if file.suffix in (".part", ".txt", ".json")] == []
    filler.unlink()
    assert store.library.add("Some text", some_text(2000)).title == "Some text"


def test_halves_of_files_and_logs_of_workers_that_are_gone_are_swept(tmp_path):
    store = RunStore(tmp_path / "data")
    corpora, logs = store.library.directory, store.directory / "logs"
    for folder in (corpora, logs):
        folder.mkdir(parents=True)
    old, young = corpora / "text-1.txt.0a.part", corpora / "text-2.txt.0b.part"
    gone, living, other = (
        logs / "worker-999999999-0.log",
        logs / f"worker-{os.getpid()}-0.log",
        logs / "notes.txt",
    )
    for file in (old, young, gone, living, other):
        file.write_text("")
    os.utime(old, (time.time() - 7200,) * 2)
    store.recover()
    assert [file.exists() for file in (old, young, gone, living, other)] == [False, True, False, True, True]
    store.close()


def test_an_error_says_whether_a_full_disk_is_behind_it(disk):
    library = CorpusLibrary(disk / "corpora")
    fill(disk)
    with pytest.raises(CorpusError) as full:
        library.add("t", some_text(2000))
    assert is_full(full.value)
    assert not is_full(StoreError("no"))
    assert not is_full(None)


def test_a_directory_on_a_disk_full_to_the_last_byte_can_be_owned_and_cleared(store, disk):
    id = store.create(tiny_config(), "Old").id
    store.set_status(id, RunStatus.STOPPED)
    store.space.refill()
    store.close()
    fill(disk)
    again = RunStore(disk / "data")
    again.space = Space(again.directory, **SMALL)
    again.ownership._room = again.space.reserved
    again.ownership.acquire()
    again.delete(id)
    assert again.all() == []
    assert not list(again.directory.glob("owner-*.part"))
    again.close()
