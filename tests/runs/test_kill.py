"""SIGKILL of the server at random moments: no orphan, nothing lost, the run resumable."""

import random
import subprocess
import sys

import psutil
import pytest

from playground.records import RunStatus
from playground.runs.executors import InlineExecutor
from playground.runs.manager import RunManager
from playground.store import run_notes
from playground.store.run_store import RunStore
from tests.helpers import (
    ROOT,
    VARIED,
    curve,
    final_weights,
    same_bits,
    some_text,
    tiny_config,
    undisturbed_run,
    until,
)

SETTINGS = VARIED | {"epochs": 70}
SERVER = """
import sys
from pathlib import Path
from playground.config import parse_json
from playground.runs.launch import launch

manager = launch(Path(sys.argv[1]))
if sys.argv[2] == "resume":
    id = sys.argv[3]
    manager.resume(id)
else:
    id = manager.start(parse_json(sys.argv[3])).id
print(id, flush=True)
while True:
    run = manager.wait(id, 0.01)
    print(run.step, flush=True)
"""


def serve_and_kill(directory, *order: str, at: int) -> str:
    """Run a server until the run's step `at`, kill it, and wait until its workers are gone too."""
    command = [sys.executable, "-c", SERVER, str(directory), *order]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        id = server.stdout.readline().strip()
        for line in server.stdout:
            if int(line) >= at:
                break
        workers = psutil.Process(server.pid).children(recursive=True)
        assert workers
        server.kill()
        server.wait()
        until(lambda: not any(worker.is_running() and worker.status() != "zombie" for worker in workers))
    return id


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Curve, samples and final weights of the same run without any kill."""
    with undisturbed_run(tmp_path_factory.mktemp("undisturbed"), **SETTINGS) as (corpus, store, run):
        yield corpus, curve(store, run.id), store.history(run.id).samples, final_weights(store, run)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_killed_server_loses_nothing_and_its_run_ends_as_an_undisturbed_one(tmp_path, undisturbed, seed):
    corpus, expected_curve, expected_samples, expected_weights = undisturbed
    rng = random.Random(seed)
    store = RunStore(tmp_path)
    assert store.library.add("Some text", some_text()).id == corpus
    store.close()
    config = tiny_config(corpus=corpus, **SETTINGS).model_dump_json()
    at = rng.randrange(20, 300)
    id = serve_and_kill(tmp_path, "start", config, at=at)

    store = RunStore(tmp_path)
    manager = RunManager(store, InlineExecutor())
    run, kept, last = store.get(id), curve(store, id), store.newest_checkpoint(id)
    assert run.status is RunStatus.INTERRUPTED
    assert "server stopped" in str(run.reason)
    assert len(kept) >= at  # what was told is kept, whole and in order
    assert kept == expected_curve[: len(kept)]
    assert len(kept) >= last.step
    on_disk = {file.name for file in store.run_directory(id).iterdir()}
    told = {f for c in store.checkpoints(id) for f in (c.weights_file, c.training_file) if f}
    assert on_disk - run_notes.NAMES == told

    manager.resume(id)
    assert manager.wait(id, 120).status is RunStatus.FINISHED
    assert curve(store, id) == expected_curve
    assert store.history(id).samples == expected_samples
    assert same_bits(final_weights(store, id), expected_weights)
    manager.close()
    store.close()


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_server_killed_again_and_again_still_ends_where_it_should(tmp_path, undisturbed):
    corpus, expected_curve, _, expected_weights = undisturbed
    rng = random.Random(5)
    store = RunStore(tmp_path)
    store.library.add("Some text", some_text())
    store.close()
    order = ("start", tiny_config(corpus=corpus, **SETTINGS).model_dump_json())
    for at in sorted(rng.sample(range(20, 900), 5)):
        id = serve_and_kill(tmp_path, *order, at=at)
        if order[0] == "resume":
            id = order[1]
        order = ("resume", id)
    store = RunStore(tmp_path)
    manager = RunManager(store, InlineExecutor())
    manager.resume(id)
    assert manager.wait(id, 120).status is RunStatus.FINISHED
    assert curve(store, id) == expected_curve
    assert same_bits(final_weights(store, id), expected_weights)
    manager.close()
    store.close()
