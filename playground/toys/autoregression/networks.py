"""Networks from the last τ values to the next one, with their gradients by hand.

Weights have the names and shapes of stock PyTorch: `linear` and `mlp` are an `nn.Sequential`, `rnn` is
an `nn.RNN` and an `nn.Linear` on its last state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from playground.lesson_settings import Predictor
from playground.records import Array

HIDDEN = 10
"""Hidden units of the MLP (d2l's 4-10-1) and of the RNN."""
Weights = Mapping[str, Array]


@dataclass(frozen=True)
class Network:
    """Functions of weights by name; B windows of τ values each."""

    start: Callable[[int, Generator], dict[str, Array]]
    """(τ, generator) → weights before the first step.

    Linear weights by Xavier's rule as d2l initialises them; their biases, and all of the RNN's own weights,
    as PyTorch does: uniform within 1/√(inputs), and within 1/√(hidden units).
    """
    forward: Callable[[Weights, Array], tuple[Array, Any]]
    """(weights, windows (B, τ)) → predictions (B,), and what `backward` needs."""
    backward: Callable[[Weights, Any, Array], dict[str, Array]]
    """(weights, what `forward` kept, the loss by the predictions (B,)) → the loss by each weight."""


def _linear(inputs: int, outputs: int, name: str, rng: Generator) -> dict[str, Array]:
    """`nn.Linear`. Source: Glorot & Bengio 2010 (the weights' range)."""
    limit = np.sqrt(6 / (inputs + outputs))
    return {
        f"{name}.weight": rng.uniform(-limit, limit, (outputs, inputs)),
        f"{name}.bias": rng.uniform(-1, 1, outputs) / np.sqrt(inputs),
    }


def _start_linear(tau: int, rng: Generator) -> dict[str, Array]:
    return _linear(tau, 1, "0", rng)


def _forward_linear(weights: Weights, windows: Array) -> tuple[Array, Any]:
    return windows @ weights["0.weight"][0] + weights["0.bias"], windows


def _backward_linear(weights: Weights, windows: Any, slope: Array) -> dict[str, Array]:
    return {"0.weight": (slope @ windows)[None], "0.bias": slope.sum(keepdims=True)}


def _start_mlp(tau: int, rng: Generator) -> dict[str, Array]:
    return _linear(tau, HIDDEN, "0", rng) | _linear(HIDDEN, 1, "2", rng)


def _forward_mlp(weights: Weights, windows: Array) -> tuple[Array, Any]:
    hidden = np.maximum(windows @ weights["0.weight"].T + weights["0.bias"], 0)
    return hidden @ weights["2.weight"][0] + weights["2.bias"], (windows, hidden)


def _backward_mlp(weights: Weights, kept: Any, slope: Array) -> dict[str, Array]:
    windows, hidden = kept
    back = slope[:, None] * weights["2.weight"] * (hidden > 0)
    return {
        "0.weight": back.T @ windows,
        "0.bias": back.sum(axis=0),
        "2.weight": (slope @ hidden)[None],
        "2.bias": slope.sum(keepdims=True),
    }


def _start_rnn(tau: int, rng: Generator) -> dict[str, Array]:
    shapes = {
        "weight_ih": (HIDDEN, 1),
        "weight_hh": (HIDDEN, HIDDEN),
        "bias_ih": (HIDDEN,),
        "bias_hh": (HIDDEN,),
    }
    limit = 1 / np.sqrt(HIDDEN)
    own = {f"rnn.{name}_l0": rng.uniform(-limit, limit, shape) for name, shape in shapes.items()}
    return own | _linear(HIDDEN, 1, "head", rng)


def _forward_rnn(weights: Weights, windows: Array) -> tuple[Array, Any]:
    entering, recurring = weights["rnn.weight_ih_l0"][:, 0], weights["rnn.weight_hh_l0"].T
    bias = weights["rnn.bias_ih_l0"] + weights["rnn.bias_hh_l0"]
    states = [np.zeros((len(windows), HIDDEN))]  # the window's own past begins at zero
    for x in windows.T:
        states.append(np.tanh(x[:, None] * entering + states[-1] @ recurring + bias))
    return states[-1] @ weights["head.weight"][0] + weights["head.bias"], (windows, states)


def _backward_rnn(weights: Weights, kept: Any, slope: Array) -> dict[str, Array]:
    windows, states = kept
    gradients = {name: np.zeros_like(value) for name, value in weights.items()}
    gradients["head.weight"] += slope @ states[-1]
    gradients["head.bias"] += slope.sum()
    back = slope[:, None] * weights["head.weight"]
    for t in reversed(range(windows.shape[1])):
        inner = back * (1 - states[t + 1] ** 2)
        gradients["rnn.weight_ih_l0"][:, 0] += windows[:, t] @ inner
        gradients["rnn.weight_hh_l0"] += inner.T @ states[t]
        gradients["rnn.bias_ih_l0"] += inner.sum(axis=0)
        back = inner @ weights["rnn.weight_hh_l0"]
    gradients["rnn.bias_hh_l0"] = gradients["rnn.bias_ih_l0"].copy()
    return gradients


NETWORKS: Mapping[Predictor, Network] = {
    "linear": Network(_start_linear, _forward_linear, _backward_linear),
    "mlp": Network(_start_mlp, _forward_mlp, _backward_mlp),
    "rnn": Network(_start_rnn, _forward_rnn, _backward_rnn),
}
