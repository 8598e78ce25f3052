"""Continue a text."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from playground.models.language_model import LanguageModel


@torch.no_grad()
def continue_greedily(model: LanguageModel, prefix: Sequence[int], length: int) -> list[int]:
    """Append the likeliest token `length` times, as d2l's `predict` does.

    The prefix warms the state up; each step then feeds back one token and
    never reads the text again. No random number is drawn.

    Args:
        model: One direction; its training mode is restored afterwards.
        prefix: At least one token id.
        length: Tokens to add.
    """
    was_training = model.training
    model.eval()
    device = model.head.weight.device
    logits, state = model(torch.tensor([list(prefix)], device=device))
    written: list[int] = []
    for i in range(length):
        token = logits[:, -1:].argmax(-1)  # (1, 1)
        written.append(int(token))
        if i + 1 < length:
            logits, state = model(token, state)
    model.train(was_training)
    return written
