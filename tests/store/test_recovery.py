"""At start-up: runs without a process are interrupted, and files without a row are set aside, never deleted."""

import subprocess
import sys

import pytest

from playground.records import ACTIVE, RunStatus
from playground.store.messages import CheckpointSaved
from playground.store.run_notes import NAMES
from playground.store.run_store import RunStore
from tests.helpers import ROOT, tiny_config


def saved(store: RunStore, id: str, n: int) -> CheckpointSaved:
    """A checkpoint with its two files on disk."""
    names = f"step-{n}.weights", f"step-{n}.training"
    store.run_directory(id).mkdir(parents=True, exist_ok=True)
    for name in names:
        (store.run_directory(id) / name).write_text(name)
    return CheckpointSaved(n / 4, n, True, *names)


def files(store: RunStore, id: str) -> set[str]:
    """Without the notes that are kept beside the weights."""
    return {file.name for file in store.run_directory(id).iterdir()} - NAMES


def test_what_no_row_knows_is_set_aside_and_only_halves_of_files_go(tmp_path):
    store = RunStore(tmp_path)
    id = store.create(tiny_config(), "Mine").id
    store.append(id, [saved(store, id, 2)])
    saved(store, id, 7)  # the files, but the server died before the row
    (store.run_directory(id) / "step-9.weights.0123.part").write_text("half")
    (store.directory / "runs" / "deleted").mkdir()
    (store.directory / "runs" / "deleted" / "step-1.weights").write_text("x")
    (store.directory / "runs" / "empty").mkdir()
    store.set_status(id, RunStatus.FAILED)
    store.close()
    for _ in range(2):  # a second start moves nothing
        store = RunStore(tmp_path)
        store.recover()
        assert files(store, id) == {"step-2.weights", "step-2.training"}
        assert [place.name for place in (tmp_path / "runs").iterdir()] == [id]
        aside = {str(f.relative_to(tmp_path / "lost")) for f in (tmp_path / "lost").rglob("*") if f.is_file()}
        assert aside == {f"{id}/step-7.weights", f"{id}/step-7.training", "deleted/step-1.weights"}
        store.close()


def test_what_is_set_aside_twice_takes_no_others_place(tmp_path):
    for text in ("first", "second", "third"):
        store = RunStore(tmp_path)
        (tmp_path / "runs" / "gone").mkdir(parents=True)
        (tmp_path / "runs" / "gone" / "step-1.weights").write_text(text)
        store.recover()
        store.close()
    kept = sorted((tmp_path / "lost").rglob("step-1.weights"))
    assert [file.read_text() for file in kept] == ["first", "second", "third"]


@pytest.mark.parametrize("status", sorted(RunStatus))
def test_a_run_whose_process_is_gone_becomes_interrupted_unless_it_had_ended(store, status):
    other = (
        "import sys; from pathlib import Path; from playground.config import RunConfig\n"
        "from playground.records import RunStatus; from playground.store.run_store import RunStore\n"
        "store = RunStore(Path(sys.argv[1])); id = store.create(RunConfig(), 'Theirs').id\n"
        "store.set_status(id, RunStatus(sys.argv[2])); print(id)"
    )
    command = [sys.executable, "-c", other, str(store.directory), status.value]
    id = subprocess.check_output(command, text=True, cwd=ROOT).strip()
    assert store.recover() == ([id] if status in ACTIVE else [])
    assert store.get(id).status is (RunStatus.INTERRUPTED if status in ACTIVE else status)
    assert (store.get(id).reason is not None) == (status in ACTIVE)
