"""What the store tells about clipping, and thresholds that are moved under a manager."""

from __future__ import annotations

import math

import pytest

from playground.errors import ConfigError, RunStateError
from playground.format import perplexity_text
from playground.records import Clipping, Explosion, RunStatus, TrainingFacts
from playground.runs.executors import InlineExecutor
from playground.runs.manager import RunManager
from playground.training.events import EpochDone, Finished, Started, StepDone, ThresholdMoved
from tests.helpers import tiny_config, until

FACTS = TrainingFacts("cpu", "a cpu", 1, "2.13.0", 321, 28, 2, 300, 0)  # two steps an epoch, 28 tokens


def step(n: int, norm: float = 0.5, scale: float = 1.0, loss: float = 2.0) -> StepDone:
    return StepDone(n, n / 2, loss, norm, scale, 900.0, n / 10)


@pytest.fixture
def id(store) -> str:
    run = store.create(tiny_config(max_grad_norm=1.0), "Mine")
    store.append(run.id, [Started(FACTS)])
    return run.id


def test_the_threshold_is_the_settings_until_somebody_moves_it(store, id):
    thresholds = []
    for move in (None, ThresholdMoved(0.5, 1, 0.25), ThresholdMoved(1.0, 2, None)):
        store.append(id, [step(1), *([move] if move else [])])
        thresholds.append(store.clipping.threshold(store.get(id)))
    assert thresholds == [1.0, 0.25, None]
    assert [t.max_grad_norm for t in store.history(id).thresholds] == [0.25, None]


def test_moves_come_with_the_history_that_follows_a_cursor(store, id):
    store.append(id, [step(1), ThresholdMoved(0.5, 1, 0.25), step(2)])
    cursor = store.history(id).cursor
    assert store.history(id, after=cursor).thresholds == ()
    store.append(id, [ThresholdMoved(1.0, 2, None)])
    news = store.history(id, after=cursor)
    assert [(t.epoch, t.step, t.max_grad_norm) for t in news.thresholds] == [(1.0, 2, None)]
    assert news.cursor == cursor + 1


def test_clipping_is_told_of_the_last_epochs_worth_of_steps(store, id):
    assert store.clipping.recent(store.get(id)) is None
    store.append(id, [step(1, 4.0, 0.25), step(2, 2.0, 0.5)])
    assert store.clipping.recent(store.get(id)) == Clipping(2, 1.0, 0.375)
    store.append(id, [step(3, 0.5)])
    assert store.clipping.recent(store.get(id)) == Clipping(2, 0.5, 0.5)
    store.append(id, [step(4, 0.5)])
    assert store.clipping.recent(store.get(id)) == Clipping(2, 0.0, None)


def test_a_loss_above_that_of_guessing_is_an_explosion_and_one_just_above_is_not(store, id):
    store.append(id, [step(1, 3.0), EpochDone(1, 1, math.log(28) + 0.05, None, 0.1)])
    assert store.clipping.explosion(store.get(id)) is None
    store.append(id, [step(2, 77.0), step(3, 5.0), EpochDone(2, 3, 24.0, None, 0.1)])
    store.append(id, [step(4, 1e9), EpochDone(3, 4, 40.0, None, 0.1), EpochDone(4, 4, 3.0, None, 0.1)])
    assert store.clipping.explosion(store.get(id)) == Explosion(28, math.log(28), 2, 24.0, 40.0, 2, 77.0, 1.0)


def test_an_explosion_knows_the_threshold_that_stood_at_its_longest_gradient(store, id):
    store.append(
        id, [step(1), ThresholdMoved(0.5, 1, None), step(2, 77.0), ThresholdMoved(1.0, 2, 0.5), step(3, 5.0)]
    )
    store.append(id, [EpochDone(1, 3, 24.0, None, 0.1)])
    assert store.clipping.explosion(store.get(id)).max_grad_norm is None
    assert store.clipping.moved(store.get(id))


def test_an_overflowed_norm_is_the_longest(store, id):
    store.append(id, [step(1, 1e30), step(2, math.inf, 0.0), EpochDone(1, 2, 50.0, None, 0.1)])
    explosion = store.clipping.explosion(store.get(id))
    assert (explosion.norm_step, explosion.norm) == (2, math.inf)


@pytest.mark.parametrize(
    ("loss", "text"),
    [
        (0.0, "1"),
        (1.4085, "4.09"),
        (math.log(999), "999"),
        (math.log(999.7), "1,000"),
        (math.log(12_345), "12,345"),
        (24.0, "2.6 × 10¹⁰"),
        (447.0, "1.3 × 10¹⁹⁴"),
        (math.log(9.97e6), "1.0 × 10⁷"),
        (710.0, "2.2 × 10³⁰⁸"),
        (5_000.0, "3.0 × 10²¹⁷¹"),
        (math.inf, "∞"),
    ],
)
def test_a_perplexity_is_written_whatever_its_size(loss, text):
    assert perplexity_text(loss) == text


@pytest.fixture
def manager(store, text_id):
    opened = RunManager(store, InlineExecutor())
    yield opened
    opened.close()


