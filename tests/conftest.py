"""Fixtures that several rooms of the test suite share."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from playground.runs.executors import InlineExecutor
from playground.runs.manager import RunManager
from playground.server_settings import ServerSettings, variable
from playground.store import space
from playground.store.run_store import RunStore, default_directory
from playground.text.corpora import TIME_MACHINE, Corpus, CorpusLibrary
from playground.text.time_machine import FILE as TIME_MACHINE_FILE
from tests.helpers import ROOT, some_text

# others use the machine at the same time: a slow example is no failure, and a run is repeatable
settings.register_profile(
    "engine", deadline=None, derandomize=True, max_examples=40, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("engine")

_CACHE = default_directory() / "corpora"  # before any test points PLAYGROUND_DATA elsewhere


@pytest.fixture(autouse=True)
def own_data_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test touches the data of the person who runs it."""
    monkeypatch.setenv("PLAYGROUND_DATA", str(tmp_path / "default-data"))
    for name in ServerSettings.model_fields:
        monkeypatch.delenv(variable(name), raising=False)
    monkeypatch.setattr(space, "RESERVE_BYTES", 4096)  # each test has a data directory of its own


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    """A fresh data directory."""
    opened = RunStore(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def text_id(store: RunStore) -> str:
    """Id of a small text of one's own in the store."""
    return store.library.add("Some text", some_text()).id


@pytest.fixture
def make_manager(store: RunStore) -> Iterator[Callable[..., RunManager]]:
    """Makes managers over the store that train inside this process; all are closed at the end."""
    made: list[RunManager] = []

    def make(**more: int) -> RunManager:
        made.append(RunManager(store, InlineExecutor(), **more))
        return made[-1]

    yield make
    for manager in made:
        manager.close()


@pytest.fixture
def time_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Corpus:
    """The book, from the corpus cache, `PLAYGROUND_CORPORA` or ../shared/data; skips where none has it."""
    shared = os.environ.get("PLAYGROUND_CORPORA")
    folders = [_CACHE, *([Path(shared)] if shared else []), ROOT.parent / "shared" / "data"]
    folder = next((f for f in folders if (f / TIME_MACHINE_FILE).is_file()), None)
    if folder is None:
        pytest.skip(f"no {TIME_MACHINE_FILE} in the corpus cache, PLAYGROUND_CORPORA or ../shared/data")
    monkeypatch.setenv("PLAYGROUND_CORPORA", str(folder))
    return CorpusLibrary(tmp_path / "corpora").load(TIME_MACHINE)


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Mounts a file system of so many megabytes; skips where only root could, or not even root can."""
    places: list[Path] = []

    def make(megabytes: int) -> Path:
        place = tmp_path / f"disk-{len(places)}"
        place.mkdir()
        if not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("mount") is None:
            pytest.skip("only root can mount a small file system")
        command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)]
        mounted = subprocess.run(command, capture_output=True, check=False)
        if mounted.returncode:
            pytest.skip(f"no small file system here: {mounted.stderr.decode().strip()}")
        places.append(place)
        return place

    yield make
    for place in places:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def disk(mount: Callable[[int], Path]) -> Path:
    """A file system of 40 MB."""
    return mount(40)
