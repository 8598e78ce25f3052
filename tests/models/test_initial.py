"""Weights before the first step."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from playground.cells import CELLS
from playground.config import ModelConfig
from playground.models.initial import initial_weights
from playground.models.language_model import LanguageModel

V, H = 11, 48
KINDS = [
    {},
    {"num_layers": 2},
    {"input": "embedding"},
    {"bidirectional": True, "num_layers": 2},
    {"bidirectional": True, "objective": "masked", "num_layers": 2},
]


def weights_of(cell: str, seed: int = 0, **more):
    return initial_weights(ModelConfig(cell=cell, hidden_size=H), V, seed=seed, **more)


@pytest.mark.parametrize("settings", KINDS)
@pytest.mark.parametrize("cell", CELLS)
def test_they_load_into_the_network_and_are_spread_as_its_own(cell, settings):
    config = ModelConfig(cell=cell, hidden_size=H, **settings)
    weights = initial_weights(config, V, seed=0)
    torch.manual_seed(0)
    model = LanguageModel(config, V)
    own = {name: value.numpy().copy() for name, value in model.state_dict().items()}
    model.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    for name, values in weights.items():
        assert values.dtype == np.float32
        if values.size > 1_000:
            spread = float(own[name].std())
            assert float(values.mean()) == pytest.approx(0, abs=4 * spread / values.size**0.5), name
            assert float(values.std()) == pytest.approx(spread, rel=0.06), name
        if name != "embed.weight":  # uniform: the bound is the law
            widest = (H * (2 if settings.get("bidirectional") and name.startswith("head") else 1)) ** -0.5
            assert np.abs(values).max() <= widest + 1e-7


@pytest.mark.parametrize("cell", CELLS)
def test_with_a_gain_every_block_is_a_rotation_times_it(cell):
    joint = weights_of(cell, gain=1.3)["rnn.weight_hh_l0"].astype(float)
    blocks = np.split(joint, len(CELLS[cell].gates))
    for block in blocks:
        np.testing.assert_allclose(block @ block.T, 1.3**2 * np.eye(H), atol=1e-5)
    assert len({block.tobytes() for block in blocks}) == len(blocks)


def test_a_forget_bias_is_what_the_two_biases_of_that_gate_add_up_to_and_changes_nothing_else():
    plain, biased = weights_of("lstm"), weights_of("lstm", forget_bias=2.0)
    together = biased["rnn.bias_ih_l0"] + biased["rnn.bias_hh_l0"]
    forget = slice(H, 2 * H)
    np.testing.assert_array_equal(together[forget], 2.0)
    for name in plain:
        left, right = plain[name].copy(), biased[name].copy()
        if name.startswith("rnn.bias"):
            left[forget] = right[forget] = 0
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("cell", ["rnn", "gru"])
def test_cells_without_a_forget_gate_take_no_notice_of_its_bias(cell):
    plain, biased = weights_of(cell), weights_of(cell, forget_bias=2.0)
    assert all(np.array_equal(plain[name], biased[name]) for name in plain)


@given(st.integers(0, 2**31 - 1))
def test_a_seed_decides_every_number(seed):
    matrix, same, other = (weights_of("gru", s)["rnn.weight_hh_l0"] for s in (seed, seed, seed + 1))
    assert np.array_equal(matrix, same)
    assert not np.array_equal(matrix, other)
