"""The loss of one batch, by what the network is to learn."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from playground.models.language_model import LanguageModel, State
from playground.text.batches import Batch
from playground.text.vocab import UNK_ID

HIDDEN_SHARE = 0.1
"""Of the tokens that `objective=masked` reads as `<unk>` while it learns."""


def batch_loss(model: LanguageModel, batch: Batch, state: State | None) -> tuple[Tensor, State]:
    """Mean cross-entropy of a batch's predictions, and the state after it.

    The next token after each, or with `objective=masked` each token itself, with some of the others hidden.

    Args:
        model: The network, in training mode.
        batch: Inputs and targets, (B, T).
        state: The state after the batch before; None starts at zero.
    """
    masked = model.rnn_reverse is not None
    logits, state = model(with_holes(batch.inputs) if masked else batch.inputs, state)
    wanted = batch.inputs if masked else batch.targets
    return F.cross_entropy(logits.flatten(0, 1), wanted.flatten()), state


def with_holes(inputs: Tensor) -> Tensor:
    """Hide some tokens from the readers, so that they learn to read a text with several blanks."""
    holes = torch.rand(inputs.shape, device=inputs.device) < HIDDEN_SHARE
    return inputs.masked_fill(holes, UNK_ID)
