"""Weights as they are before the first step, in NumPy: what can be asked of a cell without training it.

The distributions are PyTorch's own, the random numbers are not: a server that only looks needs no torch.
"""

from __future__ import annotations

from math import sqrt

import numpy as np

from playground.cells import CELLS
from playground.config import ModelConfig
from playground.models.gates import stack_names
from playground.records import Array


def initial_weights(
    config: ModelConfig,
    vocab_size: int,
    *,
    seed: int,
    gain: float | None = None,
    forget_bias: float | None = None,
) -> dict[str, Array]:
    """A fresh `LanguageModel`'s weights by name, float32.

    Everything is uniform in ±1/√H, as in `nn.RNN`, `nn.GRU`, `nn.LSTM` and `nn.Linear`; an embedding is
    normal, as in `nn.Embedding`.

    Args:
        config: The network's settings.
        vocab_size: V.
        seed: Seed of every random number.
        gain: Makes every block of recurrent weights a random orthogonal matrix times this: all its
            eigenvalues have this absolute value, all its singular values are this.
        forget_bias: What the two biases of every forget gate add up to; a cell without a `forget_gate`, such
            as the GRU, takes no notice.

    Source: Saxe, McClelland & Ganguli 2014 (orthogonal); Gers et al. 2000 and Jozefowicz et al. 2015
        (forget bias).
    """
    rng = np.random.default_rng(seed)
    cell, size = CELLS[config.cell], config.hidden_size
    blocks = len(cell.gates)
    directions = 2 if config.bidirectional else 1
    embeds = config.input == "embedding"
    weights: dict[str, Array] = {}
    if embeds:
        weights["embed.weight"] = rng.normal(size=(vocab_size, config.embedding_size))
    entering = config.embedding_size if embeds else vocab_size
    for layer in range(config.num_layers):
        for direction in range(directions):
            names = stack_names(config, layer, direction)
            shapes = {
                "weight_ih": (blocks * size, entering),
                "weight_hh": (blocks * size, size),
                "bias_ih": (blocks * size,),
                "bias_hh": (blocks * size,),
            }
            stack = {part: _uniform(rng, shape, size) for part, shape in shapes.items()}
            if gain is not None:
                stack["weight_hh"] = np.concatenate([gain * _orthogonal(rng, size) for _ in range(blocks)])
            if forget_bias is not None and cell.forget_gate is not None:
                at = cell.gate_names.index(cell.forget_gate)
                stack["bias_ih"][at * size : (at + 1) * size] = forget_bias
                stack["bias_hh"][at * size : (at + 1) * size] = 0
            weights |= {names.format(part): values for part, values in stack.items()}
        entering = size if config.objective == "masked" else size * directions
    weights["head.weight"] = _uniform(rng, (vocab_size, size * directions), size * directions)
    weights["head.bias"] = _uniform(rng, (vocab_size,), size * directions)
    return {name: values.astype(np.float32) for name, values in weights.items()}


def _uniform(rng: np.random.Generator, shape: tuple[int, ...], size: int) -> Array:
    return rng.uniform(-1 / sqrt(size), 1 / sqrt(size), shape)


def _orthogonal(rng: np.random.Generator, size: int) -> Array:
    """(H, H), each as likely as any other."""
    q, r = np.linalg.qr(rng.normal(size=(size, size)))
    turned: Array = q * np.sign(np.diag(r))  # without the signs some are likelier
    return turned
