"""A running average of the weights, which is what a run shows of itself when it is asked for.

Steps of a constant size wander around a good place; the average stays in its middle. It costs a copy of the
weights and one addition a step, and the training itself goes on as if nobody had looked.

Source: Polyak & Juditsky 1992; exponential form as in Kingma & Ba 2015, section 7.2.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from playground.models.language_model import LanguageModel
from playground.training.snapshots import copy_weights

_RAW = "raw."


class WeightAverage:
    """The average of a model's weights over its steps.

    Args:
        model: The model; its weights as they are now begin the average.
        decay: Part of the average that a step leaves, below 1: it reaches over about 1 / (1 - decay) steps.
    """

    def __init__(self, model: LanguageModel, decay: float) -> None:
        self.model = copy.deepcopy(model).requires_grad_(False)
        """The same network with averaged weights."""
        for part in self.model.modules():
            if isinstance(part, nn.RNNBase):
                part.flatten_parameters()  # a copy's weights lie apart, and cuDNN wants them in one piece
        self._decay = decay

    @torch.no_grad()
    def update(self, model: LanguageModel, step: int) -> None:
        """Take in the weights after a step, counted from 1.

        The first steps count for more, as untrained weights are no use: after n steps at most the newest
        (n + 10) / 9 or so are in the average.
        """
        kept = min(self._decay, (1 + step) / (10 + step))
        for average, weight in zip(self.model.parameters(), model.parameters(), strict=True):
            average.lerp_(weight, 1 - kept)

    def capture(self, model: LanguageModel) -> dict[str, Tensor]:
        """The weights that are trained, for the part of a checkpoint that only training needs."""
        return {_RAW + name: value for name, value in copy_weights(model).items()}

    def restore(
        self, model: LanguageModel, weights: Mapping[str, Tensor], training: Mapping[str, Tensor]
    ) -> None:
        """Put the average and what `capture` took back where they were."""
        self.model.load_state_dict(dict(weights))
        model.load_state_dict(
            {name.removeprefix(_RAW): value for name, value in training.items() if name.startswith(_RAW)}
        )
