"""Adam on squared errors."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.random import Generator

from playground.records import Array
from playground.toys.autoregression.networks import Network


class Adam:
    """Changes weights in place, as `torch.optim.Adam` does without weight decay.

    Args:
        weights: The weights that are trained, by name.
        lr: Step size.

    Source: Kingma & Ba 2015, algorithm 1; β = 0.9 and 0.999, ε = 1e-8.
    """

    def __init__(self, weights: dict[str, Array], lr: float) -> None:
        self._weights, self._lr = weights, lr
        self._mean = {name: np.zeros_like(value) for name, value in weights.items()}
        self._square = {name: np.zeros_like(value) for name, value in weights.items()}
        self._steps = 0

    def step(self, gradients: Mapping[str, Array]) -> None:
        """Take one step down.

        Args:
            gradients: The gradient of the loss by each weight, under the same names.
        """
        self._steps += 1
        rate = self._lr / (1 - 0.9**self._steps)
        root = np.sqrt(1 - 0.999**self._steps)
        for name, gradient in gradients.items():
            mean, square = self._mean[name], self._square[name]
            mean += 0.1 * (gradient - mean)
            square += 0.001 * (gradient * gradient - square)
            self._weights[name] -= rate * mean / (np.sqrt(square) / root + 1e-8)


def fit(
    network: Network,
    weights: dict[str, Array],
    windows: Array,
    targets: Array,
    rng: Generator,
    *,
    epochs: int,
    batch_size: int,
    lr: float,
) -> Array:
    """Train weights in place; every epoch deals the examples anew.

    Args:
        network: The network that the weights belong to.
        weights: The weights that are trained, by name.
        windows: The inputs, (N, τ).
        targets: The values to predict, (N,).
        rng: Draws the order of the examples.
        epochs: Passes.
        batch_size: Examples a step; an epoch's last step takes what is left.
        lr: Step size of Adam.

    Returns:
        (epochs,): mean squared error of each pass, while it learns.
    """
    optimizer = Adam(weights, lr)
    losses = np.zeros(epochs)
    for epoch in range(epochs):
        order = rng.permutation(len(windows))
        for start in range(0, len(order), batch_size):
            chosen = order[start : start + batch_size]
            predicted, kept = network.forward(weights, windows[chosen])
            misses = predicted - targets[chosen]
            optimizer.step(network.backward(weights, kept, 2 * misses))  # of their sum, as d2l takes it
            losses[epoch] += misses @ misses
    return losses / len(windows)
