"""Data directories as every version so far has left them, with data: runs, curves and checkpoints are right afterwards."""

from __future__ import annotations

import json
import math
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from playground.records import RunStatus, TextPart
from playground.runs.executors import InlineExecutor
from playground.runs.manager import RunManager
from playground.store import database, run_notes
from playground.store.migrations import MIGRATIONS
from playground.store.run_store import RunStore
from playground.store.series import EPOCHS, STEPS
from playground.store.weights import load_arrays
from tests.helpers import curve, final_weights, same_bits, some_text, tiny_config

EVERY = range(1, len(MIGRATIONS) + 1)
NEW_SETTINGS = ("weight_averaging", "stop_exploded", "sample_temperature", "checkpoint_megabytes")
"""Of training, that an old config does not have."""
FACTS = {"device": "cpu", "device_name": "a cpu", "threads": 1, "torch_version": "2", "parameters": 321}
FACTS |= {"vocab_size": 20, "steps_per_epoch": 4, "train_tokens": 90, "heldout_tokens": 10}


def open_as(version: int, folder: Path) -> sqlite3.Connection:
    """An empty database as a version left it."""
    folder.mkdir(exist_ok=True)
    db = sqlite3.connect(folder / "playground.sqlite3")
    for script in MIGRATIONS[:version]:
        db.executescript(script)
    db.execute(f"PRAGMA user_version = {version}")
    return db


def add_run(
    db: sqlite3.Connection, version: int, id: str, *, config: str, status: str, steps: int, **more
) -> None:
    """A run's row, with the columns that the version had."""
    facts = "machine" if version < 3 else "facts"
    told = {
        "id": id,
        "name": f"Run {id}",
        "config": config,
        "status": status,
        "created_at": 12.5,
        "step": steps,
    }
    told |= {"epoch": steps / 4, "seconds": steps / 10, "tokens": steps * 10, facts: json.dumps(FACTS)} | more
    db.execute(
        f"INSERT INTO runs ({', '.join(told)}) VALUES ({', '.join('?' * len(told))})", tuple(told.values())
    )


def add_steps(
    db: sqlite3.Connection, version: int, id: str, rows: list[tuple[int, int, float, float | None]]
) -> None:
    """Sequence number, step, loss and norm each; θ is 1."""
    shortened = "clipped" if version == 1 else "scale"
    db.executemany(
        f"INSERT INTO steps (run_id, seq, step, epoch, loss, grad_norm, {shortened}, tokens_per_second, seconds)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 900, ?)",
        (
            (id, seq, step, step / 4, loss, norm, _shortened(version, norm), step / 10)
            for seq, step, loss, norm in rows
        ),
    )


def _shortened(version: int, norm: float | None) -> float:
    is_clipped = norm is None or norm > 1
    if version == 1:
        return is_clipped
    return 1.0 if not is_clipped else 0.0 if norm is None else 1 / norm


def old_config(**settings: object) -> str:
    told = json.loads(tiny_config(**settings).model_dump_json())
    for name in NEW_SETTINGS:
        told["train"].pop(name, None)
    return json.dumps(told)


