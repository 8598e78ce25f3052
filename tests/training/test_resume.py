"""Train 10 == train 5, checkpoint, resume 5: bit for bit on the CPU."""

import dataclasses
from itertools import product

import pytest
import torch

from playground.cells import CELLS
from playground.config import RunConfig
from playground.records import RunStatus
from playground.training.control import Command, RunControl
from playground.training.events import (
    CheckpointReady,
    EpochDone,
    Finished,
    Paused,
    SampleMade,
    StepDone,
    Suspended,
    TrainEvent,
)
from tests.helpers import make_trainer, only, same_bits, some_text, tiny_config, train

TEXT = some_text(90)
OPTIMIZERS = {"sgd": 0.5, "adamw": 0.01}
MASKED = {"objective": "masked", "bidirectional": True}
AVERAGED = {"weight_averaging": 0.8}
every_sampling = pytest.mark.parametrize("sampling", ["sequential", "random"])
every_optimizer = pytest.mark.parametrize("optimizer", OPTIMIZERS)


def config_of(**settings: object) -> RunConfig:
    return tiny_config(
        **{"num_layers": 2, "dropout": 0.3, "hidden_size": 9, "num_steps": 4, "sample_every": 2} | settings
    )


def resume(config: RunConfig, checkpoint: CheckpointReady) -> list[TrainEvent]:
    """Go on from a checkpoint in a fresh trainer, after others have drawn random numbers."""
    trainer = make_trainer(config, TEXT)
    torch.manual_seed(99)
    torch.rand(7)
    trainer.load(checkpoint.weights, checkpoint.training, checkpoint.progress)
    return list(trainer.run(RunControl()))


def told(events: list[TrainEvent], after: int = 0) -> list[tuple]:
    """What does not depend on the clock, of all that came after a step."""
    facts: list[tuple] = []
    for event in events:
        if isinstance(event, StepDone):
            facts.append((event.step, event.epoch, event.loss, event.grad_norm, event.scale))
        elif isinstance(event, EpochDone):
            facts.append((event.step, event.epoch, event.train_loss, event.heldout_loss))
        elif isinstance(event, SampleMade):
            facts.append((event.step, event.epoch, event.prefix, event.text))
    return [fact for fact in facts if fact[0] > after]


def assert_goes_on_as_if_nothing_happened(config, whole, checkpoint) -> None:
    rest = resume(config, checkpoint)
    assert told(rest, checkpoint.step) == told(whole, checkpoint.step)
    left, right = (only(CheckpointReady, events)[-1] for events in (rest, whole))
    assert same_bits(left.weights, right.weights)
    assert same_bits(left.training, right.training)


@pytest.mark.parametrize("cell", CELLS)
@every_optimizer
@every_sampling
def test_ten_epochs_are_five_a_checkpoint_and_five_more(cell, optimizer, sampling):
    config = config_of(cell=cell, optimizer=optimizer, lr=OPTIMIZERS[optimizer], sampling=sampling, epochs=10)
    whole = train(config, TEXT)
    half = next(c for c in only(CheckpointReady, whole) if c.epoch == 5)
    assert_goes_on_as_if_nothing_happened(config, whole, half)


@pytest.mark.parametrize("cell", CELLS)
@every_sampling
@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_the_holes_that_hide_tokens_are_taken_up_too(cell, sampling, dropout):
    """They are drawn at random, so a resumed run must draw the same ones."""
    config = config_of(**MASKED, cell=cell, sampling=sampling, dropout=dropout, epochs=10)
    whole = train(config, TEXT)
    half = next(c for c in only(CheckpointReady, whole) if c.epoch == 5)
    assert_goes_on_as_if_nothing_happened(config, whole, half)


@every_sampling
@pytest.mark.parametrize(
    ("cell", "more"),
    [*product(CELLS, ({}, MASKED)), ("lstm", AVERAGED)],
    ids=[*map("-".join, product(CELLS, ("next", "masked"))), "lstm-averaged"],
)
def test_a_stop_after_any_step_can_be_taken_up_again(cell, sampling, more):
    """Every step of two epochs, so the middle of an epoch and its very end and beginning too."""
    config = config_of(
        cell=cell, optimizer="adamw", lr=0.01, sampling=sampling, epochs=2, held_out=0.3, **more
    )
    whole = train(config, TEXT)
    for at in range(1, only(StepDone, whole)[-1].step):
        control, events = RunControl(), []
        for event in make_trainer(config, TEXT).run(control):
            events.append(event)
            if isinstance(event, StepDone) and event.step == at:
                control.send(Command.STOP)
        stopped = only(CheckpointReady, events)[-1]
        assert stopped.step == at
        assert_goes_on_as_if_nothing_happened(config, whole, stopped)


