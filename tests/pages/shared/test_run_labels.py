"""No two runs are called alike where one is chosen: a box of choices tells its options by what they are called."""

from __future__ import annotations

import os
from pathlib import Path

from pages.shared.run_labels import run_labels
from playground.records import RunStatus
from tests.helpers import some_text, tiny_config
from tests.pages.helpers import linked


def test_runs_of_one_set_up_and_one_moment_are_told_apart_and_keep_their_ids(manager):
    runs = [manager.store.create(tiny_config(), "a run") for _ in range(4)]
    labels = run_labels(runs)
    assert list(labels) == [run.id for run in runs]
    assert len(set(labels.values())) == 4


def test_the_lens_opens_the_run_that_was_chosen_among_twins(manager, page, trained):
    first, second = trained(), trained()
    app = page("gates", run=second, view="heatmap")
    box = app.selectbox(key="picked")
    assert len(set(box.options)) == 2
    labels = run_labels(manager.store.with_weights())
    box.set_value(first).run()
    assert linked(app)["run"] == first
    assert set(box.options) == set(labels.values())
    app.text_area(key="lens_text").set_value("another sentence").run()
    assert linked(app)["run"] == first


def test_labels_cost_neither_runs_times_texts_nor_a_query_a_run(manager, monkeypatch):
    library, store = manager.store.library, manager.store
    texts = [library.add(f"Text {n}", some_text(60, n)).id for n in range(20)]
    for n in range(100):
        store.create(tiny_config(corpus=texts[n % 20], seed=n), f"Run {n}")
    os.utime(library.directory, (1e9, 1e9))  # nothing has changed of late
    reads, asked = [], []
    read_bytes = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda file: (reads.append(file), read_bytes(file))[1])
    store._database._connection.set_trace_callback(asked.append)
    first = run_labels(store.all())
    assert {file.stem for file in reads} <= set(texts)
    assert len(reads) == len(set(reads))
    reads.clear()
    asked.clear()
    assert run_labels(store.all()) == first
    assert not reads
    assert len(asked) == 1  # the list itself


def test_a_label_follows_what_becomes_of_its_run_and_its_text(manager):
    store = manager.store
    text = store.library.add("A first title", some_text(60)).id
    run = store.create(tiny_config(corpus=text), "Mine")
    (label,) = run_labels([run]).values()
    assert "A first title" in label
    assert "waiting" in label
    store.set_status(run.id, RunStatus.STOPPED)
    (store.library.directory / f"{text}.json").unlink()
    (label,) = run_labels([store.get(run.id)]).values()
    assert "A first title" not in label
    assert "stopped" in label
