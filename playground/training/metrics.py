"""Held-out loss."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from playground.models.language_model import LanguageModel

_SHORTEST_ROW = 4
"""In training lengths: a shorter row would mostly measure the start from zero."""


@torch.no_grad()
def evaluate(model: LanguageModel, ids: Tensor, *, batch_size: int, num_steps: int) -> float:
    """Mean cross-entropy of a text the model does not train on, in nats a token.

    The text is laid in up to `batch_size` rows, each starting from a zero state
    that is then carried to the row's end. A network that reads both ways predicts each token
    from the others of a stretch `_SHORTEST_ROW` times as long, and nothing is hidden.

    Args:
        model: The network; its training mode is restored afterwards.
        ids: The text, (N,), N ≥ 2.
        batch_size: Most rows.
        num_steps: Tokens a pass.
    """
    masked = model.rnn_reverse is not None
    rows = max(1, min(batch_size, ids.numel() // (_SHORTEST_ROW * num_steps)))
    per_row = (ids.numel() - 1) // rows
    inputs = ids[: rows * per_row].view(rows, per_row)
    targets = ids[1 : rows * per_row + 1].view(rows, per_row)
    was_training = model.training
    model.eval()
    total = torch.zeros((), device=ids.device)
    stretch, together = num_steps, rows
    if masked:  # longer stretches, fewer rows: no more memory than a training step
        stretch, together = num_steps * _SHORTEST_ROW, max(1, rows // _SHORTEST_ROW)
    for first in range(0, rows, together):
        part, state = slice(first, first + together), None
        for i in range(0, per_row, stretch):
            logits, state = model(inputs[part, i : i + stretch], state)
            wanted = (inputs if masked else targets)[part, i : i + stretch]
            total += F.cross_entropy(logits.flatten(0, 1), wanted.flatten(), reduction="sum")
    model.train(was_training)
    return float(total) / (rows * per_row)
