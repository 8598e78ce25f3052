"""The running average of the weights: what it is, and that training does not notice it."""

import pytest
import torch

from playground.cells import CELLS
from playground.models.language_model import LanguageModel
from playground.training.averaging import WeightAverage
from playground.training.control import RunControl
from playground.training.events import CheckpointReady, EpochDone, StepDone
from playground.training.metrics import evaluate
from tests.helpers import make_trainer, only, prepared, same_bits, some_text, tiny_config, train


def filled(value: float) -> LanguageModel:
    """A small network whose every weight is one number."""
    model = LanguageModel(tiny_config(hidden_size=9).model, 5)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(value)
    return model


def every_weight(model: LanguageModel) -> float:
    return float(torch.cat([p.detach().flatten() for p in model.parameters()]).unique())


def test_a_step_leaves_the_decays_part_of_the_average():
    average = WeightAverage(filled(8.0), 0.75)
    for step, now, expected in ((1000, 4.0, 7.0), (1001, 3.0, 6.0), (1002, 6.0, 6.0)):
        average.update(filled(now), step)
        assert every_weight(average.model) == expected


def test_untrained_weights_are_soon_forgotten():
    average, trained = WeightAverage(filled(1.0), 0.9999), filled(0.0)
    for step in range(1, 21):
        average.update(trained, step)
    assert every_weight(average.model) < 1e-3  # 0.9999 ** 20 of it would be left: 0.998


def test_the_average_of_what_does_not_move_is_that_itself():
    average = WeightAverage(filled(0.3), 0.9)
    average.update(filled(0.3), 1)
    assert every_weight(average.model) == every_weight(filled(0.3))


@pytest.mark.parametrize("cell", CELLS)
def test_training_takes_the_same_steps_whether_or_not_it_is_averaged(cell):
    settings = {"cell": cell, "dropout": 0.3, "held_out": 0.3, "optimizer": "adamw", "lr": 0.02}
    plain, averaged = (
        train(tiny_config(**settings, weight_averaging=decay), some_text(200)) for decay in (None, 0.9)
    )
    steps = [[(s.loss, s.grad_norm) for s in only(StepDone, events)] for events in (plain, averaged)]
    assert steps[0] == steps[1]
    held_out = [[e.heldout_loss for e in only(EpochDone, events)] for events in (plain, averaged)]
    assert held_out[0] != held_out[1]
    last, plain_last = (only(CheckpointReady, events)[-1] for events in (averaged, plain))
    raw = {
        name.removeprefix("raw."): value for name, value in last.training.items() if name.startswith("raw.")
    }
    assert same_bits(raw, plain_last.weights)
    assert not same_bits(raw, last.weights)


def test_what_is_kept_is_what_was_measured():
    config = tiny_config(held_out=0.3, optimizer="adamw", lr=0.02, weight_averaging=0.9)
    text = prepared(config)
    events = list(make_trainer(config).run(RunControl()))
    model = LanguageModel(config.model, len(text.vocab))
    model.load_state_dict(only(CheckpointReady, events)[-1].weights)
    again = evaluate(
        model,
        torch.tensor(text.heldout.tolist()),
        batch_size=config.train.batch_size,
        num_steps=config.train.num_steps,
    )
    assert again == only(EpochDone, events)[-1].heldout_loss


def test_averaged_weights_start_as_the_networks_own():
    config = tiny_config(weight_averaging=0.9)
    first, plain = (only(CheckpointReady, train(c))[0] for c in (config, tiny_config()))
    assert same_bits(first.weights, plain.weights)
