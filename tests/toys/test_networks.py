"""Hand-made networks beside stock PyTorch's."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from playground.toys.autoregression.networks import HIDDEN, NETWORKS
from playground.toys.autoregression.training import Adam, fit


class StockRNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(1, HIDDEN, batch_first=True)
        self.head = nn.Linear(HIDDEN, 1)

    def forward(self, windows):
        return self.head(self.rnn(windows[:, :, None])[0][:, -1])


def stock(name: str, tau: int) -> nn.Module:
    made = {
        "linear": lambda: nn.Sequential(nn.Linear(tau, 1)),
        "mlp": lambda: nn.Sequential(nn.Linear(tau, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 1)),
        "rnn": StockRNN,
    }
    return made[name]().double()


def loaded(name: str, tau: int, weights) -> nn.Module:
    model = stock(name, tau)
    model.load_state_dict({key: torch.tensor(value) for key, value in weights.items()})
    return model


def material(tau: int, seed: int = 0, count: int = 7):
    rng = np.random.default_rng(seed)
    return rng, rng.normal(size=(count, tau)), rng.normal(size=count)


@pytest.mark.parametrize("tau", [1, 4, 9])
@pytest.mark.parametrize("name", NETWORKS)
def test_predictions_and_gradients_are_stock_pytorchs(name, tau):
    rng, windows, targets = material(tau)
    weights = NETWORKS[name].start(tau, rng)
    predicted, kept = NETWORKS[name].forward(weights, windows)
    gradients = NETWORKS[name].backward(weights, kept, 2 * (predicted - targets))
    model = loaded(name, tau, weights)
    wanted = model(torch.tensor(windows))[:, 0]
    ((wanted - torch.tensor(targets)) ** 2).sum().backward()
    np.testing.assert_allclose(predicted, wanted.detach().numpy(), atol=1e-12)
    assert list(gradients) == [key for key, _ in model.named_parameters()]
    for key, parameter in model.named_parameters():
        np.testing.assert_allclose(gradients[key], parameter.grad.numpy(), atol=1e-12)


@pytest.mark.parametrize("name", NETWORKS)
@given(tau=st.integers(1, 6), seed=st.integers(0, 99))
def test_gradients_are_finite_differences(name, tau, seed):
    rng, windows, _ = material(tau, seed)
    network, weights = NETWORKS[name], NETWORKS[name].start(tau, rng)
    slope = rng.normal(size=len(windows))
    gradients = network.backward(weights, network.forward(weights, windows)[1], slope)
    for key, values in weights.items():
        way = rng.normal(size=values.shape)
        up, down = (
            slope @ network.forward(weights | {key: values + step * way}, windows)[0]
            for step in (1e-6, -1e-6)
        )
        assert (up - down) / 2e-6 == pytest.approx((gradients[key] * way).sum(), rel=1e-4, abs=1e-5)


def test_adam_takes_pytorchs_steps():
    rng = np.random.default_rng(3)
    weights = {"a": rng.normal(size=(3, 4)), "b": rng.normal(size=2)}
    others = {name: torch.tensor(value.copy(), requires_grad=True) for name, value in weights.items()}
    ours, theirs = Adam(weights, lr=0.01), torch.optim.Adam(others.values(), lr=0.01)
    for size in np.logspace(-9, 3, 60):  # also where ε counts
        gradients = {name: size * rng.normal(size=value.shape) for name, value in weights.items()}
        ours.step(gradients)
        for name, tensor in others.items():
            tensor.grad = torch.tensor(gradients[name])
        theirs.step()
    for name, tensor in others.items():
        np.testing.assert_allclose(weights[name], tensor.detach().numpy(), rtol=1e-9)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_whole_training_is_pytorchs_own(name):
    tau, count, epochs, batch_size = 4, 70, 2, 16
    rng, windows, targets = material(tau, 1, count)
    weights = NETWORKS[name].start(tau, rng)
    model = loaded(name, tau, weights)
    losses = fit(
        NETWORKS[name],
        weights,
        windows,
        targets,
        np.random.default_rng(5),
        epochs=epochs,
        batch_size=batch_size,
        lr=0.01,
    )
    order, optimizer = np.random.default_rng(5), torch.optim.Adam(model.parameters(), lr=0.01)
    x, y = torch.tensor(windows), torch.tensor(targets)
    for epoch in range(epochs):
        total = 0.0
        for chosen in torch.tensor(order.permutation(count)).split(batch_size):
            loss = ((model(x[chosen])[:, 0] - y[chosen]) ** 2).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        assert losses[epoch] == pytest.approx(total / count)
    for key, parameter in model.named_parameters():
        np.testing.assert_allclose(weights[key], parameter.detach().numpy(), atol=1e-9)


@pytest.mark.parametrize("name", NETWORKS)
def test_first_weights_lie_within_their_ranges(name):
    many = [NETWORKS[name].start(4, np.random.default_rng(seed)) for seed in range(200)]
    shapes = {key: tuple(parameter.shape) for key, parameter in stock(name, 4).named_parameters()}
    assert {key: value.shape for key, value in many[0].items()} == shapes
    for key, shape in shapes.items():
        if key.startswith("rnn."):
            limit = 1 / np.sqrt(HIDDEN)
        elif key.endswith("weight"):
            limit = np.sqrt(6 / sum(shape))  # Xavier's
        else:
            limit = 1 / np.sqrt(shapes[key.replace("bias", "weight")][1])
        largest = max(np.abs(weights[key]).max() for weights in many)
        assert 0.97 * limit < largest <= limit