@pytest.mark.parametrize("version", EVERY)
def test_a_directory_of_every_version_opens_with_its_runs_curves_and_checkpoints(tmp_path, version):
    db = open_as(version, tmp_path)
    params = "figures" if version < 3 else "params"
    reason = json.dumps({"message": "Lost after {n}.", params: {"n": 8}})
    more = {"train_loss": 1.5, "heldout_loss": 1.75, "step_loss": 1.4, "reason": reason, "revision": 2}
    add_run(db, version, "abc", config=old_config(max_grad_norm=1), status="failed", steps=8, **more)
    norms = [0.5, 2.0, 4.0, 0.25, 0.5, None, 0.5, 0.5]
    seqs = [1, 2, 3, 4, 7, 8, 9, 10]  # an epoch's end and a sample come after the fourth, as they were told
    add_steps(db, version, "abc", [(seqs[i], i + 1, 3 - i / 8, norms[i]) for i in range(8)])
    db.execute(
        "INSERT INTO epochs VALUES ('abc', 5, 4, 1, 24.0, 2.5, 0.4), ('abc', 11, 8, 2, 1.5, 1.75, 0.8)"
    )
    db.execute("INSERT INTO samples VALUES ('abc', 6, 4, 1.0, 'ti', 'de; the')")
    if version >= 2:
        db.execute("INSERT INTO thresholds VALUES ('abc', 12, 8, 2.0, 0.25)")
    places = "(run_id, step, epoch, kept, weights_file, training_file)"
    db.execute(
        f"INSERT INTO checkpoints {places} VALUES ('abc', 0, 0, 1, 'w0', NULL), ('abc', 4, 1, 1, 'w4', NULL),"
        " ('abc', 6, 1.5, 0, 'w6', NULL), ('abc', 8, 2, 1, 'w8', 't8')"
    )
    db.commit()
    db.close()
    for name in ("w0", "w4", "w6", "w8", "t8"):
        (tmp_path / "runs" / "abc").mkdir(parents=True, exist_ok=True)
        (tmp_path / "runs" / "abc" / name).write_text(name)

    for _ in range(2):  # a second start finds the same
        store = RunStore(tmp_path)
        store.recover()
        run = store.get("abc")
        assert (run.name, run.status, run.created_at, run.revision) == ("Run abc", RunStatus.FAILED, 12.5, 2)
        assert (run.step, run.epoch, run.seconds, run.tokens) == (8, 2.0, 0.8, 80)
        assert (run.train_loss, run.heldout_loss, run.step_loss) == (1.5, 1.75, 1.4)
        assert str(run.reason) == "Lost after 8."
        assert run.facts.train_part == TextPart(90, *((90, 0) if version < 4 else (None, None)))
        assert run.max_grad_norm == (0.25 if version >= 2 else 1.0)
        assert [row[1] for row in curve(store, "abc")] == [3 - i / 8 for i in range(8)]
        assert [row["scale"] for row in store.step_rows("abc")] == [1, 0.5, 0.25, 1, 1, 0, 1, 1]
        history = store.history("abc")
        assert history.step_norm.tolist() == [0.5, 2.0, 4.0, 0.25, 0.5, math.inf, 0.5, 0.5]
        assert (history.train_loss.tolist(), history.heldout_loss.tolist()) == ([24.0, 1.5], [2.5, 1.75])
        assert [(s.prefix, s.text) for s in history.samples] == [("ti", "de; the")]
        assert history.cursor == (12 if version >= 2 else 11)
        explosion = store.clipping.explosion(run)
        assert (explosion.epoch, explosion.norm_step, explosion.norm, explosion.max_grad_norm) == (
            1,
            3,
            4.0,
            1.0,
        )
        assert [
            (c.step, c.kept, c.weights_file, c.training_file, c.loss) for c in store.checkpoints("abc")
        ] == [
            (0, True, "w0", None, None),
            (4, True, "w4", None, 2.5 if version < 5 else None),
            (6, False, "w6", None, None),
            (8, True, "w8", "t8", 1.75 if version < 5 else None),
        ]
        on_disk = {file.name for file in store.run_directory("abc").iterdir()}
        assert on_disk - run_notes.NAMES == {"w0", "w4", "w6", "w8", "t8"}
        store.close()


