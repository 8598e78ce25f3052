"""The training loop."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from itertools import islice

import torch
from torch import Tensor, nn

from playground.config import RunConfig
from playground.models.language_model import LanguageModel, State, detach
from playground.records import RunStatus, TrainingFacts
from playground.text.batches import Batch, batches, steps_per_epoch
from playground.text.prepare import PreparedText, require_enough
from playground.training import snapshots
from playground.training.averaging import WeightAverage
from playground.training.control import RunControl
from playground.training.devices import default_threads, describe_device, pick_device
from playground.training.events import (
    CheckpointReady,
    EpochDone,
    Finished,
    Paused,
    Resumed,
    SampleMade,
    Started,
    StepDone,
    ThresholdMoved,
    TrainEvent,
)
from playground.training.loss import batch_loss
from playground.training.meter import SpeedMeter
from playground.training.metrics import evaluate
from playground.training.optimizers import make_optimizer
from playground.training.pending import PendingLosses
from playground.training.progress import Progress
from playground.training.samples import sample

ROLLING_SECONDS = 30.0
"""Training time after which an unkept checkpoint limits what a crash can cost."""


class Trainer:
    """Trains one model on one text and tells about it.

    Deterministic for a config and device; on the CPU a trainer that is resumed
    from a checkpoint takes the same steps bit for bit.

    Args:
        config: The run.
        text: Its tokens.
        clock: Seconds from any start; only differences count.

    Raises:
        CorpusError: Too little text for one batch.
        DeviceError: The chosen device is not here.
    """

    def __init__(
        self,
        config: RunConfig,
        text: PreparedText,
        *,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.config = config
        self.text = text
        train = config.train
        require_enough(text.name, len(text.train), train)
        self.device = pick_device(train.device)
        self.threads = train.threads or default_threads()
        torch.set_num_threads(self.threads)
        torch.manual_seed(train.seed)
        self.model = LanguageModel(config.model, len(text.vocab)).to(self.device)
        self.average = (
            None if train.weight_averaging is None else WeightAverage(self.model, train.weight_averaging)
        )
        self.optimizer = make_optimizer(config.train, self.model.parameters())
        self.sampler = torch.Generator().manual_seed(train.seed)
        self.meter = SpeedMeter(clock)
        self.max_grad_norm = train.max_grad_norm
        """Where gradients are clipped now; a person may move it meanwhile."""
        self._parameters = list(self.model.parameters())
        self._ids = torch.tensor(text.train, device=self.device)
        self._heldout = torch.tensor(text.heldout, device=self.device)
        self._progress = Progress(
            steps_per_epoch(len(text.train), train.batch_size, train.num_steps, train.sampling)
        )
        self._sampler_start = self.sampler.get_state()  # as the epoch under way began
        self._state: State | None = None
        self._rolled_at = 0.0
        self._checkpointed_at = -1  # step
        self._sampled_at = -1
        self._pending = PendingLosses(self.device, self.meter)

    @property
    def facts(self) -> TrainingFacts:
        """What this trains on, and how much of it there is."""
        return TrainingFacts(
            device=self.device.type,
            device_name=describe_device(self.device),
            threads=self.threads,
            torch_version=torch.__version__,
            parameters=sum(p.numel() for p in self._parameters),
            vocab_size=len(self.text.vocab),
            steps_per_epoch=self._progress.steps_per_epoch,
            train_tokens=len(self.text.train),
            heldout_tokens=len(self.text.heldout),
        )

    def run(self, control: RunControl) -> Iterator[TrainEvent]:
        """Train until done, told to stop, or diverged; the last event is `Finished`."""
        self.meter.start()
        yield Started(self.facts)
        if self._progress.step == 0:
            yield self._checkpoint(kept=True)
        epochs = self.config.train.epochs
        status = RunStatus.FINISHED
        while epochs is None or self._progress.epoch < epochs:
            status = yield from self._one_epoch(control)
            if status is not RunStatus.FINISHED:
                break
        yield from self._fetch(everything=True)
        if self._diverged:
            status = RunStatus.DIVERGED
        elif self._progress.step > 0:
            yield from self._finish(status)
        yield Finished(status, self._progress.step, self._progress.position, self.meter.seconds)

    def load(
        self,
        weights: Mapping[str, Tensor],
        training: Mapping[str, Tensor],
        progress: Mapping[str, int | float],
    ) -> None:
        """Go back to a checkpoint; its three parts are as `CheckpointReady` gave them."""
        if self.average is None:
            self.model.load_state_dict(dict(weights))
        else:
            self.average.restore(self.model, weights, training)
        self._state = snapshots.restore(training, self.optimizer, self.sampler, self.device)
        self._sampler_start = training["rng.sampler_start"]
        self.sampler.set_state(self._sampler_start)  # an epoch about to begin may have drawn its offset
        self._progress.restore(progress)
        self.meter.load(float(progress["seconds"]), int(progress["tokens"]))
        self._rolled_at = self.meter.seconds
        self._checkpointed_at = self._sampled_at = self._progress.step

    @property
    def shown(self) -> LanguageModel:
        """What is evaluated, writes samples and is kept: the average of the weights, where there is one."""
        return self.model if self.average is None else self.average.model

    @property
    def _diverged(self) -> bool:
        return self._pending.diverged_at is not None

    def _one_epoch(self, control: RunControl) -> Generator[TrainEvent, None, RunStatus]:
        """Yield the epoch's events; return `FINISHED` when it was whole."""
        if self._progress.batch == 0:
            self._sampler_start = self.sampler.get_state()
        self.sampler.set_state(self._sampler_start)
        for batch in islice(batches(self._ids, self.config.train, self.sampler), self._progress.batch, None):
            if control.calls:
                yield from self._handle_commands(control)
                if self._diverged:
                    return RunStatus.DIVERGED
                if control.stopped:
                    return RunStatus.STOPPED
            if self.meter.seconds - self._rolled_at > ROLLING_SECONDS:
                yield from self._fetch(everything=True)
                if self._diverged:
                    return RunStatus.DIVERGED
                # before a step: after an epoch's last, its end is not told yet
                yield self._checkpoint(kept=False)
            self._take_step(batch)
            yield from self._fetch()
            if self._diverged:
                return RunStatus.DIVERGED
        yield from self._fetch(everything=True)
        if self._diverged:
            return RunStatus.DIVERGED
        yield self._close_epoch()
        if self._sample_is_due():
            yield from self._sample()
        if snapshots.is_log_spaced(self._progress.epoch):
            yield self._checkpoint(kept=True)
        return RunStatus.FINISHED

    def _take_step(self, batch: Batch) -> None:
        state = self._state if batch.carries_state else None
        loss, state = batch_loss(self.model, batch, state)
        self.optimizer.zero_grad()
        loss.backward()
        norm = self._clip()
        self.optimizer.step()
        self._state = detach(state)  # truncated BPTT: keep values, drop the graph
        self._progress.step += 1
        self._progress.batch += 1
        if self.average is not None:
            self.average.update(self.model, self._progress.step)
        self.meter.count(batch.inputs.numel())
        self._pending.add(
            self._progress.step, self._progress.position, loss.detach(), norm, self.max_grad_norm
        )

    def _clip(self) -> Tensor:
        """Scale the gradient down to the limit; return its norm before that."""
        norm = nn.utils.get_total_norm([p.grad for p in self._parameters if p.grad is not None])
        if self.max_grad_norm is not None:
            nn.utils.clip_grads_with_norm_(self._parameters, self.max_grad_norm, norm)
        return norm

    def _fetch(self, *, everything: bool = False) -> Iterator[StepDone]:
        """Tell the steps whose losses have come from the device."""
        for event in self._pending.take(everything=everything):
            self._progress.epoch_loss += event.loss
            yield event
        if self._pending.diverged_at is not None:
            self._progress.step = self._pending.diverged_at  # an accelerator may be some steps further

    def _close_epoch(self) -> EpochDone:
        train_loss = self._progress.end_epoch()
        self._sampler_start = self.sampler.get_state()
        heldout_loss = None
        if self._heldout.numel() > 1:
            train = self.config.train
            heldout_loss = evaluate(
                self.shown, self._heldout, batch_size=train.batch_size, num_steps=train.num_steps
            )
        return EpochDone(
            self._progress.epoch, self._progress.step, train_loss, heldout_loss, self.meter.seconds
        )

    def _handle_commands(self, control: RunControl) -> Iterator[TrainEvent]:
        """Clip elsewhere, take a snapshot or stand still, as asked."""
        yield from self._fetch(everything=True)
        if self._diverged:
            return
        yield from self._move_threshold(control)
        if control.take_snapshot_request():
            yield self._checkpoint(kept=False)
        if control.paused:
            yield from self._pause(control)

    def _pause(self, control: RunControl) -> Iterator[TrainEvent]:
        resumes = control.resumes
        self.meter.stop()
        if self._checkpointed_at != self._progress.step:
            yield self._checkpoint(kept=False)  # what happens during the pause costs nothing
        yield Paused(self._progress.step)
        while control.wait_while_paused(resumes):
            yield from self._move_threshold(control)
            if control.take_snapshot_request():
                yield self._checkpoint(kept=False)
        self.meter.start()
        if not control.stopped:
            yield Resumed(self._progress.step)

    def _move_threshold(self, control: RunControl) -> Iterator[ThresholdMoved]:
        asked = control.take_clipping_request()
        if asked is not None and asked[0] != self.max_grad_norm:
            (self.max_grad_norm,) = asked
            yield ThresholdMoved(self._progress.position, self._progress.step, self.max_grad_norm)

    def _sample_is_due(self) -> bool:
        every = self.config.train.sample_every
        return every > 0 and (self._progress.epoch == 1 or self._progress.epoch % every == 0)

    def _sample(self) -> Iterator[SampleMade]:
        if self._sampled_at == self._progress.step:
            return
        self._sampled_at = self._progress.step
        written = sample(snapshots.copy_weights(self.shown), self.config, self.text)
        if written is not None:
            yield SampleMade(self._progress.position, self._progress.step, *written)

    def _finish(self, status: RunStatus) -> Iterator[TrainEvent]:
        if self.config.train.sample_every:
            yield from self._sample()
        if self._checkpointed_at != self._progress.step or status is RunStatus.STOPPED:
            yield self._checkpoint(kept=True)

    def _checkpoint(self, *, kept: bool) -> CheckpointReady:
        self._rolled_at = self.meter.seconds
        self._checkpointed_at = self._progress.step
        training = snapshots.capture(
            self.optimizer, self.sampler, self._sampler_start, self._state, self.device
        )
        if self.average is not None:
            training |= self.average.capture(self.model)
        return CheckpointReady(
            epoch=self._progress.position,
            step=self._progress.step,
            kept=kept,
            weights=snapshots.copy_weights(self.shown),
            training=training,
            progress=self._progress.capture() | {"seconds": self.meter.seconds, "tokens": self.meter.tokens},
        )
