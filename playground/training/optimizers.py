"""What takes the steps."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn

from playground.config import TrainConfig


def make_optimizer(config: TrainConfig, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
    """SGD as d2l has it, or AdamW with PyTorch's own settings but the step size."""
    kind = torch.optim.AdamW if config.optimizer == "adamw" else torch.optim.SGD
    return kind(parameters, lr=config.lr)
