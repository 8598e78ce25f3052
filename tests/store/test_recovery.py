"""At start-up: runs without a process are interrupted, files without a row are swept away."""

import subprocess
import sys

import pytest

from playground.records import ACTIVE, RunStatus
from playground.store.messages import CheckpointSaved
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
    return {file.name for file in store.run_directory(id).iterdir()}


def test_a_crash_between_file_and_row_leaves_no_orphan(tmp_path):
    store = RunStore(tmp_path)
    id = store.create(tiny_config(), "Mine").id
    store.append(id, [saved(store, id, 2)])
    saved(store, id, 7)  # the files, but the server died before the row
    (store.run_directory(id) / "step-9.weights.part").write_text("half")
    (store.directory / "runs" / "deleted").mkdir()
    (store.directory / "runs" / "deleted" / "step-1.weights").write_text("x")
    store.set_status(id, RunStatus.FAILED)
    store.close()
    store = RunStore(tmp_path)
    store.recover()
    assert files(store, id) == {"step-2.weights", "step-2.training"}
    assert [place.name for place in (tmp_path / "runs").iterdir()] == [id]
    store.close()


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
