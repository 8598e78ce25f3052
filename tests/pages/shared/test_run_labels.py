"""No two runs are called alike where one is chosen: a box of choices tells its options by what they are called."""

from __future__ import annotations

from pages.shared.run_labels import run_labels
from tests.helpers import tiny_config
from tests.pages.helpers import linked


def test_runs_of_one_set_up_and_one_moment_are_told_apart_and_keep_their_ids(manager):
    runs = [manager.store.create(tiny_config(), "a run") for _ in range(4)]
    labels = run_labels(runs)
    assert list(labels) == [run.id for run in runs]
    assert len(set(labels.values())) == 4


def test_the_lens_opens_the_run_that_was_chosen_among_twins(manager, page, trained):
    first, second = trained(), trained()
    app = page("gates", run=second)
    box = app.selectbox(key="picked")
    assert len(set(box.options)) == 2
    labels = run_labels(manager.store.with_weights())
    box.set_value(first).run()
    assert linked(app)["run"] == first
    assert set(box.options) == set(labels.values())
    app.text_area(key="lens_text").set_value("another sentence").run()
    assert linked(app)["run"] == first
