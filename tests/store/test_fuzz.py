"""Damaged files of every kind that a data directory has: each is read, or told in a sentence; never a raw exception."""

import json
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from playground.config import WriteConfig
from playground.errors import PlaygroundError
from playground.records import RunStatus
from playground.runs.executors import InlineExecutor
from playground.runs.job import Job, work
from playground.runs.manager import RunManager
from playground.services.checkpoints import CheckpointCache
from playground.services.gates import GateService
from playground.services.text import TextService
from playground.store.database import DATABASE
from playground.store.doctor import examine
from playground.store.export import export_zip
from playground.store.repair import repair
from playground.store.run_store import RunStore
from playground.store.weights import load_training, load_weights
from playground.text.corpora import CorpusLibrary
from playground.text.repair import repair_text
from playground.training.control import RunControl
from playground.training.events import StepDone
from playground.web.history import run_history, to_json
from tests.helpers import some_text, tiny_config

KINDS = ("weights", "training", "run_note", "vocabulary", "text_note", "text", "database")
_WORDS = [
    b"{",
    b"}",
    b"[",
    b'"',
    b"null",
    b"true",
    b"-1",
    b"1e999",
    b"99999999999999999999",
    b"\xff",
    b"\x00",
    b"NaN",
    b"BF16",
    b"F8_E4M3",
    b"\\ud800",
]