@pytest.mark.parametrize("version", EVERY)
def test_a_run_of_every_version_goes_on_from_its_checkpoint_to_the_weights_it_would_have_had(
    tmp_path, version
):
    """What a version left is what today's has written, in the shape that its tables had."""
    settings = {"epochs": 6, "optimizer": "adamw", "lr": 0.01, "max_grad_norm": 1, "sample_every": 0}
    whole = RunStore(tmp_path / "whole")
    manager = RunManager(whole, InlineExecutor())
    corpus = whole.library.add("Some text", some_text()).id
    expected = manager.wait(manager.start(tiny_config(corpus=corpus, **settings)).id, 60)
    shorter = manager.start(tiny_config(corpus=corpus, **(settings | {"epochs": 3}))).id
    half = manager.wait(shorter, 60)
    manager.close()

    db = open_as(version, tmp_path / "old")
    facts = FACTS | {"vocab_size": half.facts.vocab_size, "steps_per_epoch": half.facts.steps_per_epoch}
    facts_column = "machine" if version < 3 else "facts"
    more = {facts_column: json.dumps(facts), "vocab": whole.vocab(shorter).to_json()}
    config = old_config(corpus=corpus, **settings)
    add_run(db, version, "abc", config=config, status="interrupted", steps=half.step, **more)
    add_steps(db, version, "abc", [(2 * n, n, loss, norm) for n, loss, norm in curve(whole, shorter)])
    for row in whole.epoch_rows(shorter):
        told = (
            2 * row["step"] + 1,
            row["step"],
            row["epoch"],
            row["train_loss"],
            row["heldout_loss"],
            row["seconds"],
        )
        db.execute("INSERT INTO epochs VALUES ('abc', ?, ?, ?, ?, ?, ?)", told)
    newest = whole.newest_checkpoint(shorter)
    db.execute(
        "INSERT INTO checkpoints (run_id, step, epoch, kept, weights_file, training_file) VALUES ('abc', ?, ?, 1, ?, ?)",
        (newest.step, newest.epoch, newest.weights_file, newest.training_file),
    )
    db.commit()
    db.close()
    whole.run_directory(shorter).rename(_made(tmp_path / "old" / "runs") / "abc")

    store = RunStore(tmp_path / "old", corpora=whole.library.directory)
    manager = RunManager(store, InlineExecutor())
    assert load_arrays(store.run_directory("abc") / newest.weights_file)
    manager.resume("abc")
    assert manager.wait("abc", 60).status is RunStatus.FINISHED
    assert curve(store, "abc") == curve(whole, expected.id)
    assert same_bits(final_weights(store, "abc"), final_weights(whole, expected))
    manager.close()
    store.close()
    whole.close()


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_a_long_run_of_an_older_version_is_thinned_at_the_next_start_and_tells_the_same(
    tmp_path, monkeypatch, version
):
    steps = 60_000
    rng = np.random.default_rng(version)
    losses, norms = rng.uniform(1, 2, steps), rng.lognormal(-1, 1, steps)
    losses[40_000], norms[20_000] = 9.0, 1e5
    db = open_as(version, tmp_path)
    add_run(db, version, "long", config=old_config(max_grad_norm=1), status="stopped", steps=steps)
    told = zip(range(1, steps + 1), losses.tolist(), norms.tolist(), strict=True)
    add_steps(db, version, "long", [(2 * n, n, loss, norm) for n, loss, norm in told])
    db.executemany(
        "INSERT INTO epochs VALUES ('long', ?, ?, ?, ?, NULL, ?)",
        ((8 * n + 1, 4 * n, n, 50.0 if n == 6_000 else 1.5, n / 9) for n in range(1, steps // 4 + 1)),
    )
    db.execute(
        "INSERT INTO checkpoints (run_id, step, epoch, kept, weights_file, training_file)"
        f" VALUES ('long', {steps}, {steps / 4}, 1, 'w', 't')"
    )
    db.commit()
    db.close()
    monkeypatch.setattr(database, "_WORTH_SHRINKING", 0)
    store = RunStore(tmp_path)
    store.recover()
    alone, (buckets, epochs) = store.step_rows("long"), store.thinned("long")
    assert len(buckets) <= STEPS.most
    assert STEPS.tail <= len(alone) < 2 * STEPS.tail
    assert len(epochs) <= EPOCHS.most
    assert sum(row["points"] for row in buckets) + len(alone) == steps
    run = store.get("long")
    history = store.history("long")
    assert (history.step_loss.min(), history.step_loss.max()) == (losses.min(), 9.0)
    assert store.clipping.longest(run) == 1e5
    explosion = store.clipping.explosion(run)
    assert (explosion.epoch, explosion.loss, explosion.norm_step, explosion.norm) == (
        6_000,
        50.0,
        20_001,
        1e5,
    )
    assert [(c.weights_file, c.training_file) for c in store.checkpoints("long")] == [("w", "t")]
    (empty,), (pages,) = (store._database.rows(f"PRAGMA {n}_count")[0] for n in ("freelist", "page"))
    assert 2 * empty <= pages
    store.close()
