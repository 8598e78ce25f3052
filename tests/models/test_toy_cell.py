"""A cell that one file adds is held to the laws of every cell, and the engine has no other place for it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch

from playground.cells import CELLS
from playground.config import FIELDS, ModelConfig, WriteConfig, check, flatten, from_flat, parse_json
from playground.errors import ConfigError
from playground.figures.equations import step_numbers
from playground.figures.gates import heatmap_figure, multiples_figure, overview_figure
from playground.figures.units import memory_figure, saturation_figure, unit_figure
from playground.inference.cloze import fill
from playground.inference.generate import Stepper, write
from playground.inference.reach import connectivity, reach, recurrent_matrices
from playground.inference.surprise import accuracy
from playground.models import gate_statistics as statistics
from playground.models.gates import trace_gates
from playground.models.initial import initial_weights
from playground.models.language_model import LanguageModel
from playground.settings import choices_of
from playground.training.events import EpochDone
from tests import toy_cell
from tests.helpers import ROOT, only, some_text, tiny_config, train
from tests.models import (
    test_backward,
    test_gates,
    test_initial,
    test_language_model,
    test_reader,
    test_shapes,
)

V = 9


@pytest.fixture(autouse=True)
def toy(monkeypatch):
    """In the table while a test runs."""
    monkeypatch.setitem(CELLS, toy_cell.CELL.name, toy_cell.CELL)


def test_the_settings_know_it():
    config = from_flat({"cell": "toy"})
    assert choices_of(FIELDS["cell"][1])[-1] == check("cell", "toy") == "toy"
    assert parse_json(config.model_dump_json()) == from_flat(flatten(config)) == config
    with pytest.raises(ConfigError, match="choose one of rnn, gru, lstm, toy"):
        from_flat({"cell": "tyo"})
    with pytest.raises(ConfigError, match=r"goes with cell=rnn only; toy has its own gates\. Choose tanh"):
        from_flat({"cell": "toy", "nonlinearity": "relu"})


def test_the_settings_forget_it_again(monkeypatch):
    monkeypatch.delitem(CELLS, "toy")
    with pytest.raises(ConfigError, match="choose one of rnn, gru, lstm"):
        from_flat({"cell": "toy"})


@pytest.mark.parametrize("dtype", test_gates.TOLERANCE, ids=str)
@pytest.mark.parametrize("carried", [False, True])
@pytest.mark.parametrize("both", [False, True])
def test_its_replay_is_its_torch_module(both, carried, dtype):
    settings = {"cell": "toy", "num_layers": 2, "bidirectional": both}
    test_gates.test_hidden_and_last_states_equal_stock_pytorch(settings, dtype, carried)


@pytest.mark.parametrize("input", ["one-hot", "embedding"])
def test_it_is_read_token_by_token(input):
    settings = {"cell": "toy", "num_layers": 2, "input": input}
    test_reader.test_the_scores_after_each_token_are_the_whole_forward_passs(settings, torch.float64)
    test_reader.test_the_stacks_of_a_masked_network_joined_are_its_own_scores(settings, torch.float64)
    test_reader.test_two_parts_are_one_pass_and_a_reset_forgets_both(settings)
    test_reader.test_reading_changes_no_weight_and_no_state_that_was_handed_out(settings)


@pytest.mark.parametrize("both", [False, True])
def test_its_way_back_is_autograds(both):
    kind = {"cell": "toy", "nonlinearity": "tanh"}
    test_backward.test_gradients_by_the_input_equal_autograd(kind, both, 2)
    if not both:
        test_backward.test_gradients_by_the_states_equal_finite_differences(kind)


@pytest.mark.parametrize("settings", test_initial.KINDS, ids=str)
def test_its_weights_have_the_names_shapes_and_spread_of_pytorchs(settings):
    test_initial.test_they_load_into_the_network_and_are_spread_as_its_own("toy", settings)
    test_initial.test_with_a_gain_every_block_is_a_rotation_times_it("toy")
    for way in test_shapes.WAYS:
        test_shapes.test_shapes_are_the_real_networks("toy", 2, way, "embedding")


def test_its_forget_gate_takes_the_forget_bias():
    weights = initial_weights(ModelConfig(cell="toy", hidden_size=8), V, seed=0, forget_bias=2.0)
    together = weights["rnn.bias_ih_l0"] + weights["rnn.bias_hh_l0"]
    assert (together[:8] == 2).all()
    assert not (together[8:] == 2).any()


def test_it_carries_its_state():
    test_language_model.test_two_parts_with_carried_state_equal_one_pass("toy", 2)
    test_language_model.test_detach_keeps_the_values_and_drops_the_graph("toy")
    test_language_model.test_only_a_two_direction_model_sees_the_future("toy", both=True)


@pytest.mark.parametrize("settings", [{}, {"bidirectional": True, "objective": "masked"}], ids=str)
def test_it_learns(settings):
    events = train(
        tiny_config(cell="toy", num_layers=2, dropout=0.1, epochs=12, optimizer="adamw", lr=0.02, **settings)
    )
    losses = [event.train_loss for event in only(EpochDone, events)]
    assert losses[-1] < 0.9 * losses[0]


def network(**settings):
    torch.manual_seed(0)
    config = ModelConfig(cell="toy", hidden_size=8, **settings)
    weights = {name: value.numpy() for name, value in LanguageModel(config, V).state_dict().items()}
    return weights, config


def test_every_figure_draws_it():
    weights, config = network()
    trace = trace_gates(weights, config, [3, 1, 4, 1, 5], tokens=list("tidal"))
    layer = trace.layers[0][0]
    assert list(layer.shown) == ["k", "w", "h"]
    (saturation,) = statistics.saturation(layer).items()
    figures = [
        overview_figure(trace, {name: statistics.strip(np.abs(v)) for name, v in layer.shown.items()}, 1),
        multiples_figure(trace, layer.shown, np.arange(8), step=1, unit=2),
        unit_figure(trace, layer, 2, 1),
        *(heatmap_figure(trace, name, values, np.arange(8)) for name, values in layer.shown.items()),
        saturation_figure(layer.spec.quantities[saturation[0]], saturation[1]),
        memory_figure(statistics.memory_lengths(layer)),
    ]
    assert all(figure.layout.meta for figure in figures)
    assert [trace.name for trace in figures[2].data] == ["k keep gate", "w new value", "h hidden state"]
    assert [trace.yaxis for trace in figures[2].data] == ["y2", "y", "y"]


@pytest.mark.parametrize("backward", [False, True])
def test_its_formulas_end_in_the_traced_state(backward):
    weights, config = network()
    layer = trace_gates(weights, config, [3, 1, 4, 1, 5]).layers[0][0]
    numbers = step_numbers(layer, 2, 3, backward=backward)
    assert numbers.came_in + numbers.kept == pytest.approx(float(layer.hidden[2, 3]), abs=1e-6)
    assert ("h_{t+1}" if backward else "h_{t-1}") in numbers.lines[-1]


def test_it_writes_fills_blanks_and_has_a_reach():
    names = [chr(ord("a") + i) for i in range(V)]
    weights, config = network(num_layers=2)
    told = list(write(Stepper(weights, config), names, [0, 1], WriteConfig(length=5)))
    assert len(told) == 5
    ids = [3, 1, 4, 1, 5, 0, 2, 6, 5, 3, 5]
    result = reach(weights, config, ids, furthest=4)
    assert [sorted(layer.paths) for layer in result.layers] == [["h", "x"], ["h", "x"]]
    assert (np.triu(connectivity(weights, config, ids), 1) == 0).all()
    assert [matrix.block for matrix in recurrent_matrices(weights, config)] == ["k", "w", "k", "w"]
    masked, both = network(bidirectional=True, objective="masked")
    assert accuracy(masked, both, ids, unknown=0).of > 0
    assert len(fill(masked, both, [3, None, 4], hole=0, names=names)) == 1


TRAIN = (
    "train --cell toy --corpus text.txt --hidden-size 8 --batch-size 2 --num-steps 5 --epochs 2 "
    "--device cpu --threads 1 --json"
)
COMMANDS = [
    "train --help",
    TRAIN,
    "gates latest --text tide --json",
    "generate latest --prefix tide --length 5 --json",
    "reach latest --furthest 5 --json",
    "reach fresh --cell toy --furthest 5 --json",
]
SCRIPT = """
import json, sys
from typer.testing import CliRunner
from playground.cli import app
results = [CliRunner().invoke(app, command.split()) for command in json.loads(sys.argv[1])]
print(json.dumps([(result.exit_code, result.output) for result in results]))
"""


def test_a_file_put_into_the_folder_of_cells_is_all_that_the_command_line_needs(tmp_path):
    shutil.copytree(ROOT / "playground", tmp_path / "playground", ignore=shutil.ignore_patterns("*.pyc"))
    (tmp_path / "assets").symlink_to(ROOT / "assets")
    shutil.copy(toy_cell.__file__, tmp_path / "playground" / "cells" / "toy.py")
    (tmp_path / "text.txt").write_text(some_text(), "utf-8")
    told = subprocess.check_output(
        [sys.executable, "-c", SCRIPT, json.dumps(COMMANDS)], cwd=tmp_path, timeout=120
    )
    results = json.loads(told.splitlines()[-1])
    assert [code for code, _ in results] == [0] * len(COMMANDS), results
    help, trained, gates, *_ = (output for _, output in results)
    assert "toy" in help
    assert json.loads(trained.splitlines()[-1])["status"] == "finished"
    assert set(json.loads(gates.splitlines()[-1])["layers"][0]["quantities"]) == {"k", "w", "h"}
