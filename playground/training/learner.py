"""A network while it learns: its weights, optimiser, random numbers and carried state, one step at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

import torch
from torch import Tensor, nn

from playground.config import RunConfig
from playground.models.language_model import LanguageModel, State, detach
from playground.text.batches import Batch, batches
from playground.training import snapshots
from playground.training.averaging import WeightAverage
from playground.training.devices import default_threads, pick_device
from playground.training.loss import batch_loss
from playground.training.optimizers import make_optimizer


class Learner:
    """Everything that decides the next step, and the step itself.

    Args:
        config: The run's settings; their seed also seeds torch.
        vocab_size: V, the number of different tokens.

    Raises:
        DeviceError: The chosen device is not here.
    """

    def __init__(self, config: RunConfig, vocab_size: int) -> None:
        train = config.train
        self.device = pick_device(train.device)
        self.threads = train.threads or default_threads()
        torch.set_num_threads(self.threads)
        torch.manual_seed(train.seed)
        self.model = LanguageModel(config.model, vocab_size).to(self.device)
        self.max_grad_norm = train.max_grad_norm
        """Where gradients are clipped now; a person may move it meanwhile."""
        self._config = train
        self._average = (
            None if train.weight_averaging is None else WeightAverage(self.model, train.weight_averaging)
        )
        self._parameters = list(self.model.parameters())
        self._optimizer = make_optimizer(train, self._parameters)
        self._sampler = torch.Generator().manual_seed(train.seed)
        self._sampler_start = self._sampler.get_state()  # as the epoch under way began
        self._state: State | None = None

    @property
    def evaluated(self) -> LanguageModel:
        """What is evaluated, writes and is kept: the average of the weights, where there is one."""
        return self.model if self._average is None else self._average.model

    @property
    def parameters(self) -> int:
        """How many numbers are learnt."""
        return sum(parameter.numel() for parameter in self._parameters)

    def batches(self, ids: Tensor, done: int) -> Iterator[Batch]:
        """What is left of the epoch under way.

        Args:
            ids: The training text, (N,), on the device.
            done: Batches of the epoch that were learnt from already.
        """
        if done == 0:
            self._sampler_start = self._sampler.get_state()
        self._sampler.set_state(self._sampler_start)
        return islice(batches(ids, self._config, self._sampler), done, None)

    def end_epoch(self) -> None:
        """Let the next epoch begin where the random numbers of this one ended."""
        self._sampler_start = self._sampler.get_state()

    def take_step(self, batch: Batch, step: int) -> tuple[Tensor, Tensor]:
        """Learn from one batch.

        Args:
            batch: The one that follows the last step's.
            step: The number of this step, from 1.

        Returns:
            The loss before the step and the gradient's L2 norm before clipping, still on the device.
        """
        loss, state = batch_loss(self.model, batch, self._state if batch.carries_state else None)
        self._optimizer.zero_grad()
        loss.backward()
        norm = self._clip()
        self._optimizer.step()
        self._state = detach(state)  # truncated BPTT: keep values, drop the graph
        if self._average is not None:
            self._average.update(self.model, step)
        return loss.detach(), norm

    def _clip(self) -> Tensor:
        """Scale the gradient down to the limit; return its norm before that."""
        norm = nn.utils.get_total_norm([p.grad for p in self._parameters if p.grad is not None])
        if self.max_grad_norm is not None:
            nn.utils.clip_grads_with_norm_(self._parameters, self.max_grad_norm, norm)
        return norm

    def capture(self) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Copy the weights to look at, and what only training needs, to the CPU."""
        training = snapshots.capture(
            self._optimizer, self._sampler, self._sampler_start, self._state, self.device
        )
        if self._average is not None:
            training |= self._average.capture(self.model)
        return snapshots.copy_weights(self.evaluated), training

    def restore(self, weights: Mapping[str, Tensor], training: Mapping[str, Tensor]) -> None:
        """Go back to what `capture` copied."""
        if self._average is None:
            self.model.load_state_dict(dict(weights))
        else:
            self._average.restore(self.model, weights, training)
        self._state = snapshots.restore(training, self._optimizer, self._sampler, self.device)
        self._sampler_start = training["rng.sampler_start"]
        self._sampler.set_state(self._sampler_start)  # an epoch about to begin may have drawn its offset
