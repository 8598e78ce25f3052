"""A small network three times over: as torch's, as arrays, and as its settings."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from playground.config import ModelConfig
from playground.models.language_model import LanguageModel
from playground.records import Array

V, H = 11, 10
NAMES = tuple("?abcdefghij")
KINDS = ({"cell": "rnn"}, {"cell": "rnn", "nonlinearity": "relu"}, {"cell": "gru"}, {"cell": "lstm"})
MASKED = {"objective": "masked", "bidirectional": True}
TRAP = {"bidirectional": True}


def network(**settings: object) -> tuple[LanguageModel, dict[str, Array], ModelConfig]:
    """Seeded, in float64, and lively: an untrained model would say the same everywhere."""
    torch.manual_seed(4)
    config = ModelConfig(**{"hidden_size": H, "embedding_size": 6} | settings)
    model = LanguageModel(config, V).double().eval()
    with torch.no_grad():
        for value in model.parameters():
            value.mul_(1.5)
        model.head.weight.mul_(4)
    return model, {name: value.numpy() for name, value in model.state_dict().items()}, config


def some_ids(steps: int = 9, seed: int = 2) -> list[int]:
    """Token ids, seeded."""
    return np.random.default_rng(seed).integers(V, size=steps).tolist()


@torch.no_grad()
def logits_of(model: LanguageModel, ids: list[int]) -> torch.Tensor:
    """(T, V), the whole text in one pass."""
    return model(torch.tensor([ids]))[0][0]


def weights_that_overflow(weights: Mapping[str, Array]) -> dict[str, Array]:
    """With relu, states that grow beyond what a float32 holds within some twenty tokens."""
    return {name: (50 * np.abs(value)).astype(np.float32) for name, value in weights.items()}
