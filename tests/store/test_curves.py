"""A run's curves, from a cursor on."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.records import History
from playground.store.run_store import RunStore
from playground.training.events import EpochDone, SampleMade, StepDone
from tests.helpers import tiny_config

COLUMNS = ("step_epoch", "step_loss", "step_norm", "epoch", "train_loss", "heldout_loss")


def telling(kinds: str) -> list:
    """s: a step, e: an epoch, t: a text."""
    told = []
    for n, kind in enumerate(kinds, start=1):
        if kind == "s":
            told.append(StepDone(n, n / 3, 3 - n / 99, n / 2, 1.0, 1.0, n / 10))
        elif kind == "e":
            told.append(EpochDone(n, n, 2 - n / 99, None if n % 2 else 2.5, n / 10))
        else:
            told.append(SampleMade(n / 3, n, "ti", f"de {n}"))
    return told


def together(parts: list[History]) -> dict[str, list]:
    joined = {name: np.concatenate([getattr(p, name) for p in parts]) for name in COLUMNS}
    return {name: np.nan_to_num(c, nan=-1).tolist() for name, c in joined.items()} | {
        "samples": [sample for part in parts for sample in part.samples]
    }


@settings(max_examples=20)
@given(pieces=st.lists(st.text("sssset", max_size=9), max_size=6))
def test_increments_put_together_are_the_whole(tmp_path_factory, pieces):
    store = RunStore(tmp_path_factory.mktemp("data"))
    id = store.create(tiny_config(), "Mine").id
    cursor, parts = 0, [store.history(id)]
    told = telling("".join(pieces))
    for piece in pieces:
        store.append(id, told[: len(piece)])
        del told[: len(piece)]
        parts.append(store.history(id, after=cursor))
        assert parts[-1].cursor >= cursor
        cursor = parts[-1].cursor
    assert together(parts) == together([store.history(id)])
    assert cursor == sum(map(len, pieces))
    store.close()


def test_nothing_new_is_nothing_and_leaves_the_cursor_where_it_was(store):
    id = store.create(tiny_config(), "Mine").id
    store.append(id, telling("sset"))
    again = store.history(id, after=store.history(id).cursor)
    assert again.cursor == 4
    assert not any(len(column) for column in together([again]).values())


def test_two_runs_do_not_mix(store):
    ids = [store.create(tiny_config(), "Mine").id for _ in range(2)]
    for kinds in ("ss", "se", "ts"):
        for id, text in zip(ids, (kinds, kinds[::-1]), strict=True):
            store.append(id, telling(text))
    assert [store.history(id).step_epoch.tolist() for id in ids] == [
        [1 / 3, 2 / 3, 1 / 3, 2 / 3],
        [1 / 3, 2 / 3, 2 / 3, 1 / 3],
    ]


def test_a_tick_after_a_hundred_thousand_steps_reads_no_more_than_after_a_hundred(store):
    id = store.create(tiny_config(), "Mine").id
    sizes, cursor = [], 0
    for n in (100, 100_000):
        store.append(id, telling("s" * (n - cursor)))
        cursor = store.history(id, most=50).cursor
        store.append(id, telling("s" * 10))
        tick = store.history(id, after=cursor)
        sizes.append((len(tick.step_loss), len(tick.epoch), len(tick.samples)))
        cursor = tick.cursor
    assert sizes == [(10, 0, 0)] * 2


@pytest.mark.parametrize("steps", [2_001, 20_000])
def test_opening_a_long_run_reads_no_more_points_than_a_screen_shows(store, steps):
    id = store.create(tiny_config(), "Mine").id
    store.append(id, telling("s" * steps))
    whole = store.history(id)
    assert 1_000 < len(whole.step_loss) <= 2_010
    assert whole.cursor == steps
    losses = [row["loss"] for row in store.step_rows(id)]
    assert (whole.step_loss.min(), whole.step_loss.max()) == (min(losses), max(losses))
