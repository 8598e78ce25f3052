"""Minibatches by d2l's two ways; ids are 0 … N-1, so that a value is its own place."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from playground.text.batches import random_batches, sequential_batches, steps_per_epoch

WAYS = {"sequential": sequential_batches, "random": random_batches}


@st.composite
def cuts(draw) -> tuple[int, int, int, int]:
    """N, B, T, seed; N is enough for one batch or more."""
    b, t = draw(st.integers(1, 5)), draw(st.integers(2, 7))
    return b * t + 1 + draw(st.integers(0, 90)), b, t, draw(st.integers(0, 1_000))


def deal(way: str, cut: tuple[int, int, int, int]) -> list:
    n, b, t, seed = cut
    return list(WAYS[way](torch.arange(n), b, t, torch.Generator().manual_seed(seed)))


@pytest.mark.parametrize("way", WAYS)
@given(cut=cuts())
def test_targets_are_inputs_shifted_by_one(way, cut):
    n, b, t, _ = cut
    batches = deal(way, cut)
    for batch in batches:
        assert batch.inputs.shape == batch.targets.shape == (b, t)
        assert torch.equal(batch.targets, batch.inputs + 1)
        assert int(batch.targets.max()) < n


@pytest.mark.parametrize("way", WAYS)
@given(cut=cuts())
def test_an_epoch_has_the_promised_steps_or_one_less_but_never_none(way, cut):
    n, b, t, _ = cut
    promised = steps_per_epoch(n, b, t, way)
    assert max(1, promised - 1) <= len(deal(way, cut)) <= promised


@given(cut=cuts())
def test_sequential_batches_rebuild_the_corpus(cut):
    n, b, t, _ = cut
    batches = deal("sequential", cut)
    rows = torch.cat([batch.inputs for batch in batches], dim=1)  # (B, steps · T)
    begin = int(rows[0, 0])
    per_row = (n - begin - 1) // b
    assert 0 <= begin <= t
    assert per_row - rows.shape[1] < t  # less than one batch is left over
    for i, row in enumerate(rows):
        first = begin + i * per_row
        assert torch.equal(row, torch.arange(first, first + rows.shape[1]))


@given(cut=cuts())
def test_state_is_carried_exactly_where_rows_go_on(cut):
    batches = deal("sequential", cut)
    assert not batches[0].carries_state
    for before, after in pairwise(batches):
        assert after.carries_state
        assert torch.equal(after.inputs[:, 0], before.targets[:, -1])


@given(cut=cuts())
def test_random_batches_never_repeat_a_start_in_an_epoch(cut):
    n, b, t, _ = cut
    batches = deal("random", cut)
    starts = torch.cat([batch.inputs[:, 0] for batch in batches]).tolist()
    assert len(set(starts)) == len(starts)
    (offset,) = {start % t for start in starts}  # pieces do not overlap
    assert (n - offset - 1) // t - len(starts) < b  # less than one batch is left over
    assert not any(batch.carries_state for batch in batches)


@given(cut=cuts())
def test_a_random_piece_is_a_piece_of_the_text(cut):
    for batch in deal("random", cut):
        steps = batch.inputs - batch.inputs[:, :1]
        assert torch.equal(steps, torch.arange(cut[2]).expand_as(steps))


@pytest.mark.parametrize("way", WAYS)
def test_cuts_move_from_epoch_to_epoch_and_repeat_with_the_seed(way):
    generator = torch.Generator().manual_seed(3)
    ids = torch.arange(200)
    epochs = [[b.inputs.tolist() for b in WAYS[way](ids, 3, 7, generator)] for _ in range(12)]
    offsets = {min(row[0] for row in epoch[0]) for epoch in epochs}
    assert len(offsets) > 3
    again = torch.Generator().manual_seed(3)
    assert epochs[0] == [b.inputs.tolist() for b in WAYS[way](ids, 3, 7, again)]


@pytest.mark.parametrize("way", WAYS)
def test_just_enough_text_is_one_batch(way):
    for seed in range(10):
        (batch,) = deal(way, (2 * 5 + 1, 2, 5, seed))
        assert sorted(batch.inputs.flatten().tolist()) == list(range(10))


def test_random_order_is_not_the_texts_own():
    starts = [int(batch.inputs[0, 0]) for batch in deal("random", (201, 1, 5, 0))]
    assert starts != sorted(starts)
