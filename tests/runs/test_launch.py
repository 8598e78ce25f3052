"""Store, executor and manager put together."""

import pytest

from playground.errors import ConfigError, StoreError
from playground.records import RunStatus
from playground.runs.launch import launch
from playground.runs.workers import ProcessExecutor
from tests.helpers import some_text, tiny_config, until


@pytest.fixture
def launched():
    made = []

    def make(*args, **more):
        made.append(launch(*args, **more))
        return made[-1]

    yield make
    for manager in made:
        manager.close()
        manager.store.close()


def test_a_launched_manager_trains_in_the_chosen_directory(launched, tmp_path):
    manager = launched(tmp_path / "mine", inline=True)
    corpus = manager.store.library.add("Some text", some_text()).id
    run = manager.wait(manager.start(tiny_config(corpus=corpus)).id, 60)
    assert run.status is RunStatus.FINISHED
    assert manager.store.directory == tmp_path / "mine"
    assert manager.store.newest_checkpoint(run.id).step == run.step


def test_without_a_directory_the_environment_decides(launched, tmp_path, monkeypatch):
    monkeypatch.setenv("PLAYGROUND_DATA", str(tmp_path / "from-the-environment"))
    assert launched(inline=True).store.directory == tmp_path / "from-the-environment"


@pytest.mark.parametrize("slots", [1, 3])
def test_as_many_runs_train_at_once_as_there_are_slots(launched, tmp_path, monkeypatch, slots):
    monkeypatch.setenv("PLAYGROUND_SLOTS", str(slots))
    manager = launched(tmp_path, inline=True)
    corpus = manager.store.library.add("Some text", some_text()).id
    runs = [manager.start(tiny_config(corpus=corpus, epochs="off")).id for _ in range(slots + 1)]
    until(
        lambda: (
            [manager.store.get(id).status for id in runs] == [RunStatus.RUNNING] * slots + [RunStatus.QUEUED]
        )
    )
    assert manager.queue_position(runs[-1]) == 1


@pytest.mark.parametrize("value", ["0", "65", "-1", "two", "1.5", "", "٣٣٣"])
def test_a_wrong_number_of_slots_is_refused_before_anything_is_made(tmp_path, monkeypatch, value):
    monkeypatch.setenv("PLAYGROUND_SLOTS", value)
    with pytest.raises(ConfigError, match="from 1 to 64"):
        launch(tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_a_directory_that_cannot_be_used_starts_no_worker(tmp_path, monkeypatch):
    (tmp_path / "in-the-way").write_text("")
    started = []
    monkeypatch.setattr(ProcessExecutor, "_spawn", started.append)
    with pytest.raises(StoreError):
        launch(tmp_path / "in-the-way")
    assert not started
