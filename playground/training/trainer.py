"""The training loop: when a step, a checkpoint, a sample or a pause is due."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping

import numpy as np
import torch
from torch import Tensor

from playground.config import RunConfig
from playground.records import RunStatus, TrainingFacts, is_exploded
from playground.text.batches import Batch, steps_per_epoch
from playground.text.encode import Ids
from playground.text.prepare import PreparedText, require_enough
from playground.training import snapshots
from playground.training.control import RunControl
from playground.training.devices import describe_device
from playground.training.events import (
    CheckpointReady,
    EpochDone,
    Finished,
    Paused,
    Resumed,
    SampleMade,
    Started,
    StepDone,
    Suspended,
    ThresholdMoved,
    TrainEvent,
)
from playground.training.learner import Learner
from playground.training.meter import SpeedMeter
from playground.training.metrics import evaluate
from playground.training.pending import PendingLosses
from playground.training.samples import sample
from playground.training.schedule import CheckpointSchedule


class Trainer:
    """Trains one model on one text and tells about it.

    Deterministic for a config and device; on the CPU a trainer that is resumed
    from a checkpoint takes the same steps bit for bit.

        >>> from playground.config import from_flat
        >>> from playground.text.corpora import Corpus
        >>> from playground.text.prepare import prepare
        >>> small = {"hidden_size": 8, "batch_size": 2, "num_steps": 4, "epochs": 1}
        >>> config = from_flat(small | {"device": "cpu", "threads": 1})
        >>> trainer = Trainer(config, prepare(Corpus("rain", "Rain", "rain and rain again"), config.corpus))
        >>> [type(event).__name__ for event in trainer.run(RunControl())]
        ['Started', 'CheckpointReady', 'StepDone', 'EpochDone', 'SampleMade', 'CheckpointReady', 'Finished']

    Args:
        config: The run's settings.
        text: The text that is trained on, in tokens.
        clock: Gives seconds from any start; only differences count.

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
        self.learner = Learner(config, len(text.vocab))
        self.meter = SpeedMeter(clock)
        self.step = 0
        self._ids = _on(self.learner.device, text.train)
        self._heldout = _on(self.learner.device, text.heldout)
        self._steps_per_epoch = steps_per_epoch(
            len(text.train), train.batch_size, train.num_steps, train.sampling
        )
        self._epoch = 0  # whole epochs done
        self._batch = 0  # batches done of the epoch under way
        self._epoch_loss = 0.0
        self._exploded_epochs = 0  # in a row
        self._schedule = CheckpointSchedule()
        self._sampled_at = -1
        self._began_at = 0
        self._is_suspended = False
        self._pending = PendingLosses(self.learner.device, self.meter)

    @property
    def facts(self) -> TrainingFacts:
        """What this trains on, and how much of it there is."""
        return TrainingFacts(
            device=self.learner.device.type,
            device_name=describe_device(self.learner.device),
            threads=self.learner.threads,
            torch_version=torch.__version__,
            parameters=self.learner.parameters,
            vocab_size=len(self.text.vocab),
            steps_per_epoch=self._steps_per_epoch,
            train_tokens=len(self.text.train),
            heldout_tokens=len(self.text.heldout),
            train_characters=self.text.train_part.characters,
            train_unknown=self.text.train_part.unknown,
            heldout_characters=self.text.heldout_part.characters,
            heldout_unknown=self.text.heldout_part.unknown,
        )

    def run(self, control: RunControl) -> Iterator[TrainEvent]:
        """Train until done, told to stop, or diverged.

        The last event is `Finished`; or `Suspended` in a pause, or where it is somebody else's turn.
        """
        self._began_at = self.step
        self.meter.start()
        yield Started(self.facts)
        if self.step == 0:
            yield self._checkpoint(kept=True)
        epochs = self.config.train.epochs
        status = RunStatus.FINISHED
        while epochs is None or self._epoch < epochs:
            status = yield from self._one_epoch(control)
            if status is not RunStatus.FINISHED or self._is_beyond_saving:
                break
        if status is RunStatus.PAUSED:
            yield Suspended(self.step)
            return
        yield from self._fetch(everything=True)
        if self._diverged:
            status = RunStatus.DIVERGED
        elif self.step > 0:
            yield from self._finish(status)
        yield Finished(status, self.step, self._position, self.meter.seconds)

    def load(
        self,
        weights: Mapping[str, Tensor],
        training: Mapping[str, Tensor],
        progress: Mapping[str, int | float],
    ) -> None:
        """Go back to a checkpoint; its three parts are as `CheckpointReady` gave them."""
        self.learner.restore(weights, training)
        self.step = int(progress["step"])
        self._epoch = int(progress["epoch"])
        self._batch = int(progress["batch"])
        self._epoch_loss = float(progress["epoch_loss"])
        self._exploded_epochs = int(
            progress.get("exploded_epochs", 0)
        )  # older checkpoints have not counted it
        self.meter.load(float(progress["seconds"]), int(progress["tokens"]))
        self._schedule.load(progress)
        self._schedule.written(step=self.step, seconds=self.meter.seconds)
        self._sampled_at = self.step

    @property
    def _position(self) -> float:
        return self._epoch + min(1.0, self._batch / self._steps_per_epoch)

    @property
    def _diverged(self) -> bool:
        return self._pending.diverged_at is not None

    @property
    def _is_beyond_saving(self) -> bool:
        return self.config.train.stop_exploded and self._exploded_epochs > 1

    def _one_epoch(self, control: RunControl) -> Generator[TrainEvent, None, RunStatus]:
        """Yield the epoch's events; return `FINISHED` when it was whole."""
        for batch in self.learner.batches(self._ids, self._batch):
            if control.has_requests:
                yield from self._handle_commands(control)
                if self._diverged:
                    return RunStatus.DIVERGED
                if self._is_suspended or control.stopped:
                    return RunStatus.PAUSED if self._is_suspended else RunStatus.STOPPED
            if self._schedule.is_due(step=self.step, seconds=self.meter.seconds):
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
        end = self._close_epoch()
        yield end
        is_wanted, is_kept = self._schedule.is_wanted(end, seconds=self.meter.seconds)
        if self._sample_is_due():
            yield from self._sample()
        if is_wanted:
            yield self._checkpoint(kept=is_kept)
        return RunStatus.FINISHED

    def _take_step(self, batch: Batch) -> None:
        self.step += 1
        self._batch += 1
        loss, norm = self.learner.take_step(batch, self.step)
        self.meter.count(batch.inputs.numel())
        self._pending.add(self.step, self._position, loss, norm, self.learner.max_grad_norm)

    def _fetch(self, *, everything: bool = False) -> Iterator[StepDone]:
        """Tell the steps whose losses have come from the device."""
        for event in self._pending.take(everything=everything):
            self._epoch_loss += event.loss
            yield event
        if self._pending.diverged_at is not None:
            self.step = self._pending.diverged_at  # an accelerator may be some steps further

    def _close_epoch(self) -> EpochDone:
        self._epoch += 1
        train_loss = self._epoch_loss / self._batch
        self._epoch_loss, self._batch = 0.0, 0
        is_worse = is_exploded(train_loss, len(self.text.vocab))
        self._exploded_epochs = self._exploded_epochs + 1 if is_worse else 0
        self.learner.end_epoch()
        heldout_loss = None
        if self._heldout.numel() > 1:
            train = self.config.train
            heldout_loss = evaluate(
                self.learner.evaluated,
                self._heldout,
                batch_size=train.batch_size,
                num_steps=train.num_steps,
            )
        return EpochDone(self._epoch, self.step, train_loss, heldout_loss, self.meter.seconds)

    def _handle_commands(self, control: RunControl) -> Iterator[TrainEvent]:
        """Move the threshold, take a snapshot, pause or leave, as asked."""
        yield from self._fetch(everything=True)
        if self._diverged:
            return
        yield from self._move_threshold(control)
        if control.take_snapshot_request():
            yield self._checkpoint(kept=False)
        if control.paused:
            control.take_yield_request()  # a pause makes room too
            yield from self._pause(control)
        elif self.step > self._began_at and not control.stopped and control.take_yield_request():
            self.meter.stop()
            if not self._schedule.is_written(self.step):
                yield self._checkpoint(kept=False)
            self._is_suspended = True

    def _pause(self, control: RunControl) -> Iterator[TrainEvent]:
        """Wait until the run is resumed or stopped; snapshots and other thresholds are possible meanwhile."""
        resumes = control.resumes
        self.meter.stop()
        if not self._schedule.is_written(self.step):
            yield self._checkpoint(kept=False)  # what happens during the pause costs nothing
        yield Paused(self.step)
        while control.wait_while_paused(resumes):
            yield from self._move_threshold(control)
            if control.take_snapshot_request():
                yield self._checkpoint(kept=False)
            if control.suspended:
                self._is_suspended = True
                return
        self.meter.start()
        if not control.stopped:
            yield Resumed(self.step)

    def _move_threshold(self, control: RunControl) -> Iterator[ThresholdMoved]:
        asked = control.take_clipping_request()
        if asked is not None and asked[0] != self.learner.max_grad_norm:
            (self.learner.max_grad_norm,) = asked
            yield ThresholdMoved(self._position, self.step, self.learner.max_grad_norm)

    def _sample_is_due(self) -> bool:
        every = self.config.train.sample_every
        return every > 0 and (self._epoch == 1 or self._epoch % every == 0)

    def _sample(self) -> Iterator[SampleMade]:
        if self._sampled_at == self.step:
            return
        self._sampled_at = self.step
        written = sample(snapshots.copy_weights(self.learner.evaluated), self.config, self.text)
        if written is not None:
            yield SampleMade(self._position, self.step, *written)

    def _finish(self, status: RunStatus) -> Iterator[TrainEvent]:
        """Write a last sample and keep the last weights."""
        if self.config.train.sample_every:
            yield from self._sample()
        if not self._schedule.is_written(self.step) or status is RunStatus.STOPPED:
            yield self._checkpoint(kept=True)

    def _checkpoint(self, *, kept: bool) -> CheckpointReady:
        self._schedule.written(step=self.step, seconds=self.meter.seconds)
        progress = {
            "step": self.step,
            "epoch": self._epoch,
            "batch": self._batch,
            "epoch_loss": self._epoch_loss,
            "exploded_epochs": self._exploded_epochs,
            "seconds": self.meter.seconds,
            "tokens": self.meter.tokens,
            **self._schedule.progress,
        }
        weights, training = self.learner.capture()
        loss = self._schedule.loss_at(self.step)
        return CheckpointReady(self._position, self.step, kept, weights, training, progress, loss)


def _on(device: torch.device, ids: Ids) -> Tensor:
    """Token ids as torch looks them up."""
    return torch.from_numpy(ids.astype(np.int64)).to(device)
