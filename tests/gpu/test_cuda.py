"""On a CUDA device; run by name: `pytest -m gpu tests/gpu`."""

import pytest
import torch

from playground.cells import CELLS
from playground.records import RunStatus, perplexity
from playground.training.control import Command, RunControl
from playground.training.devices import available_devices, pick_device
from playground.training.events import CheckpointReady, EpochDone, SampleMade, Started, StepDone
from tests.helpers import DIVERGES, make_trainer, only, some_text, tiny_config, train

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device"),
]
LEARNS = {"optimizer": "adamw", "lr": 0.01, "hidden_size": 32, "epochs": 40}


def test_auto_takes_the_gpu():
    assert available_devices()[0] == "cuda"
    assert pick_device("auto").type == "cuda"


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("decay", [None, 0.9])
def test_a_run_trains_on_the_gpu_and_tells_every_step_once(cell, decay):
    events = train(tiny_config(cell=cell, device="cuda", weight_averaging=decay, **LEARNS))
    assert only(Started, events)[0].facts.device == "cuda"
    steps = only(StepDone, events)
    assert [step.step for step in steps] == list(range(1, len(steps) + 1))
    epochs = only(EpochDone, events)
    assert perplexity(epochs[-1].train_loss) < perplexity(epochs[0].train_loss) / 2
    assert epochs[-1].heldout_loss is not None
    assert only(SampleMade, events)
    assert events[-1].status is RunStatus.FINISHED


@pytest.mark.parametrize("cell", CELLS)
def test_the_gpu_agrees_with_the_cpu_on_the_first_steps(cell):
    settings = {"cell": cell, "epochs": 1, "held_out": 0, "lr": 0.1}
    cpu, gpu = (
        [step.loss for step in only(StepDone, train(tiny_config(device=d, **settings), some_text(41)))]
        for d in ("cpu", "cuda")
    )
    assert gpu == pytest.approx(cpu, rel=1e-3)  # cuDNN adds up in another order


@pytest.mark.parametrize("seed", [0, 1])
def test_divergence_is_noticed_though_losses_are_fetched_late(seed):
    events = train(tiny_config(**DIVERGES, device="cuda", seed=seed))
    assert events[-1].status is RunStatus.DIVERGED
    steps = only(StepDone, events)
    assert [step.step for step in steps] == list(range(1, len(steps) + 1))
    assert events[-1].step == len(steps) + 1


def test_stop_keeps_every_step_and_its_weights():
    control, events = RunControl(), []
    for event in make_trainer(tiny_config(device="cuda", epochs="off")).run(control):
        events.append(event)
        if isinstance(event, StepDone) and event.step >= 9:
            control.send(Command.STOP)
    last = only(StepDone, events)[-1].step
    assert events[-1].status is RunStatus.STOPPED
    assert only(CheckpointReady, events)[-1].step == events[-1].step == last


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_a_resumed_run_goes_on_as_the_undisturbed_one(cell, optimizer):
    settings = {
        "cell": cell,
        "optimizer": optimizer,
        "lr": 0.01,
        "epochs": 4,
        "dropout": 0.3,
        "num_layers": 2,
    }
    config = tiny_config(device="cuda", **settings)
    whole = train(config)
    checkpoint = next(c for c in only(CheckpointReady, whole) if c.epoch == 2)
    assert {value.device.type for value in (*checkpoint.weights.values(), *checkpoint.training.values())} == {
        "cpu"
    }
    trainer = make_trainer(config)
    torch.cuda.manual_seed(99)
    trainer.load(checkpoint.weights, checkpoint.training, checkpoint.progress)
    rest = {step.step: step.loss for step in only(StepDone, list(trainer.run(RunControl())))}
    expected = {s.step: s.loss for s in only(StepDone, whole) if s.step > checkpoint.step}
    assert rest == pytest.approx(expected, rel=1e-3)  # cuDNN promises no equal bits


def test_a_gpu_checkpoint_resumes_on_the_cpu():
    gpu = train(tiny_config(device="cuda", epochs=2))
    checkpoint = next(c for c in only(CheckpointReady, gpu) if c.epoch == 1)
    trainer = make_trainer(tiny_config(device="cpu", epochs=2))
    trainer.load(checkpoint.weights, checkpoint.training, checkpoint.progress)
    rest = only(StepDone, list(trainer.run(RunControl())))
    expected = [s.loss for s in only(StepDone, gpu) if s.step > checkpoint.step]
    assert [step.loss for step in rest] == pytest.approx(expected, rel=1e-3)
