"""SIGKILL of the server or of a worker while people take turns: nothing is lost, and every run ends as one alone does."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from playground.records import RunStatus
from playground.runs.executors import InlineExecutor
from playground.runs.manager import RunManager
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

SETTINGS = VARIED | {"epochs": 15}
PEOPLE = ("ann", "ben", "cleo")
SERVER = """
import sys
from pathlib import Path
from playground.config import parse_json
from playground.runs.manager import RunManager
from playground.runs.workers import ProcessExecutor
from playground.store.run_store import RunStore

store = RunStore(Path(sys.argv[1]))
manager = RunManager(store, ProcessExecutor(store.directory / "logs"), first_slice=0.03, slice_seconds=0.06)
runs = store.all()
if not runs:
    for person in sys.argv[3:]:
        manager.start(parse_json(sys.argv[2]), owner=person)
for run in reversed(runs):  # in the order in which they were started
    if run.status.is_resumable:
        manager.resume(run.id)
print("begun", flush=True)
for run in store.all():
    manager.wait(run.id)
print("done", flush=True)
sys.stdin.read()
"""


def steps(store: RunStore) -> int:
    return sum(run.step for run in store.all())


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """Curve and final weights of the same run that nobody disturbed."""
    with undisturbed_run(tmp_path_factory.mktemp("alone"), **SETTINGS) as (corpus, store, run):
        yield corpus, curve(store, run.id), final_weights(store, run)


class Killed:
    """A class whose server and workers are killed again and again."""

    def __init__(self, directory: Path, corpus: str) -> None:
        self.directory = directory
        store = RunStore(directory)
        assert store.library.add("Some text", some_text()).id == corpus
        store.close()
        self._config = tiny_config(corpus=corpus, **SETTINGS).model_dump_json()

    def serve(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", SERVER, str(self.directory), self._config, *PEOPLE]
        server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert server.stdout is not None
        assert server.stdout.readline() == "begun\n"
        return server

    def kill(self, server: subprocess.Popen[str], after: int, *, worker: bool) -> None:
        """Wait for so many more steps of whomever, and kill; the server ends in either case."""
        store = RunStore(self.directory)
        begun = steps(store)
        workers = psutil.Process(server.pid).children(recursive=True)
        assert workers
        until(lambda: steps(store) >= begun + after or self._are_done(store), 120)
        if worker:
            os.kill(workers[0].pid, signal.SIGKILL)
            until(lambda: self._has_failed(store) or self._are_done(store), 60)
        server.kill()
        server.communicate()
        until(lambda: not any(w.is_running() and w.status() != "zombie" for w in workers))
        store.close()

    def _are_done(self, store: RunStore) -> bool:
        return not any(run.status.is_active for run in store.all())

    def _has_failed(self, store: RunStore) -> bool:
        return any(run.status is RunStatus.FAILED for run in store.all())


def look(directory: Path, expected: list[tuple[int, float, float]]) -> bool:
    """What is kept after a kill is the beginning of the curve, up to the newest weights at least; whether all have ended."""
    store = RunStore(directory)
    manager = RunManager(store, InlineExecutor())  # whose start sets right what the kill left
    runs = store.all()
    for run in runs:
        kept, last = curve(store, run.id), store.newest_checkpoint(run.id)
        assert kept == expected[: len(kept)]
        assert run.status in {RunStatus.FINISHED, RunStatus.INTERRUPTED, RunStatus.FAILED}, run.reason
        assert len(kept) >= (last.step if last else 0)
        assert not list(store.run_directory(run.id).glob("*.part"))
    assert [run.owner for run in reversed(runs)] == list(PEOPLE)
    manager.close()
    store.close()
    return all(run.status is RunStatus.FINISHED for run in runs)


def finish(directory: Path, expected: list[tuple[int, float, float]], weights: dict) -> None:
    """Everybody resumes, and ends where one alone does."""
    store = RunStore(directory)
    manager = RunManager(store, InlineExecutor())
    runs = [run for run in reversed(store.all()) if run.status.is_resumable]
    for run in runs:
        manager.resume(run.id)
    for run in store.all():
        assert manager.wait(run.id, 120).status is RunStatus.FINISHED
        assert curve(store, run.id) == expected
        assert same_bits(final_weights(store, run.id), weights)
    manager.close()
    store.close()


def kill_again_and_again(directory: Path, alone, kills: int, steps_each: int, seed: int) -> None:
    corpus, expected, weights = alone
    rng = random.Random(seed)
    killed = Killed(directory, corpus)
    for number in range(kills):
        server = killed.serve()
        killed.kill(server, rng.randrange(1, steps_each), worker=number % 3 == 2)
        if look(directory, expected):
            break
    finish(directory, expected, weights)


@pytest.mark.timeout(600)
def test_three_kills_in_the_middle_of_turns_lose_nothing(tmp_path, alone):
    kill_again_and_again(tmp_path, alone, 3, 100, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_a_hundred_kills_in_the_middle_of_turns_lose_nothing(tmp_path, alone):
    for round in range(10):
        kill_again_and_again(tmp_path / str(round), alone, 10, 150, seed=round)