def test_a_threshold_moved_while_a_run_trains_outlives_its_end_and_goes_on_after_a_resume(
    manager, store, text_id
):
    id = manager.start(tiny_config(corpus=text_id, epochs="off", sample_every=0)).id
    until(lambda: store.get(id).step > 3)
    manager.clip(id, 0.0625)
    (moved,) = until(lambda: store.history(id).thresholds)
    until(lambda: store.get(id).step > moved.step + 3)
    manager.stop(id)
    stopped = manager.wait(id, 60)
    after = [row for row in store.step_rows(id) if row["step"] > moved.step]
    assert all(row["scale"] == pytest.approx(min(1, 0.0625 / row["grad_norm"])) for row in after)
    assert store.get(id).config.train.max_grad_norm == 1.0
    manager.resume(id)
    until(lambda: store.get(id).step > stopped.step + 3)
    manager.stop(id)
    manager.wait(id, 60)
    further = [row for row in store.step_rows(id) if row["step"] > stopped.step]
    assert all(row["scale"] == pytest.approx(min(1, 0.0625 / row["grad_norm"])) for row in further)
    assert store.history(id).thresholds == (moved,)


@pytest.mark.parametrize("wrong", [0, -1.0, math.nan, math.inf, 1e308, "abc"])
def test_a_threshold_outside_the_range_is_refused_with_the_range(manager, store, text_id, wrong):
    id = manager.start(tiny_config(corpus=text_id, epochs="off", sample_every=0)).id
    with pytest.raises(ConfigError, match=r"give a number above 0, up to 1,000,000, or off\."):
        manager.clip(id, wrong)
    manager.stop(id)
    assert manager.wait(id, 60).status is RunStatus.STOPPED
    assert store.history(id).thresholds == ()


def test_the_threshold_of_a_run_that_has_ended_stays(manager, text_id):
    id = manager.start(tiny_config(corpus=text_id, epochs=1)).id
    manager.wait(id, 60)
    with pytest.raises(RunStateError, match="can be moved only while it is under way"):
        manager.clip(id, 0.5)


def test_a_waiting_run_takes_its_moved_threshold_to_its_first_step(manager, store, text_id):
    first = manager.start(tiny_config(corpus=text_id, epochs="off", sample_every=0)).id
    second = manager.start(tiny_config(corpus=text_id, epochs=1)).id
    manager.clip(second, 0.0625)
    manager.stop(first)
    manager.wait(second, 60)
    assert [(t.step, t.max_grad_norm) for t in store.history(second).thresholds] == [(0, 0.0625)]
    assert all(row["scale"] < 1 for row in store.step_rows(second))


def test_a_waiting_runs_moved_threshold_outlives_the_server(store, text_id):
    first_server = RunManager(store, InlineExecutor())
    first_server.start(tiny_config(corpus=text_id, epochs="off", sample_every=0))
    waiting = first_server.start(tiny_config(corpus=text_id, epochs=1)).id
    for limit in (0.5, None, 0.0625):
        first_server.clip(waiting, limit)
    assert store.get(waiting).max_grad_norm == 0.0625
    first_server.close()
    assert store.get(waiting).status is RunStatus.INTERRUPTED
    second_server = RunManager(store, InlineExecutor())
    try:
        second_server.resume(waiting)
        assert second_server.wait(waiting, 60).status is RunStatus.FINISHED
    finally:
        second_server.close()
    assert all(
        row["scale"] == pytest.approx(min(1, 0.0625 / row["grad_norm"])) for row in store.step_rows(waiting)
    )
    assert [t.max_grad_norm for t in store.history(waiting).thresholds] == [0.5, None, 0.0625]


def test_a_record_has_the_threshold_as_it_stands_and_its_settings_as_it_began(store, id):
    other = store.create(tiny_config(max_grad_norm="off"), "Other").id
    store.append(id, [step(1), ThresholdMoved(0.5, 1, 0.25)])
    assert [(run.id, run.max_grad_norm) for run in store.all()] == [(other, None), (id, 0.25)]
    assert store.get(id).config.train.max_grad_norm == 1.0
    store.append(id, [ThresholdMoved(0.5, 1, None)])
    assert store.find(id[:8]).max_grad_norm is None


def test_a_move_to_where_the_threshold_stands_is_none(store, id):
    store.append(id, [ThresholdMoved(0.0, 0, 1.0), ThresholdMoved(0.0, 0, 0.5), ThresholdMoved(0.0, 0, 0.5)])
    assert [move.max_grad_norm for move in store.clipping.moves(store.get(id))] == [0.5]


@pytest.mark.parametrize(("last", "recovered"), [(3.0, True), (30.0, False)])
def test_a_run_that_exploded_is_told_with_the_epoch_and_whether_it_recovered(store, id, last, recovered):
    assert store.clipping.outcome(store.get(id)) == (RunStatus.RUNNING,)
    store.append(
        id, [step(1, 77.0), step(2), EpochDone(1, 2, 24.0, None, 0.1), EpochDone(2, 2, last, None, 0.1)]
    )
    store.append(id, [Finished(RunStatus.FINISHED, 2, 2.0, 0.1)])
    run = store.get(id)
    told = [str(part) for part in store.clipping.outcome(run)]
    assert told == (["finished", "exploded in epoch 1"] if recovered else ["exploded in epoch 1"])


@pytest.mark.parametrize(("epoch", "told"), [(0.0, 1), (0.2, 1), (1.0, 1), (1.5, 2), (4.01, 5)])
def test_a_run_that_diverged_is_told_with_the_epoch_under_way(store, id, epoch, told):
    store.append(id, [step(1), Finished(RunStatus.DIVERGED, 2, epoch, 0.1)])
    assert [str(part) for part in store.clipping.outcome(store.get(id))] == [f"diverged in epoch {told}"]
