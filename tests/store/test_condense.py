"""Long curves on disk: what is thinned, what stays exact, and what a resume finds."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.records import RunStatus, TrainingFacts
from playground.store import condense, recovery
from playground.store.curves import MOST_SAMPLES
from playground.store.messages import CheckpointSaved
from playground.store.run_store import RunStore
from playground.store.series import EPOCHS, SERIES, STEPS
from playground.training.events import EpochDone, SampleMade, Started, StepDone, ThresholdMoved
from tests.helpers import tiny_config

EPOCH = 7
"""Steps."""
FACTS = TrainingFacts("cpu", "a cpu", 1, "2", 321, 28, EPOCH, 300, 30)
GUESSING = math.log(28)


def saved(step: int) -> CheckpointSaved:
    return CheckpointSaved(step / EPOCH, step, False, f"{step}.weights", f"{step}.training")


def telling(first: int, last: int, *, seed: int = 0, checkpoint: int = 50, explodes: float = 0.002) -> list:
    """What a trainer tells of steps: epochs, now and then an explosion, and a checkpoint every so many steps."""
    told = []
    for n in range(first, last + 1):
        rng = np.random.default_rng((seed, n))
        a, b, c = rng.random(3).tolist()
        norm = 10 ** (3 * a - 1)
        loss = 2 + b / 3 + (9 if b > 0.99 else 0)
        told.append(StepDone(n, n / EPOCH, loss, norm, min(1.0, 20 / norm), 900 + a, n / 10))
        if n % EPOCH == 0:
            heldout = None if c < 0.1 else 2 + c
            told.append(EpochDone(n // EPOCH, n, 5.0 if c > 1 - explodes * EPOCH else loss, heldout, n / 10))
        if c > 0.99:
            told.append(ThresholdMoved(n / EPOCH, n, 20 * a))
        if n % checkpoint == 0:
            told.append(saved(n))
    return told


def opened(folder: Path) -> tuple[RunStore, str]:
    store = RunStore(folder)
    id = store.create(tiny_config(max_grad_norm=20), "Long").id
    store.append(id, [Started(FACTS), saved(0)])
    return store, id


@contextmanager
def small(most: int, tail: int) -> Iterator[None]:
    """Thin after so few points that a test can look at all of them."""
    steps, epochs = (replace(series, most=most, tail=tail) for series in (STEPS, EPOCHS))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "STEPS": steps,
            "EPOCHS": epochs,
            "SERIES": (steps, epochs),
            "_WORTH_IT": 1,
        }.items():
            patch.setattr(condense, name, value)
        yield


def kept(store: RunStore, id: str) -> dict[str, int]:
    """Rows of each table."""
    tables = [table for series in SERIES for table in (series.points, series.buckets)]
    count = "SELECT count(*) FROM {} WHERE run_id = ?"
    return {table: store._database.rows(count.format(table), id)[0][0] for table in tables}


def told_of(store: RunStore, id: str, table: str) -> list[int]:
    """The points that are kept, in buckets or by themselves, in the order of the curve."""
    series = next(series for series in SERIES if series.points == table)
    numbers: list[int] = []
    for first, last, points in store._database.rows(
        f"SELECT first_{series.number}, {series.number}, points FROM {series.buckets} WHERE run_id = ? ORDER BY seq",
        id,
    ):
        assert last - first + 1 == points
        numbers += range(first, last + 1)
    alone = store._database.rows(
        f"SELECT {series.number} FROM {series.points} WHERE run_id = ? ORDER BY seq", id
    )
    return numbers + [row[0] for row in alone]


@settings(max_examples=25)
@given(
    batches=st.lists(st.integers(1, 160), min_size=1, max_size=8),
    most=st.sampled_from([8, 32]),
    seed=st.integers(0, 99),
    explodes=st.sampled_from([0.0, 0.002, 0.05]),
)
def test_a_thinned_run_says_of_its_gradients_what_the_whole_one_says(
    tmp_path_factory, batches, most, seed, explodes
):
    (thin, id), (whole, other) = (opened(tmp_path_factory.mktemp("data")) for _ in range(2))
    done = 0
    for batch in batches:
        told = telling(done + 1, done + batch, seed=seed, explodes=explodes)
        done += batch
        with small(most, tail=5):
            thin.append(id, told)
        whole.append(other, told)
    run, same = thin.get(id), whole.get(other)
    assert told_of(thin, id, "steps") == list(range(1, done + 1))
    assert told_of(thin, id, "epochs") == list(range(1, done // EPOCH + 1))
    assert thin.clipping.longest(run) == whole.clipping.longest(same)
    assert thin.clipping.was_clipped(run) == whole.clipping.was_clipped(same)
    assert thin.clipping.explosion(run) == whole.clipping.explosion(same)
    recent = thin.clipping.recent(run)
    scales = np.array([row["scale"] for row in whole.step_rows(other)])[-recent.steps :]
    widest = 2 ** math.ceil(math.log2(max(1, done / most)))
    assert min(done, EPOCH) - widest < recent.steps <= min(done, EPOCH)
    assert recent.share == pytest.approx(np.mean(scales < 1))
    assert recent.scale == (pytest.approx(np.mean(scales[scales < 1])) if (scales < 1).any() else None)
    drawn, all_of_it = thin.history(id, most=10**9), whole.history(other, most=10**9)
    for name in ("step_loss", "step_norm", "train_loss", "heldout_loss"):
        little, much = getattr(drawn, name), getattr(all_of_it, name)
        assert set(little[~np.isnan(little)]) <= set(much)
        if np.isfinite(much).any():
            assert (np.nanmin(little), np.nanmax(little)) == (np.nanmin(much), np.nanmax(much))
    assert (drawn.cursor, drawn.thresholds) == (all_of_it.cursor, all_of_it.thresholds)
    assert np.all(np.diff(drawn.step_epoch) >= 0)
    for store in (thin, whole):
        store.close()


@settings(max_examples=25)
@given(
    before=st.lists(st.integers(1, 150), min_size=1, max_size=6),
    after=st.integers(0, 150),
    checkpoint=st.sampled_from([1, 13, 50]),
    seed=st.integers(0, 99),
)
def test_a_resume_takes_every_step_exactly_once(tmp_path_factory, before, after, checkpoint, seed):
    (thin, id), (whole, other) = (opened(tmp_path_factory.mktemp("data")) for _ in range(2))
    done = 0
    with small(8, tail=5):
        for batch in before:
            told = telling(done + 1, done + batch, seed=seed, checkpoint=checkpoint)
            done += batch
            thin.append(id, told)
        thin.set_status(id, RunStatus.INTERRUPTED)
        back = thin.rewind(id).step
        assert back == done // checkpoint * checkpoint
        assert told_of(thin, id, "steps") == list(range(1, back + 1))
        assert told_of(thin, id, "epochs") == list(range(1, back // EPOCH + 1))
        thin.append(id, telling(back + 1, back + after, seed=seed + 1, checkpoint=checkpoint))
    whole.append(other, telling(1, back, seed=seed, checkpoint=checkpoint))
    whole.append(other, telling(back + 1, back + after, seed=seed + 1, checkpoint=checkpoint))
    assert told_of(thin, id, "steps") == list(range(1, back + after + 1))
    assert told_of(thin, id, "epochs") == list(range(1, (back + after) // EPOCH + 1))
    run, same = thin.get(id), whole.get(other)
    for figure in ("step", "epoch", "seconds", "tokens", "step_loss", "train_loss", "heldout_loss"):
        assert getattr(run, figure) == getattr(same, figure)
    assert thin.clipping.explosion(run) == whole.clipping.explosion(same)
    assert thin.clipping.longest(run) == whole.clipping.longest(same)
    for store in (thin, whole):
        store.close()


@settings(max_examples=15)
@given(looks=st.lists(st.integers(1, 120), min_size=2, max_size=10), seed=st.integers(0, 99))
def test_who_follows_a_run_misses_no_peak_and_is_never_taken_back(tmp_path_factory, looks, seed):
    store, id = opened(tmp_path_factory.mktemp("data"))
    done, cursor, parts = 0, 0, []
    with small(8, tail=2):
        for batch in looks:
            for one in range(done + 1, done + batch + 1):
                store.append(id, telling(one, one, seed=seed, checkpoint=3))
            done += batch
            parts.append(store.history(id, after=cursor, most=10**9))
            cursor = parts[-1].cursor
    whole = store.history(id, most=10**9)
    for name in ("step_loss", "step_norm", "train_loss"):
        followed, opened_now = (np.concatenate([getattr(p, name) for p in ps]) for ps in (parts, [whole]))
        assert followed.min(initial=99) == opened_now.min(initial=99)
        assert followed.max(initial=0) == opened_now.max(initial=0)
    for name in ("step_epoch", "epoch"):
        assert np.all(np.diff(np.concatenate([getattr(p, name) for p in parts])) >= 0)
    store.close()


def test_old_samples_go_and_the_newest_and_all_after_the_checkpoint_stay(store):
    id = store.create(tiny_config(), "Talks").id
    for n in range(1, 2 * MOST_SAMPLES + 1):
        store.append(id, [SampleMade(n, n, "", str(n)), saved(n)])
    for n in range(2 * MOST_SAMPLES + 1, 3 * MOST_SAMPLES):
        store.append(id, [SampleMade(n, n, "", str(n))])
    texts = [row[0] for row in store._database.rows("SELECT text FROM samples ORDER BY seq")]
    assert texts == [str(n) for n in range(MOST_SAMPLES + 1, 3 * MOST_SAMPLES)]


LONG = 60_000


@pytest.fixture(scope="module")
def long_run(tmp_path_factory):
    """A run of some length by the real law, and what it was told: losses and norms."""
    store, id = opened(tmp_path_factory.mktemp("long"))
    rng = np.random.default_rng(5)
    step = np.arange(1, LONG + 1)
    loss = 1 + 2 * np.exp(-step / 4_000) + rng.normal(0, 0.05, LONG).clip(-0.2, 0.2)
    norm = rng.lognormal(0, 1, LONG)
    loss[[777, 31_415, 50_001]], norm[[2_718, 40_000]] = 7.0, 1e4
    for begin in range(0, LONG, 500):
        told: list = [
            StepDone(n + 1, (n + 1) / EPOCH, loss[n], norm[n], min(1.0, 20 / norm[n]), 900.0, n / 10)
            for n in range(begin, begin + 500)
        ]
        store.append(id, [*told, saved(begin + 500)])
    yield store, id, loss, norm
    store.close()


def test_a_long_run_keeps_no_more_rows_than_the_law_says(long_run):
    store, id, *_ = long_run
    rows = kept(store, id)
    assert STEPS.most / 2 <= rows["step_buckets"] <= STEPS.most
    assert STEPS.tail <= rows["steps"] <= STEPS.tail + condense.SLAB
    assert told_of(store, id, "steps") == list(range(1, LONG + 1))


def band(
    x: np.ndarray, y: np.ndarray, left: float, right: float, columns: int
) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest value of each pixel column of a chart."""
    inside = (x >= left) & (x < right)
    at = ((x[inside] - left) / (right - left) * columns).astype(int)
    low, high = np.full(columns, np.inf), np.full(columns, -np.inf)
    np.minimum.at(low, at, y[inside])
    np.maximum.at(high, at, y[inside])
    return low, high


