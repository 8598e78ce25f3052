"""The store: what is kept, found, taken back and swept away."""

import math
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from playground.errors import ConfigError, CorpusError, RunNotFound, RunStateError, StoreError
from playground.records import ACTIVE, RESUMABLE, Reason, RunStatus, TrainingFacts
from playground.store.messages import CheckpointSaved, Failed, VocabBuilt
from playground.store.run_notes import NAMES
from playground.store.run_store import MAX_NAME, RunStore, default_directory
from playground.text.vocab import Vocab
from playground.training.events import EpochDone, Finished, Paused, Resumed, SampleMade, Started, StepDone
from tests.helpers import Clock, curve, tiny_config

FACTS = TrainingFacts("cpu", "some cpu", 2, "2.13.0", 1_234, 28, 7, 500, 50)
ENDS = [status for status in RunStatus if status not in ACTIVE]


def step(n: int, loss: float = 2.0, norm: float = 1.0) -> StepDone:
    return StepDone(n, n / 4, loss, norm, min(1.0, 1 / norm), 900.0, n / 10)


def saved(store: RunStore, id: str, n: int, *, kept: bool = True) -> CheckpointSaved:
    """A checkpoint with its two files on disk."""
    names = f"step-{n}.weights", f"step-{n}.training"
    store.run_directory(id).mkdir(parents=True, exist_ok=True)
    for name in names:
        (store.run_directory(id) / name).write_text(name)
    return CheckpointSaved(n / 4, n, kept, *names)


def files(store: RunStore, id: str) -> set[str]:
    """Without the notes that are kept beside the weights."""
    return {file.name for file in store.run_directory(id).iterdir()} - NAMES


def test_a_run_comes_back_as_it_was_told(tmp_path):
    store = RunStore(tmp_path, clock=lambda: 1_234.5)
    config = tiny_config(cell="gru", max_grad_norm="off", sample_prefix="潮 {x}")
    id = store.create(config, "Mine").id
    store.append(id, [VocabBuilt(Vocab(["a", "雨"], "char").to_json()), Started(FACTS)])
    store.append(id, [step(1), step(2, loss=1.5), EpochDone(1, 2, 1.75, 2.25, 0.2)])
    store.append(id, [SampleMade(0.5, 2, "ti", "de")])
    store.close()
    store = RunStore(tmp_path)
    run = store.get(id)
    assert (run.name, run.config, run.status, run.created_at) == ("Mine", config, RunStatus.RUNNING, 1_234.5)
    assert (run.facts, run.reason, run.revision) == (FACTS, None, 0)
    assert (run.step, run.epoch, run.seconds, run.tokens) == (2, 0.5, 0.2, 2 * 2 * 5)
    assert (run.step_loss, run.train_loss, run.heldout_loss) == (1.5, 1.75, 2.25)
    assert run.tokens_per_second == pytest.approx(100)
    assert store.vocab(id) == Vocab(["a", "雨"], "char")
    assert curve(store, id) == [(1, 2.0, 1.0), (2, 1.5, 1.0)]
    store.close()


@pytest.mark.parametrize("message", [Started(FACTS), Paused(1), Resumed(1)])
def test_what_is_told_sets_the_status(store, message):
    id = store.create(tiny_config(), "Mine").id
    assert store.get(id).status is RunStatus.QUEUED
    store.append(id, [message])
    assert store.get(id).status is (RunStatus.PAUSED if isinstance(message, Paused) else RunStatus.RUNNING)


@pytest.mark.parametrize("status", [RunStatus.FINISHED, RunStatus.STOPPED, RunStatus.DIVERGED])
def test_an_end_is_kept_and_only_divergence_needs_a_reason(store, status):
    id = store.create(tiny_config(), "Mine").id
    store.append(id, [step(1), Finished(status, 2, 0.5, 3.5)])
    run = store.get(id)
    assert (run.status, run.epoch, run.seconds) == (status, 0.5, 3.5)
    if status is RunStatus.DIVERGED:
        assert str(run.reason).startswith(
            "The loss stopped being a number after step 1 (epoch 0.5), although"
        )
    else:
        assert run.reason is None


def test_a_reason_keeps_its_template_and_figures(store):
    id = store.create(tiny_config(), "Mine").id
    reason = Reason("{got:,} of {wanted:,} {{bytes}}", {"got": 1_000, "wanted": 2_000})
    store.append(id, [Failed(reason)])
    assert (store.get(id).status, store.get(id).reason) == (RunStatus.FAILED, reason)


def test_an_overflowed_norm_is_kept_as_infinite(store):
    id = store.create(tiny_config(), "Mine").id
    store.append(id, [step(1, norm=math.inf), step(2, norm=math.nan)])
    assert store.history(id).step_norm.tolist() == [math.inf, math.inf]


