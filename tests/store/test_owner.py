"""One program owns a data directory: the others read, and are told so."""

import json
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from playground.errors import DirectoryInUse, StoreError
from playground.records import RunStatus
from playground.store.messages import Finished
from playground.store.run_store import RunStore
from tests.helpers import ROOT, tiny_config

OWNS = """
import sys
from pathlib import Path
from playground.config import RunConfig
from playground.records import RunStatus
from playground.store.run_store import RunStore

store = RunStore(Path(sys.argv[1]))
store.ownership.acquire()
id = store.create(RunConfig(), "Theirs").id
store.set_status(id, RunStatus.RUNNING)
store.run_directory(id).mkdir(parents=True)
(store.run_directory(id) / "not-yet-told").write_text("x")
print(id, flush=True)
for line in sys.stdin:  # one name a line, which the run gets
    try:
        store.rename(id, line)
        print("renamed", flush=True)
    except Exception as error:
        print(type(error).__name__, error, flush=True)
"""


@contextmanager
def another_owner(directory):
    """Another process that owns a directory, and the id of its running run."""
    command = [sys.executable, "-c", OWNS, str(directory)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.fixture
def reader(tmp_path):
    """A store that has written nothing."""
    opened = RunStore(tmp_path / "shared")
    yield opened
    opened.close()


def test_beside_an_owner_one_reads_and_changes_nothing(reader, monkeypatch):
    monkeypatch.setattr("playground.store.owner._PATIENCE", 0.0)
    with another_owner(reader.directory) as (process, id):
        assert [run.name for run in reader.all()] == ["Theirs"]
        for change in (
            reader.recover,
            lambda: reader.create(tiny_config(), "Mine"),
            lambda: reader.rename(id, "Mine"),
            lambda: reader.delete(id),
            lambda: reader.set_status(id, RunStatus.INTERRUPTED),
            lambda: reader.append(id, [Finished(RunStatus.STOPPED, 1, 1.0, 1.0)]),
            lambda: reader.rewind(id),
            lambda: reader.remove_text("some-text"),
        ):
            with pytest.raises(DirectoryInUse, match=rf"process {process.pid} on .* end that program first"):
                change()
        run = reader.get(id)
        assert (run.name, run.status) == ("Theirs", RunStatus.RUNNING)
        assert [file.name for file in reader.run_directory(id).iterdir()] == ["not-yet-told"]


def test_a_killed_owner_leaves_the_directory_to_the_next_at_once(reader):
    with another_owner(reader.directory) as (process, id):
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert (reader.directory / "owner.json").exists()  # nobody has tidied up
        assert reader.recover() == [id]
    assert reader.get(id).status is RunStatus.INTERRUPTED
    assert list(reader.run_directory(id).iterdir()) == []


@pytest.mark.parametrize("note", ["", "{}", '{"token": "x", "pid', None])
def test_only_the_lock_that_is_held_counts_and_no_note(reader, note, monkeypatch):
    """A clock that was set, another PID namespace: what is written down about a process says nothing."""
    monkeypatch.setattr("playground.store.owner._PATIENCE", 0.0)
    with another_owner(reader.directory) as (process, id):
        place = reader.directory / "owner.json"
        if note is None:
            told = json.loads(place.read_text("utf-8"))
            place.write_text(
                json.dumps(told | {"process": 1 << 30, "since": 0.0, "host": "elsewhere"}), "utf-8"
            )
        else:
            place.write_text(note, "utf-8")
        with pytest.raises(DirectoryInUse):
            reader.recover()
        assert reader.get(id).status is RunStatus.RUNNING
        process.kill()
        process.wait()
        assert reader.recover() == [id]


def test_who_has_lost_the_directory_writes_no_row_more(reader):
    """The file of the lock was removed, and another program has locked a new one."""
    with another_owner(reader.directory) as (process, id):
        (reader.directory / "owner.lock").unlink()
        assert reader.recover() == [id]
        process.stdin.write("Stale\n")
        process.stdin.flush()
        assert process.stdout.readline().startswith("DirectoryInUse")
        assert (reader.get(id).name, reader.get(id).status) == ("Theirs", RunStatus.INTERRUPTED)


def test_an_owner_lets_go_when_it_closes(tmp_path):
    first, second = RunStore(tmp_path), RunStore(tmp_path)
    first.ownership.acquire()
    id = first.create(tiny_config(), "Mine").id
    assert not second.ownership.try_acquire()
    first.close()
    second.rename(id, "Yours")
    assert second.get(id).name == "Yours"
    second.close()


def test_a_directory_that_cannot_be_locked_is_a_sentence(tmp_path):
    store = RunStore(tmp_path)
    (tmp_path / "owner.lock").unlink()
    (tmp_path / "owner.lock").mkdir()
    with pytest.raises(StoreError, match="Choose another with PLAYGROUND_DATA"):
        store.create(tiny_config(), "Mine")
    store.close()