def widened(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same with what its two neighbours reach: a bucket may lie in the column beside its points."""
    around = lambda v, rest: np.stack([np.r_[rest, v[:-1]], v, np.r_[v[1:], rest]])  # noqa: E731
    return around(low, np.inf).min(0), around(high, -np.inf).max(0)


@pytest.mark.parametrize("zoom", [1, 2, 5])
@pytest.mark.parametrize("quantity", ["step_loss", "step_norm"])
def test_a_thinned_curve_looks_the_same_at_every_zoom_down_to_what_is_kept(long_run, quantity, zoom):
    store, id, loss, norm = long_run
    columns = 1_000
    drawn = store.history(id, most=10**9)
    x, y = np.arange(1, LONG + 1) / EPOCH, loss if quantity == "step_loss" else norm
    width = x[-1] / zoom
    for left in np.linspace(0, x[-1] - width, 2 * zoom - 1):
        truth = band(x, y, left, left + width, columns)
        shown = band(drawn.step_epoch, getattr(drawn, quantity), left, left + width, columns)
        inner = slice(1, -1)
        for one, other in ((truth, widened(*shown)), (shown, widened(*truth))):
            assert np.all(other[0][inner] <= one[0][inner])
            assert np.all(other[1][inner] >= one[1][inner])


def test_what_a_browser_gets_of_a_long_run_has_every_peak(long_run):
    store, id, loss, norm = long_run
    drawn = store.history(id)
    assert len(drawn.step_loss) <= 2_010
    assert (drawn.step_loss.min(), drawn.step_loss.max()) == (loss.min(), 7.0)
    assert drawn.step_norm.max() == norm.max()


def test_a_resume_of_a_long_run_is_exact(long_run, tmp_path):
    store, id, *_ = long_run
    store.set_status(id, RunStatus.FAILED)
    assert store.rewind(id).step == LONG
    assert told_of(store, id, "steps") == list(range(1, LONG + 1))


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE steps SET loss = 'low' WHERE step = 20",
        "UPDATE steps SET epoch = x'00ff' WHERE step = 20",
        "UPDATE steps SET step = 'one' WHERE step = 1",
        "UPDATE epochs SET epoch = 'one' WHERE epoch = 1",
        "UPDATE checkpoints SET step = 'one' WHERE step = 50",
        "UPDATE runs SET facts = '{'",
        """UPDATE runs SET facts = '{"vocab_size": "many"}'""",
    ],
)
def test_a_damaged_row_of_a_long_run_stops_neither_a_start_nor_what_is_told_next(tmp_path, damage):
    store, id = opened(tmp_path)
    store.append(id, telling(1, 200))
    with sqlite3.connect(tmp_path / "playground.sqlite3") as db:
        db.execute(damage)
    db.close()
    with small(32, tail=8), pytest.MonkeyPatch.context() as patch:
        patch.setattr(recovery, "SERIES", condense.SERIES)
        store.recover()
        store.append(id, telling(201, 220))
    assert len(store.all()) + len(store.damaged()) == 1
    store.close()
    RunStore(tmp_path).close()
