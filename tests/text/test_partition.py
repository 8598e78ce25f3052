"""Where minibatches begin; the toy is cut by the trainer's own rule."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from playground.errors import ConfigError
from playground.lesson_settings import PartitionConfig
from playground.records import Place
from playground.text.batches import random_batches, sequential_batches
from playground.text.partition import TOY, most_offset, partition, pieces, random_starts, sequential_starts


@st.composite
def configs(draw) -> PartitionConfig:
    """Those that the toy is long enough for."""
    size = draw(st.integers(1, 6))
    steps = draw(st.integers(2, min(8, (TOY - 1) // size)))
    return PartitionConfig(
        batch_size=size,
        num_steps=steps,
        sampling=draw(st.sampled_from(["sequential", "random"])),
        state=draw(st.sampled_from(["carried", "reset"])),
        epoch=draw(st.integers(1, 20)),
    )


@pytest.mark.parametrize("sampling", ["sequential", "random"])
@given(config=configs(), seed=st.integers(0, 200))
def test_training_batches_begin_at_these_places(sampling, config, seed):
    """What the trainer gets, by torch's own draws; ids are places."""
    size, steps = config.batch_size, config.num_steps
    deal = sequential_batches if sampling == "sequential" else random_batches
    batches = list(deal(torch.arange(TOY), size, steps, torch.Generator().manual_seed(seed)))
    generator = torch.Generator().manual_seed(seed)
    offset = int(torch.randint(most_offset(TOY, size, steps, sampling) + 1, (1,), generator=generator))
    if sampling == "sequential":
        starts = sequential_starts(TOY, size, steps, offset)
    else:
        order = torch.randperm(pieces(TOY, steps, offset), generator=generator).numpy()
        starts = random_starts(TOY, size, steps, offset, order)
    np.testing.assert_array_equal(np.stack([batch.inputs[:, 0].numpy() for batch in batches]), starts)


@given(configs())
def test_the_toy_obeys_the_laws_of_batches(config):
    cut = partition(TOY, config)
    assert cut.starts.shape[1] == config.batch_size
    assert 0 <= cut.offset <= config.num_steps - (config.sampling == "random")
    for m in range(len(cut.starts)):
        for inputs, targets in zip(cut.inputs(m), cut.targets(m), strict=True):
            assert len(inputs) == config.num_steps
            assert list(targets) == [token + 1 for token in inputs]
            assert 0 <= inputs[0] < targets[-1] < TOY
    if config.sampling == "sequential":
        for before, after in pairwise(range(len(cut.starts))):
            assert [row.stop for row in cut.inputs(before)] == [row.start for row in cut.inputs(after)]


@given(configs())
def test_every_token_is_read_once_or_left_out(config):
    cut = partition(TOY, config)
    left_out = [token for stretch in cut.left_out for token in stretch]
    assert sorted([*cut.places, *left_out]) == list(range(TOY))
    assert len(cut.places) == cut.starts.size * config.num_steps
    assert all(before.stop < after.start for before, after in pairwise(cut.left_out))
    first = cut.inputs(0)[0][0]
    assert cut.places[first] == Place(0, 0, 0)


@given(configs())
def test_a_state_is_carried_only_where_rows_go_on(config):
    cut = partition(TOY, config)
    carries = config.sampling == "sequential" and config.state == "carried"
    for m in range(len(cut.starts)):
        assert cut.goes_on(m) == (carries and m > 0)
        assert cut.known_before(m) == (m * config.num_steps if carries else 0)


def test_d2ls_toy():
    cut = partition(TOY, PartitionConfig())
    assert (cut.tokens, cut.starts.shape) == (35, (3, 2))
    assert cut.starts.tolist() == [[2, 18], [7, 23], [12, 28]]
    assert cut.left_out == [range(2), range(17, 18), range(33, 35)]


def test_epochs_draw_other_offsets_and_the_same_one_repeats():
    offsets = [partition(TOY, PartitionConfig(epoch=epoch)).offset for epoch in range(1, 21)]
    assert len(set(offsets)) > 3
    assert offsets == [partition(TOY, PartitionConfig(epoch=epoch)).offset for epoch in range(1, 21)]


def test_too_short_a_text_is_told():
    with pytest.raises(ConfigError, match=r"6 rows of 8 tokens .* are 49 tokens; the text has 35\."):
        partition(TOY, PartitionConfig(batch_size=6, num_steps=8))
    assert partition(13, PartitionConfig(batch_size=6, num_steps=2)).starts.shape == (1, 6)
