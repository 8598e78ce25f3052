"""The training loop, undisturbed and with commands."""

import math
from dataclasses import replace

import pytest
import torch

from playground.cells import CELLS
from playground.errors import CorpusError, DeviceError
from playground.records import RunStatus, is_exploded, perplexity
from playground.text.vocab import split
from playground.training.control import Command, RunControl
from playground.training.devices import available_devices, default_threads
from playground.training.events import (
    CheckpointReady,
    EpochDone,
    Finished,
    Paused,
    Resumed,
    SampleMade,
    Started,
    StepDone,
)
from playground.training.schedule import ROLLING_SECONDS
from playground.training.trainer import Trainer
from tests.helpers import (
    DIVERGES,
    Clock,
    make_trainer,
    only,
    prepared,
    same_bits,
    some_text,
    tiny_config,
    train,
)

SAMPLINGS = ["sequential", "random"]


def change(events) -> torch.Tensor:
    """What the first step did to all weights together."""
    first, last = (only(CheckpointReady, events)[i].weights for i in (0, -1))
    return torch.cat([(last[name] - first[name]).flatten() for name in first])


def one_step(**settings: object) -> tuple[torch.Tensor, StepDone]:
    """The weights' change and the event of a single SGD step."""
    config = tiny_config(epochs=1, held_out=0, optimizer="sgd", **settings)
    events = train(config, some_text(11))
    (step,) = only(StepDone, events)
    return change(events), step


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("limit", [0.01, 0.1, 10.0, None])
def test_clipping_leaves_at_most_the_limit_and_never_lengthens(cell, limit):
    moved, step = one_step(cell=cell, lr=2.0, max_grad_norm=limit)
    length = float(moved.norm()) / 2.0  # SGD moves by lr × gradient
    whole, free = one_step(cell=cell, lr=2.0, max_grad_norm=None)
    assert step.grad_norm == free.grad_norm  # the norm before clipping, whatever the limit
    assert step.grad_norm == pytest.approx(float(whole.norm()) / 2.0, rel=1e-4)
    expected = step.grad_norm if limit is None else min(limit, step.grad_norm)
    assert length == pytest.approx(expected, rel=1e-3)
    assert (step.scale < 1) == (limit is not None and step.grad_norm > limit)
    torch.testing.assert_close(moved / moved.norm(), whole / whole.norm(), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_a_tiny_model_overfits_one_batch(cell):
    config = tiny_config(cell=cell, epochs=150, held_out=0, optimizer="adamw", lr=0.02, hidden_size=32)
    epochs = only(EpochDone, train(config, some_text(11)))
    assert perplexity(epochs[0].train_loss) > 4
    assert perplexity(epochs[-1].train_loss) < 1.1


@pytest.mark.parametrize("at", [1, 2, 19, 20, 33])
def test_stop_takes_effect_within_one_step(at):
    control, events = RunControl(), []
    for event in make_trainer(tiny_config(epochs=None)).run(control):
        events.append(event)
        if isinstance(event, StepDone) and event.step == at:
            control.send(Command.STOP)
    assert only(StepDone, events)[-1].step == at
    assert (events[-1].status, events[-1].step) == (RunStatus.STOPPED, at)
    assert (events[-2].step, events[-2].kept) == (at, True)  # the last weights are kept


def test_a_stop_before_the_first_step_trains_nothing():
    control = RunControl()
    control.send(Command.STOP)
    events = list(make_trainer(tiny_config()).run(control))
    assert [type(event) for event in events] == [Started, CheckpointReady, Finished]
    assert events[-1].status is RunStatus.STOPPED


def test_pause_and_resume_take_effect_within_one_step_and_change_nothing():
    config = tiny_config(dropout=0.3, num_layers=2)
    control, events = RunControl(), []
    for event in make_trainer(config).run(control):
        events.append(event)
        if isinstance(event, StepDone) and event.step % 7 == 3:
            control.send(Command.PAUSE)
        elif isinstance(event, Paused):
            assert only(StepDone, events)[-1].step == event.step
            control.send(Command.RESUME)
    pauses = [event.step for event in only(Paused, events)]
    assert pauses == [event.step for event in only(Resumed, events)]
    steps = only(StepDone, events)
    assert pauses == [step.step for step in steps if step.step % 7 == 3 and step is not steps[-1]]
    undisturbed = train(config)
    assert [s.loss for s in steps] == [s.loss for s in only(StepDone, undisturbed)]
    assert same_bits(
        only(CheckpointReady, events)[-1].weights, only(CheckpointReady, undisturbed)[-1].weights
    )


def test_a_pause_leaves_a_checkpoint_so_that_what_happens_meanwhile_costs_nothing():
    control, events = RunControl(), []
    for event in make_trainer(tiny_config()).run(control):
        events.append(event)
        if isinstance(event, StepDone) and event.step == 4:
            control.send(Command.PAUSE)
        elif isinstance(event, Paused):
            assert (events[-2].step, events[-2].kept) == (4, False)
            control.send(Command.STOP)
    assert events[-1].status is RunStatus.STOPPED
    assert not only(Resumed, events)


def test_a_snapshot_is_taken_after_the_step_under_way():
    control, events = RunControl(), []
    for event in make_trainer(tiny_config()).run(control):
        events.append(event)
        if isinstance(event, StepDone) and event.step == 6:
            control.send(Command.SNAPSHOT)
    at = [e.step for e in only(CheckpointReady, events) if not e.kept]
    assert at == [6]


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_held_out_text_never_influences_training(sampling):
    config = tiny_config(sampling=sampling, held_out=0.3, dropout=0.2)
    original = prepared(config)
    other = replace(original, heldout=original.heldout[::-1])
    assert original.heldout.tolist() != other.heldout.tolist()
    runs = [list(Trainer(config, text).run(RunControl())) for text in (original, other)]
    losses = [[step.loss for step in only(StepDone, events)] for events in runs]
    assert losses[0] == losses[1]
    assert same_bits(*(only(CheckpointReady, events)[-1].weights for events in runs))
    judged = [[epoch.heldout_loss for epoch in only(EpochDone, events)] for events in runs]
    assert judged[0] != judged[1]


def test_nothing_held_out_is_nothing_judged():
    assert {e.heldout_loss for e in only(EpochDone, train(tiny_config(held_out=0)))} == {None}


@pytest.mark.parametrize("cell", CELLS)
def test_the_same_config_trains_the_same_to_the_last_bit_and_another_seed_does_not(cell):
    config = tiny_config(cell=cell, dropout=0.3, sampling="random")
    curves = [
        [s.loss for s in only(StepDone, train(c))] for c in (config, config, tiny_config(cell=cell, seed=1))
    ]
    assert curves[0] == curves[1] != curves[2]


@pytest.mark.parametrize("seed", [0, 1])
def test_divergence_ends_the_run_and_keeps_the_curve(seed):
    events = train(tiny_config(**DIVERGES, seed=seed))
    steps = only(StepDone, events)
    assert steps
    assert all(math.isfinite(step.loss) for step in steps)
    assert [step.step for step in steps] == list(range(1, len(steps) + 1))
    assert events[-1].status is RunStatus.DIVERGED
    assert events[-1].step == len(steps) + 1


def test_checkpoints_stand_at_log_spaced_epochs_and_at_the_end():
    events = train(tiny_config(epochs=120, sample_every=0, held_out=0), some_text(25))
    kept = [(c.epoch, c.kept) for c in only(CheckpointReady, events)]
    assert kept == [(epoch, True) for epoch in (0, 1, 2, 5, 10, 20, 50, 100, 120)]


def test_a_log_spaced_last_epoch_gets_one_checkpoint():
    assert [c.epoch for c in only(CheckpointReady, train(tiny_config(epochs=5)))] == [0, 1, 2, 5]


def test_a_crash_costs_at_most_the_rolling_seconds():
    clock = Clock(each_look=0.5)
    events = list(make_trainer(tiny_config(epochs=8, sample_every=0), clock=clock).run(RunControl()))
    last = 0.0
    for event in events:
        if isinstance(event, CheckpointReady):
            last = event.progress["seconds"]
        elif isinstance(event, StepDone):
            assert event.seconds - last < ROLLING_SECONDS + 10  # the looks of one more step
    rolling = [c for c in only(CheckpointReady, events) if not c.kept]
    assert rolling
    assert any(c.progress["batch"] for c in rolling)  # in the middle of an epoch


def test_events_tell_the_epoch_with_its_fraction_and_count_steps_from_one():
    events = train(tiny_config(sampling="random"))
    steps, per_epoch = only(StepDone, events), events[0].facts.steps_per_epoch
    assert [step.step for step in steps] == list(range(1, len(steps) + 1))
    assert [step.epoch for step in steps] == sorted({step.epoch for step in steps})
    assert steps[0].epoch == pytest.approx(1 / per_epoch)
    assert [e.epoch for e in only(EpochDone, events)] == [1, 2, 3]
    assert events[-1] == Finished(RunStatus.FINISHED, len(steps), 3.0, events[-1].seconds)


def test_an_epochs_loss_is_the_mean_of_its_steps():
    steps: list[float] = []
    for event in train(tiny_config()):
        if isinstance(event, StepDone):
            steps.append(event.loss)
        elif isinstance(event, EpochDone):
            assert event.train_loss == pytest.approx(sum(steps) / len(steps))
            steps = []


def test_samples_stand_at_the_first_every_nth_and_the_last_epoch():
    samples = only(SampleMade, train(tiny_config(epochs=7, sample_every=3, sample_prefix="tide")))
    assert [sample.epoch for sample in samples] == [1, 3, 6, 7]
    assert all((s.prefix, len(s.text)) == ("tide", 3) for s in samples)


def test_a_sample_without_a_prefix_continues_the_texts_beginning():
    samples = only(SampleMade, train(tiny_config()))
    assert {sample.prefix for sample in samples} == {"tide clock rain"}


@pytest.mark.parametrize(
    "settings",
    [{"sample_every": 0}, {"bidirectional": True}, {"bidirectional": True, "objective": "masked"}],
    ids=["off", "trap", "masked"],
)
def test_no_sample_when_off_and_none_of_a_model_that_has_seen_the_future(settings):
    events = train(tiny_config(**settings))
    assert not only(SampleMade, events)
    assert events[-1].status is RunStatus.FINISHED


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_network_too_far_gone_to_write_says_no_word_and_the_run_diverges(seed):
    """One step an epoch: the sample comes before the loss that shows what that step has done."""
    far_gone = DIVERGES | {
        "lr": 100,
        "batch_size": 17,
        "num_steps": 9,
        "sample_every": 1,
        "sample_length": 60,
    }
    events = train(tiny_config(**far_gone, seed=seed))
    assert only(EpochDone, events)
    assert len(only(SampleMade, events)) < len(only(EpochDone, events))
    assert events[-1].status is RunStatus.DIVERGED


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_sampling_on_the_way_changes_no_step(sampling):
    often, never = (tiny_config(sample_every=n, sampling=sampling, dropout=0.4) for n in (1, 0))
    assert [s.loss for s in only(StepDone, train(often))] == [s.loss for s in only(StepDone, train(never))]


def test_too_little_text_is_told_before_anything_is_built():
    with pytest.raises(CorpusError, match="need 11"):
        make_trainer(tiny_config(held_out=0), some_text(10))


def test_a_device_that_is_not_here_is_answered_with_those_that_are():
    missing = next(d for d in ("mps", "cuda") if d not in available_devices())
    with pytest.raises(DeviceError, match="Choose auto, cpu"):
        make_trainer(tiny_config(device=missing))


def test_the_facts_are_told_first():
    trainer = make_trainer(tiny_config(threads="off"))
    started = next(trainer.run(RunControl()))
    assert isinstance(started, Started)
    facts = started.facts
    assert (facts.device, facts.threads, facts.torch_version) == (
        "cpu",
        default_threads(),
        torch.__version__,
    )
    assert facts.parameters == sum(p.numel() for p in trainer.learner.model.parameters())
    assert (facts.train_tokens, facts.heldout_tokens) == (180, 20)
    torch.set_num_threads(1)


@pytest.mark.parametrize(("level", "gap"), [("char", ""), ("word", " "), ("segmented", "")])
def test_a_sample_goes_on_from_its_prefix_as_text_of_its_kind(level, gap):
    (sample, *_) = only(SampleMade, train(tiny_config(token_level=level, sample_prefix="tide clock")))
    assert sample.text.startswith(gap)
    assert len(split(sample.text, level)) == 3


EXPLODES = {"cell": "rnn", "lr": 5.0, "max_grad_norm": "off", "epochs": 30, "sample_every": 0}


@pytest.mark.parametrize("seed", [0, 1])
def test_a_run_that_is_to_stop_when_exploded_ends_after_the_second_worse_epoch_in_a_row(seed):
    free = only(EpochDone, train(tiny_config(**EXPLODES, seed=seed)))
    stopped = train(tiny_config(**EXPLODES, seed=seed, stop_exploded=True))
    worse = [is_exploded(epoch.train_loss, stopped[0].facts.vocab_size) for epoch in free]
    ends = next(n for n in range(1, len(worse)) if worse[n - 1] and worse[n]) + 1
    told = only(EpochDone, stopped)
    assert ends < 30
    assert [epoch.train_loss for epoch in told] == [epoch.train_loss for epoch in free[:ends]]
    assert stopped[-1].status is RunStatus.FINISHED


def test_a_run_that_learns_is_not_stopped():
    told = only(EpochDone, train(tiny_config(epochs=4, stop_exploded=True)))
    assert len(told) == 4


def test_a_sample_of_temperature_0_is_the_likeliest_and_others_are_drawn_the_same_again():
    def samples(**settings):
        return [s.text for s in only(SampleMade, train(tiny_config(sample_length=40, **settings)))]

    assert samples(sample_temperature=1.5) == samples(sample_temperature=1.5)
    assert samples(sample_temperature=1.5) != samples(sample_temperature=0)