@pytest.mark.parametrize("loss", [math.inf, math.nan])
def test_a_held_out_loss_that_overflowed_is_missing_not_a_number_that_json_lacks(store, loss):
    id = store.create(tiny_config(), "Mine").id
    store.append(id, [step(1), EpochDone(1, 1, 2.0, loss, 0.1)])
    assert store.get(id).heldout_loss is None
    assert store.epoch_rows(id)[0]["heldout_loss"] is None


def test_a_list_of_messages_is_kept_whole_or_not_at_all(store):
    id = store.create(tiny_config(), "Mine").id
    store.append(id, [step(1)])
    before = store.get(id)
    with pytest.raises(StoreError, match="kept nothing of it"):
        store.append(id, [step(2), Started(FACTS), step(3, loss=math.nan)])
    assert store.get(id) == before
    assert len(store.step_rows(id)) == 1


def test_runs_are_listed_newest_first(tmp_path):
    store = RunStore(tmp_path, clock=Clock())  # at the same moment, even
    ids = [store.create(tiny_config(), name).id for name in "abc"]
    assert [run.id for run in store.all()] == ids[::-1]
    assert store.find("latest").id == ids[-1]
    store.close()


def test_a_run_is_found_by_the_beginning_of_its_id(store):
    ids = [store.create(tiny_config(), "Mine").id for _ in range(40)]
    for id in ids:
        assert store.find(id).id == id
    for start in "0123456789abcdef":
        fits = [id for id in ids if id.startswith(start)]
        if len(fits) == 1:
            assert store.find(start).id == fits[0]
        else:
            with pytest.raises(RunNotFound, match=f"^{len(fits)} runs" if fits else "^No run has"):
                store.find(start)


@pytest.mark.parametrize("start", ["latest", "", "zzz", "%", "_"])
def test_nothing_is_found_where_nothing_fits(store, start):
    with pytest.raises(RunNotFound):
        store.find(start)


@pytest.mark.parametrize("ask", ["get", "history", "vocab", "delete", "rewind", "step_rows", "epoch_rows"])
def test_a_run_that_does_not_exist_is_not_found(store, ask):
    with pytest.raises(RunNotFound, match="no run 'nonsense'"):
        getattr(store, ask)("nonsense")


def test_renaming_changes_the_name_alone(store):
    run = store.create(tiny_config(), "Mine")
    store.rename(run.id, "  a \n new  name " + "x" * 200)
    after = store.get(run.id)
    assert after.name == ("a new name " + "x" * 200)[:MAX_NAME]
    assert after.__dict__ | {"name": run.name} == run.__dict__
    with pytest.raises(ConfigError, match="needs a name"):
        store.rename(run.id, " \n")
    with pytest.raises(RunNotFound):
        store.rename("nonsense", "name")


@pytest.mark.parametrize("status", ENDS)
def test_deleting_takes_rows_and_files_and_leaves_the_others(store, status):
    kept, gone = (store.create(tiny_config(), "Mine").id for _ in range(2))
    for id in (kept, gone):
        store.append(
            id, [step(1), EpochDone(1, 1, 2.0, None, 0.1), SampleMade(1, 1, "", "x"), saved(store, id, 1)]
        )
        store.set_status(id, status)
    store.delete(gone)
    assert [run.id for run in store.all()] == [kept]
    assert not store.run_directory(gone).exists()
    assert files(store, kept) == {"step-1.weights", "step-1.training"}
    with sqlite3.connect(store.directory / "playground.sqlite3") as db:
        for table in ("steps", "epochs", "samples", "checkpoints"):
            assert db.execute(f"SELECT DISTINCT run_id FROM {table}").fetchall() == [(kept,)]
    db.close()


@pytest.mark.parametrize("status", sorted(ACTIVE))
def test_a_run_under_way_cannot_be_deleted(store, status):
    id = store.create(tiny_config(), "Mine").id
    store.set_status(id, status)
    with pytest.raises(RunStateError, match="Stop it first"):
        store.delete(id)
    assert store.get(id).status is status


# checkpoints and resuming -------------------------------------------------------------------------


def test_only_the_newest_checkpoint_can_be_resumed_and_rolling_ones_go(store):
    id = store.create(tiny_config(), "Mine").id
    for n, kept in [(0, True), (3, False), (5, False), (8, True), (9, False)]:
        store.append(id, [saved(store, id, n, kept=kept)])
    assert [(c.step, c.kept, c.training_file) for c in store.checkpoints(id)] == [
        (0, True, None),
        (8, True, None),
        (9, False, "step-9.training"),
    ]
    assert store.newest_checkpoint(id) == store.checkpoints(id)[-1]
    assert files(store, id) == {"step-0.weights", "step-8.weights", "step-9.weights", "step-9.training"}