@pytest.mark.parametrize("cell", CELLS)
@every_optimizer
@every_sampling
@pytest.mark.parametrize(
    "more", [{"dropout": 0.0}, {}, AVERAGED, MASKED], ids=["plain", "dropout", "averaged", "masked"]
)
def test_a_run_in_slices_of_a_few_steps_is_the_whole_run(cell, optimizer, sampling, more):
    config = config_of(
        cell=cell,
        optimizer=optimizer,
        lr=OPTIMIZERS[optimizer],
        sampling=sampling,
        held_out=0.3,
        epochs=3,
        **more,
    )
    whole, sliced, checkpoint = train(config, TEXT), [], None
    slices = 0
    while not only(Finished, sliced):
        trainer, control = make_trainer(config, TEXT), RunControl()
        if checkpoint is not None:
            torch.manual_seed(99 + slices)  # others have drawn random numbers
            trainer.load(checkpoint.weights, checkpoint.training, checkpoint.progress)
        slices += 1
        until_step = trainer.step + 2 + slices % 3
        for event in trainer.run(control):
            sliced.append(event)
            if isinstance(event, StepDone) and event.step == until_step:
                control.send(Command.YIELD)
        if isinstance(event, Suspended):
            checkpoint = only(CheckpointReady, sliced)[-1]
            assert checkpoint.step == event.step == until_step
    assert slices > 3
    assert told(sliced) == told(whole)
    left, right = (only(CheckpointReady, events)[-1] for events in (sliced, whole))
    assert same_bits(left.weights, right.weights)
    assert same_bits(left.training, right.training)


def test_a_turn_has_a_step_however_soon_it_ends():
    config = config_of(epochs=3)
    control = RunControl()
    control.send(Command.YIELD)
    events = list(make_trainer(config, TEXT).run(control))
    assert [event.step for event in only(StepDone, events)] == [1]
    assert events[-1] == Suspended(1)


@pytest.mark.parametrize("also", [Command.STOP, Command.PAUSE])
def test_a_stop_or_a_pause_goes_before_somebody_elses_turn(also):
    control, events = RunControl(), []
    for event in make_trainer(config_of(epochs=3), TEXT).run(control):
        events.append(event)
        if isinstance(event, StepDone) and event.step == 2:
            control.send(Command.YIELD)
            control.send(also)
        if isinstance(event, Paused):
            control.send(Command.RESUME)
    assert not only(Suspended, events)
    assert (only(Finished, events)[0].status is RunStatus.STOPPED) == (also is Command.STOP)
    assert bool(only(Paused, events)) == (also is Command.PAUSE)


@every_sampling
def test_a_snapshot_between_two_epochs_can_be_taken_up_again(sampling):
    config = config_of(sampling=sampling, epochs=4)
    whole = train(config, TEXT)
    control, events = RunControl(), []
    for event in make_trainer(config, TEXT).run(control):
        events.append(event)
        if isinstance(event, EpochDone) and event.epoch == 3:
            control.send(Command.SNAPSHOT)
    (snapshot,) = (c for c in only(CheckpointReady, events) if not c.kept)
    assert snapshot.epoch == 3
    assert_goes_on_as_if_nothing_happened(config, whole, snapshot)


def test_a_chain_of_stops_ends_where_one_training_does():
    config = config_of(epochs=3)
    whole = train(config, TEXT)
    checkpoint, curve = None, []
    for at in (3, 4, 9, 10, 10_000):
        trainer, control = make_trainer(config, TEXT), RunControl()
        if checkpoint:
            trainer.load(checkpoint.weights, checkpoint.training, checkpoint.progress)
        for event in trainer.run(control):
            if isinstance(event, StepDone):
                curve.append((event.step, event.loss))
                if event.step >= at:
                    control.send(Command.STOP)
            elif isinstance(event, CheckpointReady):
                checkpoint = event
    assert curve == [(step.step, step.loss) for step in only(StepDone, whole)]
    assert same_bits(checkpoint.weights, only(CheckpointReady, whole)[-1].weights)


def test_the_curve_before_the_checkpoint_is_not_told_twice():
    config = config_of(epochs=3)
    checkpoint = next(c for c in only(CheckpointReady, train(config, TEXT)) if c.epoch == 2)
    rest = resume(config, checkpoint)
    assert min(step.step for step in only(StepDone, rest)) == checkpoint.step + 1
    assert only(CheckpointReady, rest)[0].step > checkpoint.step


def test_training_time_goes_on_from_the_checkpoint():
    config = config_of(epochs=2)
    checkpoint = next(c for c in only(CheckpointReady, train(config, TEXT)) if c.epoch == 1)
    checkpoint.progress["seconds"] = 60.0
    assert all(60 < step.seconds < 120 for step in only(StepDone, resume(config, checkpoint)))


def test_a_checkpoint_is_a_copy_that_training_on_leaves_alone():
    events = make_trainer(config_of(epochs=2), TEXT).run(RunControl())
    first = next(event for event in events if isinstance(event, CheckpointReady))
    before = {name: value.clone() for name, value in first.weights.items()}
    last = [event for event in events if isinstance(event, CheckpointReady)][-1]
    assert same_bits(first.weights, before)
    assert not same_bits(last.weights, before)


def test_a_checkpoint_from_before_exploded_epochs_were_counted_can_be_taken_up():
    whole = train(config_of(epochs=2), TEXT)
    checkpoint = only(CheckpointReady, whole)[0]
    progress = {name: value for name, value in checkpoint.progress.items() if name != "exploded_epochs"}
    assert_goes_on_as_if_nothing_happened(
        config_of(epochs=2), whole, dataclasses.replace(checkpoint, progress=progress)
    )
