"""How far back a loss reaches."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from playground.cells import CELLS
from playground.config import ModelConfig
from playground.inference.reach import connectivity, reach, recurrent_matrices
from playground.models.initial import initial_weights
from playground.models.language_model import LanguageModel
from playground.records import ReachCurve, furthest_link, growth, half_length

V = 9


def make(scale: float = 1.0, **settings: object) -> tuple[LanguageModel, ModelConfig, dict]:
    torch.manual_seed(5)
    config = ModelConfig(**({"hidden_size": 8} | settings))
    model = LanguageModel(config, V).double().eval()
    with torch.no_grad():
        for p in model.parameters():
            p.mul_(scale)
    return model, config, {name: value.numpy() for name, value in model.state_dict().items()}


def some_ids(length: int) -> list[int]:
    return np.random.default_rng(7).integers(V, size=length).tolist()


@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("cell", CELLS)
def test_reach_by_the_input_equals_autograd(cell, num_layers):
    model, config, weights = make(1.5, cell=cell, num_layers=num_layers)
    ids, furthest = some_ids(14), 6
    result = reach(weights, config, ids, furthest=furthest)
    norms = []
    for t in range(furthest, len(ids) - 1):
        entering = F.one_hot(torch.tensor(ids[:-1]), V).double()[:, None].requires_grad_()
        logits = model.head(model.rnn(entering)[0])[t]
        F.cross_entropy(logits, torch.tensor(ids[t + 1 : t + 2])).backward()
        norms.append(entering.grad[:, 0].norm(dim=1).flip(0)[len(ids) - 2 - t :][: furthest + 1].numpy())
    assert result.positions == len(norms)
    np.testing.assert_allclose(result.layers[0].input, np.mean(norms, axis=0), rtol=1e-9)


@pytest.mark.parametrize("gain", [0.8, 1.0, 1.25])
def test_a_linear_rnn_decays_or_grows_by_its_eigenvalue(gain):
    """relu in its linear part with a permutation times a gain: every step multiplies the norm by it."""
    _, config, weights = make(cell="rnn", nonlinearity="relu", hidden_size=16)
    weights["rnn.weight_hh_l0"] = gain * np.eye(16)[np.random.default_rng(0).permutation(16)]
    weights["rnn.bias_hh_l0"] = np.full(16, 5.0)  # never below 0
    weights["head.weight"] = weights["head.weight"] * 1e-6  # nor is any prediction certain
    result = reach(weights, config, some_ids(30), furthest=20).layers[0].state
    np.testing.assert_allclose(result / result[0], gain ** np.arange(21), rtol=1e-6)
    (matrix,) = recurrent_matrices(weights, config)
    assert matrix.eigenvalue == pytest.approx(gain)
    assert matrix.singular == pytest.approx(gain)


def test_a_fresh_rnn_decays_geometrically_with_about_its_eigenvalue():
    model, config, _ = make(cell="rnn", hidden_size=256)
    weights = {name: value.numpy() for name, value in model.state_dict().items()}
    result = reach(weights, config, some_ids(60), furthest=30).layers[0].state
    rates = (result[10:30:5] / result[5:25:5]) ** (1 / 5)
    (matrix,) = recurrent_matrices(weights, config)
    assert rates.std() < 0.03  # a straight line on a log axis
    assert matrix.eigenvalue - 0.1 < rates.mean() < matrix.eigenvalue + 0.02
    assert (result[[5, 10, 20]] / result[0] < [0.12, 0.01, 1e-4]).all()


@pytest.mark.parametrize("gain", [0.7, 0.95, 1.05, 1.4])
def test_an_untrained_rnn_near_zero_decays_or_grows_exactly_by_its_eigenvalue(gain):
    """A rotation times a gain; where tanh is straight, every step multiplies the norm by it, down or up."""
    config = ModelConfig(cell="rnn", hidden_size=64)
    weights = {
        name: value.astype(float) for name, value in initial_weights(config, V, seed=3, gain=gain).items()
    }
    for name in ("rnn.weight_ih_l0", "rnn.bias_ih_l0", "rnn.bias_hh_l0"):
        weights[name] = weights[name] * 1e-12
    result = reach(weights, config, some_ids(40), furthest=30)
    (matrix,) = recurrent_matrices(weights, config)
    assert matrix.eigenvalue == pytest.approx(gain, rel=1e-5)
    by_state = result.layers[0].state
    np.testing.assert_allclose(by_state / by_state[0], matrix.eigenvalue ** np.arange(31), rtol=1e-3)
    assert growth(by_state) == pytest.approx(matrix.eigenvalue, rel=1e-4)


@pytest.mark.parametrize(("gain", "low", "high"), [(0.8, 0.7, 0.8), (1.0, 0.9, 1.0), (1.6, 1.02, 1.6)])
def test_an_untrained_rnn_as_it_reads_turns_from_vanishing_to_exploding_around_one(gain, low, high):
    """tanh's slope, at most 1, keeps the factor below the eigenvalue; it stays a straight line on a log axis."""
    config = ModelConfig(cell="rnn", hidden_size=256)
    weights = initial_weights(config, V, seed=0, gain=gain)
    result = reach(weights, config, some_ids(120), furthest=40).layers[0].state
    assert low < growth(result) < high
    steps = np.diff(np.log(result[5:]))
    assert steps.std() < 0.05


