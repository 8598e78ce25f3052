"""Backpropagation through time by hand, against autograd and finite differences."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from playground.config import ModelConfig
from playground.models.backward import backpropagate
from playground.models.gates import trace_gates
from playground.models.language_model import LanguageModel
from tests.models import kinds

V, T = 9, 12
KINDS = [{"cell": cell, "nonlinearity": bend} for cell, bend in kinds.KINDS]


def make(**settings: object) -> tuple[LanguageModel, ModelConfig, dict]:
    torch.manual_seed(3)
    config = ModelConfig(hidden_size=8, **settings)
    model = LanguageModel(config, V).double().eval()
    with torch.no_grad():
        for p in model.parameters():
            p.mul_(1.5)  # lively gates
    return model, config, {name: value.numpy() for name, value in model.state_dict().items()}


@pytest.mark.parametrize("num_layers", [1, 2, 3])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_gradients_by_the_input_equal_autograd(kind, bidirectional, num_layers):
    model, config, weights = make(**kind, bidirectional=bidirectional, num_layers=num_layers)
    ids = torch.randint(V, (T,), generator=torch.Generator().manual_seed(1))
    trace = trace_gates(weights, config, ids.tolist())
    seeds = np.random.default_rng(0).normal(size=(4, T, config.hidden_size * (1 + bidirectional)))
    directions = backpropagate(weights, config, trace, seeds)[0]
    entering = torch.nn.functional.one_hot(ids, V).double()[:, None].requires_grad_()
    hidden = model.rnn(entering)[0][:, 0]
    for p in range(4):
        (wanted,) = torch.autograd.grad(hidden, entering, torch.tensor(seeds[p]), retain_graph=True)
        np.testing.assert_allclose(
            sum(gradients.input[p] for gradients in directions), wanted[:, 0].numpy(), atol=1e-12
        )


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_gradients_by_the_states_equal_finite_differences(kind):
    """A nudge of h (or c) after step s, handed on to the rest, moves the scalar by the gradient."""
    _, config, weights = make(**kind)
    ids = [1, 5, 2, 8, 0, 3, 3, 7]
    trace = trace_gates(weights, config, ids)
    last = np.random.default_rng(2).normal(size=config.hidden_size)
    seeds = np.zeros((1, len(ids), config.hidden_size))
    seeds[0, -1] = last
    ((gradients,),) = backpropagate(weights, config, trace, seeds)
    layer = trace.layers[0][0]
    for s in (0, 3, 6):
        for unit in (0, 4):
            for part, gradient in ((0, gradients.state), (1, gradients.memory)):
                if gradient is None:
                    continue

                def scalar(nudge: float, s=s, unit=unit, part=part) -> float:
                    h = layer.hidden[s].copy()
                    c = h.copy() if layer.memory is None else layer.memory[s].copy()
                    if part == 0:
                        h[unit] += nudge
                    else:  # h shows c too
                        c[unit] += nudge
                        h[unit] = layer.gates["o"][s, unit] * np.tanh(c[unit])
                    rest = trace_gates(weights, config, ids[s + 1 :], state=(h[None], c[None]))
                    return float(rest.layers[0][0].hidden[-1] @ last)

                slope = (scalar(1e-6) - scalar(-1e-6)) / 2e-6
                assert gradient[0, s, unit] == pytest.approx(slope, abs=1e-8)


def test_nothing_reaches_forward():
    _, config, weights = make(cell="lstm", num_layers=2)
    trace = trace_gates(weights, config, list(range(V)))
    seeds = np.zeros((V, V, config.hidden_size))
    seeds[np.arange(V), np.arange(V)] = 1.0
    for (gradients,) in backpropagate(weights, config, trace, seeds):
        for values in (gradients.input, gradients.state, gradients.memory):
            norms = np.linalg.norm(values, axis=2)
            assert (np.triu(norms, 1) == 0).all()
            assert (np.diag(norms) > 0).all()
