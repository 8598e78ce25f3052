"""Small, seeded material that several tests share."""

from __future__ import annotations

import errno
import os
import random
import shutil
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import torch

from playground.config import RunConfig, from_flat
from playground.records import RunRecord, RunStatus
from playground.runs.executors import InlineExecutor
from playground.runs.manager import RunManager
from playground.store.run_store import RunStore
from playground.store.weights import load_weights
from playground.text.corpora import Corpus
from playground.text.prepare import PreparedText, prepare
from playground.training.control import RunControl
from playground.training.events import TrainEvent
from playground.training.trainer import Trainer

T = TypeVar("T")
ROOT = Path(__file__).parents[1]
_WORDS = ["tide", "clock", "rain", "lamp", "brass", "wheel", "moon", "salt", "glass", "door"]
DIVERGES = {
    "cell": "rnn",
    "nonlinearity": "relu",
    "hidden_size": 64,
    "lr": 10,
    "max_grad_norm": "off",
    "epochs": 50,
}
"""Settings whose loss stops being a number within a few steps."""


def some_text(length: int = 200, seed: int = 1) -> str:
    """Words in a seeded order; every letter of theirs comes early."""
    rng = random.Random(seed)
    words = _WORDS + [rng.choice(_WORDS) for _ in range(length)]
    return " ".join(words)[:length]


def tiny_config(**settings: object) -> RunConfig:
    """A run of milliseconds on one thread of the CPU."""
    small = {
        "hidden_size": 8,
        "batch_size": 2,
        "num_steps": 5,
        "epochs": 3,
        "lr": 0.5,
        "sample_length": 3,
        "device": "cpu",
        "threads": 1,
    }
    return from_flat(small | settings)


def prepared(config: RunConfig, text: str | None = None) -> PreparedText:
    """Tokens of a text as the config asks."""
    return prepare(Corpus("some-text", "Some text", text or some_text()), config.corpus)


def make_trainer(config: RunConfig, text: str | None = None, **more: object) -> Trainer:
    """A trainer on a small text."""
    return Trainer(config, prepared(config, text), **more)  # type: ignore[arg-type]


def train(config: RunConfig, text: str | None = None) -> list[TrainEvent]:
    """All events of an undisturbed training."""
    return list(make_trainer(config, text).run(RunControl()))


def only(kind: type[T], events: list[TrainEvent]) -> list[T]:
    """The events of one kind."""
    return [event for event in events if isinstance(event, kind)]


def until(condition: Callable[[], T], seconds: float = 60.0) -> T:
    """Look again and again until the condition holds; fail at the deadline."""
    deadline = time.monotonic() + seconds
    tick = threading.Event()
    while not (value := condition()):
        assert time.monotonic() < deadline, f"still false after {seconds:g} s"
        tick.wait(0.002)
    return value


class Clock:
    """Seconds that pass only when told, or by a fixed amount at each look."""

    def __init__(self, each_look: float = 0.0) -> None:
        self.now = 0.0
        self.each_look = each_look

    def __call__(self) -> float:
        self.now += self.each_look
        return self.now


def curve(store: RunStore, id: str) -> list[tuple[int, float, float]]:
    """Step, loss and gradient norm of every step that a store keeps."""
    return [(row["step"], row["loss"], row["grad_norm"]) for row in store.step_rows(id)]


def final_weights(store: RunStore, run: RunRecord | str) -> dict[str, torch.Tensor]:
    """Weights of a run's newest checkpoint."""
    id = run if isinstance(run, str) else run.id
    newest = store.newest_checkpoint(id)
    assert newest is not None
    return load_weights(store.run_directory(id) / newest.weights_file)


def same_bits(left: dict[str, torch.Tensor], right: dict[str, torch.Tensor]) -> bool:
    """The same names, and every number the same to the last bit."""
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


@contextmanager
def undisturbed_run(folder: Path, **settings: object) -> Iterator[tuple[str, RunStore, RunRecord]]:
    """A run that nobody disturbs, at its end: its text's id, its store, and itself."""
    store = RunStore(folder)
    manager = RunManager(store, InlineExecutor())
    corpus = store.library.add("Some text", some_text()).id
    run = manager.wait(manager.start(tiny_config(corpus=corpus, **settings)).id, 120)
    assert run.status is RunStatus.FINISHED
    try:
        yield corpus, store, run
    finally:
        manager.close()
        store.close()


def fill(disk: Path, leave: int = 0) -> Path:
    """Write until so many bytes are left on a disk; the file that did it."""
    filler = disk / "filler"
    with filler.open("ab") as out:
        while True:
            try:
                os.posix_fallocate(out.fileno(), 0, max(1, shutil.disk_usage(disk).free - leave))
                return filler
            except OSError as error:  # a backup was written between the look and the filling
                if error.errno != errno.ENOSPC:
                    raise


HEARING = (
    sys.executable,
    "-c",
    "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_DFL); os.execvp(sys.argv[1], sys.argv[1:])",
)
"""Begins a command that hears its terminal close, also where whoever runs the tests does not (`nohup`)."""

VARIED = {
    "dropout": 0.3,
    "num_layers": 2,
    "optimizer": "adamw",
    "lr": 0.01,
    "cell": "gru",
    "sampling": "random",
    "sample_every": 20,
}
"""Settings under which whatever a resume forgets changes the rest of the run."""


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def streamlit_command(port: int, *options: str, script: str | Path = "streamlit_app.py") -> list[str]:
    """`streamlit run` without a browser window."""
    usual = ("--server.headless=true", f"--server.port={port}")
    return [sys.executable, "-m", "streamlit", "run", str(script), *usual, *options]