def test_small_norms_are_not_lost_where_their_squares_would_be():
    config = ModelConfig(cell="rnn", hidden_size=16)
    weights = initial_weights(config, V, seed=0)
    result = reach(weights, config, some_ids(150), furthest=100).layers[0].state
    assert result[100] < 1e-20
    assert (result > 0).all()


def test_the_blocks_of_a_gated_cell_are_told_apart():
    _, config, weights = make(cell="lstm", num_layers=2)
    result = recurrent_matrices(weights, config)
    assert [(matrix.layer, matrix.block) for matrix in result] == [
        (n, gate) for n in (0, 1) for gate in "ifgo"
    ]
    assert all(matrix.eigenvalue <= matrix.singular + 1e-12 for matrix in result)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_map_equals_autograd_and_is_causal_with_one_direction(bidirectional):
    model, config, weights = make(1.5, cell="gru", bidirectional=bidirectional)
    ids = some_ids(7)
    result = connectivity(weights, config, ids)
    for t in range(7):
        entering = F.one_hot(torch.tensor(ids), V).double()[:, None].requires_grad_()
        model.head(model.rnn(entering)[0])[t, 0].max().backward()
        np.testing.assert_allclose(result[t], entering.grad[:, 0].norm(dim=1).numpy(), atol=1e-12)
    assert (np.triu(result, 1) == 0).all() is not bidirectional


def test_filling_a_blank_no_place_depends_on_itself():
    _, config, weights = make(1.5, cell="lstm", num_layers=2, bidirectional=True, objective="masked")
    result = connectivity(weights, config, some_ids(6))
    assert (np.diag(result) == 0).all()
    assert (result + np.eye(6) > 0).all()


@pytest.mark.parametrize(
    ("norms", "wanted"),
    [([8, 6, 4, 1], 2.0), ([8, 6, 3, 1], 5 / 3), ([8, 9, 8, 7], np.inf), ([0, 0], 0.0), ([4, 1], 2 / 3)],
)
def test_half_length_lies_between_two_tokens(norms, wanted):
    assert half_length(np.array(norms, float)) == pytest.approx(wanted)


@given(st.floats(0.05, 2.0), st.floats(1e-3, 1e3))
def test_growth_is_the_factor_of_a_geometric_curve_whatever_its_first_step(factor, first):
    norms = first * factor ** np.arange(12)
    assert growth(norms) == pytest.approx(factor)
    norms[0] *= 7
    assert growth(norms) == pytest.approx(factor)


def test_growth_passes_over_zeros_and_needs_two_points():
    assert growth(np.array([1, 0.5, 0.25, 0.0])) == pytest.approx(0.5)
    assert growth(np.array([1, 0.5, 0.25, 0.0, 1e-9, 1e-3])) == pytest.approx(0.5)
    assert np.isnan(growth(np.array([1e-3, 1e-9, 0.0, 2e-9])))
    assert np.isnan(growth(np.array([1, 0.5, 0.0])))


def test_a_curve_is_shown_as_it_is_or_as_parts_of_its_beginning():
    curve = ReachCurve("one", "x", np.array([4.0, 2.0, 1.0]))
    np.testing.assert_array_equal(curve.shown(relative=False), [4, 2, 1])
    np.testing.assert_array_equal(curve.shown(relative=True), [1, 0.5, 0.25])
    assert [curve.left(k) for k in range(3)] == [1, 0.5, 0.25]
    nothing = ReachCurve("none", "x", np.zeros(3))
    assert nothing.left(1) == 0
    np.testing.assert_array_equal(nothing.shown(relative=True), 0)


def test_the_longest_link_is_the_strongest_of_those_that_lie_furthest_apart():
    norms = np.array([[1.0, 0.0, 0.0], [0.5, 1.0, 0.0], [0.02, 0.9, 1.0]])
    assert furthest_link(norms, 0.01) == (2, 0)
    assert furthest_link(norms, 0.03) == (2, 1)
    assert furthest_link(norms.T, 0.01) == (0, 2)
    assert furthest_link(np.zeros((2, 2)), 0.01) is None