def test_the_weights_of_a_run_stay_within_its_budget_first_last_and_best_first(store):
    id = store.create(tiny_config(checkpoint_megabytes=10), "Mine").id
    epochs = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500]
    losses = {epoch: abs(epoch - 60) + 1.0 for epoch in epochs[1:]} | {0: None}
    for epoch in epochs:
        told = replace(
            saved(store, id, epoch), weights_bytes=2_000_000, training_bytes=1_500_000, loss=losses[epoch]
        )
        store.append(id, [told])
    steps = [c.step for c in store.checkpoints(id)]
    assert len(steps) == (10_000_000 - 1_500_000) // 2_000_000
    assert {0, 50, 500} < set(steps)
    assert files(store, id) == {f"step-{n}.weights" for n in steps} | {"step-500.training"}


def test_a_checkpoint_larger_than_the_budget_is_kept_alone_so_that_a_run_can_go_on(store):
    id = store.create(tiny_config(checkpoint_megabytes=1), "Mine").id
    for epoch in (0, 1, 2):
        store.append(
            id, [replace(saved(store, id, epoch), weights_bytes=119_000_000, training_bytes=238_000_000)]
        )
    assert [c.step for c in store.checkpoints(id)] == [2]
    assert files(store, id) == {"step-2.weights", "step-2.training"}


def test_the_best_of_the_rolling_checkpoints_stays(store):
    id = store.create(tiny_config(), "Mine").id
    for epoch, loss in ((1, 3.0), (2, 2.0), (3, 2.5), (4, None)):
        store.append(id, [replace(saved(store, id, epoch, kept=False), loss=loss)])
    assert [(c.step, c.loss) for c in store.checkpoints(id)] == [(2, 2.0), (4, None)]


def test_a_checkpoint_told_twice_stays_and_is_kept_if_either_was(store):
    id = store.create(tiny_config(), "Mine").id
    for kept in (False, True, False):
        store.append(id, [saved(store, id, 4, kept=kept)])
    assert [(c.step, c.kept) for c in store.checkpoints(id)] == [(4, True)]
    assert files(store, id) == {"step-4.weights", "step-4.training"}


@pytest.mark.parametrize("status", sorted(RESUMABLE))
def test_rewinding_forgets_exactly_what_came_after_the_newest_checkpoint(store, status):
    id = store.create(tiny_config(), "Mine").id
    told = [step(1), step(2), EpochDone(1, 2, 2.5, 2.6, 0.2), SampleMade(1, 2, "", "x"), step(3, loss=1.9)]
    store.append(id, [*told, saved(store, id, 3)])
    before = store.get(id)
    store.append(id, [step(4, loss=0.5), EpochDone(2, 4, 0.6, 0.7, 0.4), SampleMade(2, 4, "", "y"), step(5)])
    store.set_status(id, status, Reason("Something."))
    checkpoint = store.rewind(id)
    after = store.get(id)
    assert checkpoint == store.newest_checkpoint(id)
    assert (after.status, after.reason, after.revision) == (RunStatus.QUEUED, None, before.revision + 1)
    figures = ("step", "epoch", "seconds", "tokens", "step_loss", "train_loss", "heldout_loss")
    assert [getattr(after, f) for f in figures] == [getattr(before, f) for f in figures]
    history = store.history(id)
    assert history.step_loss.tolist() == [2.0, 2.0, 1.9]
    assert history.train_loss.tolist() == [2.5]
    assert [sample.text for sample in history.samples] == ["x"]


def test_a_run_that_never_had_a_checkpoint_starts_afresh(store):
    id = store.create(tiny_config(), "Mine").id
    store.append(id, [step(1), step(2)])
    store.set_status(id, RunStatus.FAILED)
    assert store.rewind(id) is None
    assert (store.get(id).step, store.get(id).step_loss, curve(store, id)) == (0, None, [])


@pytest.mark.parametrize("status", sorted(set(RunStatus) - RESUMABLE))
def test_what_did_not_end_before_its_time_cannot_be_resumed(store, status):
    id = store.create(tiny_config(), "Mine").id
    store.append(id, [step(1)])
    store.set_status(id, status)
    with pytest.raises(RunStateError, match=status.value):
        store.rewind(id)
    assert curve(store, id) == [(1, 2.0, 1.0)]


def test_the_directory_is_the_chosen_one_else_the_users_own(monkeypatch):
    monkeypatch.setenv("PLAYGROUND_DATA", "somewhere/else")
    assert default_directory() == Path("somewhere/else")
    monkeypatch.setenv("PLAYGROUND_DATA", "")
    assert default_directory().name == "recurrent-playground"
    monkeypatch.delenv("PLAYGROUND_DATA")
    assert default_directory().name == "recurrent-playground"


def test_a_text_is_removed_only_when_no_run_reads_it(store, text_id):
    run = store.create(tiny_config(corpus=text_id), "Reader")
    with pytest.raises(
        CorpusError, match=r"'Some text' stays: the run 'Reader' reads it \(runs that do: 1\)"
    ):
        store.remove_text(text_id)
    assert store.library.load(text_id)
    store.set_status(run.id, RunStatus.STOPPED)
    store.delete(run.id)
    store.remove_text(text_id)
    assert text_id not in [info.id for info in store.library.all()]