def mutated(data: bytes, rng: random.Random) -> bytes:
    """A file after something happened to it: bits that flipped, a cut, a hole, a word out of place."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 5))):
        # heads hold what decides how the rest is read
        at = rng.randrange(max(1, min(len(changed), rng.choice((100, 1_000, len(data))))))
        match rng.randrange(7):
            case 0:
                changed[at : at + 1] = bytes([rng.randrange(256)])
            case 1 if at < len(changed):
                changed[at] ^= 1 << rng.randrange(8)
            case 2:
                del changed[at:]
            case 3:
                del changed[at : at + rng.randrange(1, 40)]
            case 4:
                changed[at : at + rng.choice((8, 64, 4096))] = bytes(rng.choice((8, 64, 4096)))
            case 5:
                changed[at:at] = rng.choice(_WORDS)
            case _:
                word = rng.choice(_WORDS)
                changed[at : at + len(word)] = word
    return bytes(changed)


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> tuple[Path, str, str]:
    """A data directory with a stopped run and a text: the directory, and both ids."""
    directory = tmp_path_factory.mktemp("fuzz") / "data"
    store = RunStore(directory)
    manager = RunManager(store, InlineExecutor())
    text = store.library.add("Some text", some_text())
    run = manager.start(tiny_config(corpus=text.id, epochs=3, optimizer="adamw", lr=0.01), "Mine")
    assert manager.wait(run.id, 60).status is RunStatus.FINISHED
    store.set_status(run.id, RunStatus.STOPPED)
    manager.close()
    store.close()
    return directory, run.id, text.id


def files_of(kind: str, directory: Path, run: str, text: str) -> Path:
    """The file that a kind is about."""
    home = directory / "runs" / run
    return {
        "weights": max(home.glob("*.weights.safetensors"), default=home),
        "training": max(home.glob("*.training.safetensors"), default=home),
        "run_note": home / "run.json",
        "vocabulary": home / "vocab.json",
        "text_note": directory / "corpora" / f"{text}.json",
        "text": directory / "corpora" / f"{text}.txt",
        "database": directory / DATABASE,
    }[kind]


def use_weights(directory: Path, run: str, text: str) -> Iterator[Callable[[], object]]:
    store = RunStore(directory)
    checkpoints = CheckpointCache(store)
    record, (*_, newest) = store.get(run), store.checkpoints(run)
    yield lambda: GateService(checkpoints).trace(record, newest, "tide clock")
    yield lambda: list(TextService(checkpoints).write(record, newest, "tide", WriteConfig(length=3)))
    yield lambda: load_weights(directory / "runs" / run / newest.weights_file)
    yield lambda: export_zip(store, run)
    store.close()


def use_training(directory: Path, run: str, text: str) -> Iterator[Callable[[], object]]:
    store = RunStore(directory)
    record, (*_, newest) = store.get(run), store.checkpoints(run)
    job = Job(record.config, directory / "corpora", directory / "runs" / run, newest)
    store.close()

    def resume() -> None:
        steps = 0
        for messages in work(job, RunControl()):
            steps += sum(isinstance(message, StepDone) for message in messages)
            if steps > 3:
                return

    yield lambda: load_training(job.directory / str(newest.training_file))
    yield resume


def use_run_notes(directory: Path, run: str, text: str) -> Iterator[Callable[[], object]]:
    (directory / DATABASE).unlink()
    yield lambda: examine(directory)
    yield lambda: repair(directory)
    yield lambda: use_database_once(directory, run)


def use_text(directory: Path, run: str, text: str) -> Iterator[Callable[[], object]]:
    library = CorpusLibrary(directory / "corpora")
    yield library.all
    yield library.damaged
    yield lambda: library.title(text)
    yield lambda: library.load(text)
    yield lambda: repair_text(directory / "corpora", text)
    yield lambda: library.load(text)
    yield lambda: library.add("Some text", some_text())
    yield lambda: library.remove(text)


def use_database(directory: Path, run: str, text: str) -> Iterator[Callable[[], object]]:
    yield lambda: use_database_once(directory, run)
    yield lambda: examine(directory)
    yield lambda: repair(directory)
    yield lambda: use_database_once(directory, run)


def use_database_once(directory: Path, run: str) -> None:
    store = RunStore(directory)
    manager = None
    try:
        for call in (
            store.recover,
            store.all,
            store.damaged,
            store.with_weights,
            lambda: store.find("latest"),
            lambda: store.history(run),
            lambda: store.vocab(run),
            lambda: store.checkpoints(run),
            lambda: export_zip(store, run),
            store.backups.make,
        ):
            with suppress(PlaygroundError):
                call()
        with suppress(PlaygroundError):
            manager = RunManager(store, InlineExecutor())
        for record in _told(store.all):
            for ask in (
                store.clipping.outcome,
                store.clipping.recent,
                store.clipping.longest,
                store.clipping.moves,
                store.clipping.was_clipped,
                lambda record: manager and json.loads(to_json(run_history(manager, record.id, 0))),
                lambda record: store.append(record.id, [StepDone(900, 9.0, 1.0, 1.0, 1.0, 9.0, 9.0)]),
                lambda record: store.rename(record.id, "Another"),
                lambda record: store.rewind(record.id),
                lambda record: store.delete(record.id),
            ):
                with suppress(PlaygroundError):
                    ask(record)
        for record in _told(store.damaged):
            with suppress(PlaygroundError):
                store.delete(record.id)
        with suppress(PlaygroundError):
            store.create(tiny_config(), "New")
    finally:
        if manager is not None:
            manager.close()
        store.close()


def _told(ask: Callable[[], list]) -> list:
    try:
        return ask()
    except PlaygroundError:
        return []


USES = {
    "weights": use_weights,
    "training": use_training,
    "run_note": use_run_notes,
    "vocabulary": use_run_notes,
    "text_note": use_text,
    "text": use_text,
    "database": use_database,
}
SHARE = {
    "weights": 3,
    "training": 3,
    "run_note": 2,
    "vocabulary": 1,
    "text_note": 2,
    "text": 1,
    "database": 6,
}
"""Of the files, in parts of 18."""


def fuzz(sound: tuple[Path, str, str], place: Path, kind: str, count: int, part: int = 0) -> None:
    directory, run, text = sound
    rng = random.Random(f"{kind} {part} {count}")
    data = files_of(kind, *sound).read_bytes()
    for n in range(count):
        copy = place / str(n)
        shutil.copytree(directory, copy)
        changed = mutated(data, rng)
        files_of(kind, copy, run, text).write_bytes(changed)
        for i, call in enumerate(USES[kind](copy, run, text)):
            try:
                call()
            except PlaygroundError as error:
                assert str(error).strip()
            except BaseException as error:
                error.add_note(f"{kind}, mutant {n} of {count}, use {i}")
                raise
        shutil.rmtree(copy)


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_is_read_or_told_in_a_sentence(sound, tmp_path, kind):
    fuzz(sound, tmp_path, kind, max(20, 360 * SHARE[kind] // 18))


@pytest.mark.slow
@pytest.mark.timeout(2_000)
@pytest.mark.parametrize(("kind", "part"), [(kind, part) for kind in KINDS for part in range(SHARE[kind])])
def test_none_of_twenty_thousand_damaged_files_gives_a_raw_exception(sound, tmp_path, kind, part):
    fuzz(sound, tmp_path, kind, -(-20_000 // 18), part)
