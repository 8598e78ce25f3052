"""`gates`: what every gate did over a sentence."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from playground.cells import CELLS
from playground.cli import gates
from playground.models.gate_statistics import memory_lengths
from playground.services.checkpoints import CheckpointCache
from playground.services.gate_export import npz_bytes
from playground.services.gates import MAX_TOKENS, GateService
from playground.store.run_store import RunStore
from tests.cli.helpers import last_line
from tests.helpers import ROOT, tiny_config

SENTENCE = "a brass clock"
QUANTITIES = {"rnn": "a h", "gru": "r z n h", "lstm": "i f g o c tanh_c h"}


def expected(data, id: str, text: str = SENTENCE, epoch: float = 2.0):
    """The same look through the engine's own door."""
    store = RunStore(data)
    run = store.get(id)
    (checkpoint,) = (c for c in store.checkpoints(id) if c.epoch == epoch)
    trace = GateService(CheckpointCache(store)).trace(run, checkpoint, text)
    store.close()
    return checkpoint, trace


@pytest.mark.parametrize("cell", CELLS)
def test_the_last_line_sums_up_every_layer_direction_and_quantity(cli, train, data, cell):
    id = last_line(train("--bidirectional", cell=cell, num_layers=2))["run_id"]
    told = last_line(cli("gates", id, "--text", "tide Ätide雨", "--json"))
    checkpoint, trace = expected(data, id, "tide Ätide雨")
    assert list(told) == ["run_id", "epoch", "step", "tokens", "unknown", "layers"]
    assert (told["run_id"], told["epoch"], told["step"]) == (id, 2.0, checkpoint.step)
    assert (told["tokens"], told["unknown"]) == (list("tide Ätide雨"), [5, 10])
    places = [(layer["layer"], layer["direction"]) for layer in told["layers"]]
    assert places == [(0, "forward"), (0, "backward"), (1, "forward"), (1, "backward")]
    for layer, layer_trace in zip(told["layers"], sum(trace.layers, ()), strict=True):
        assert list(layer["quantities"]) == QUANTITIES[cell].split()
        for figures, values in zip(layer["quantities"].values(), layer_trace.shown.values(), strict=True):
            assert figures["mean"] == pytest.approx(values.mean(), abs=1e-6)
            assert figures["std"] == pytest.approx(values.std(), abs=1e-6)
        lengths = memory_lengths(layer_trace)
        assert ("memory_length_median" in layer) == (lengths is not None)
        if lengths is not None:
            assert layer["memory_length_median"] == pytest.approx(np.median(lengths))


def test_an_endless_memory_is_null_because_json_has_no_infinity(cli, train, monkeypatch):
    train()
    monkeypatch.setattr(gates, "memory_lengths", lambda _: np.array([2.0, np.inf, np.inf]))
    assert (
        last_line(cli("gates", "latest", "--text", "a", "--json"))["layers"][0]["memory_length_median"]
        is None
    )


def test_out_writes_the_arrays_of_the_whole_trace(cli, train, data, tmp_path):
    id = last_line(train(cell="gru", num_layers=2))["run_id"]
    file = tmp_path / "gates.npz"
    result = cli("gates", id, "--text", SENTENCE, "--out", file)
    assert (result.exit_code, result.stdout) == (0, f"{file}\n")
    assert file.read_bytes() == npz_bytes(expected(data, id)[1])
    with np.load(file, allow_pickle=False) as arrays:
        assert arrays["layer1.forward.z"].shape == (len(SENTENCE), 8)
        assert "".join(arrays["tokens"]) == SENTENCE
        assert arrays["known"].all()


def test_out_and_json_go_together(cli, train, tmp_path):
    train()
    told = last_line(cli("gates", "latest", "--text", SENTENCE, "--out", tmp_path / "gates.npz", "--json"))
    assert told["tokens"] == list(SENTENCE)
    assert (tmp_path / "gates.npz").exists()


def test_without_either_a_table_shows_the_means(cli, train, data, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    id = last_line(train())["run_id"]
    result = cli("gates", id[:6], "--text", "tide?")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].strip() == "epoch 2, 5 tokens, 1 of them <unk>"
    (forget,) = (line for line in lines if " f " in line)
    (layer,) = expected(data, id, "tide?")[1].layers[0]
    for figure in (f"{layer.gates['f'].mean():.3f}", f"{np.median(memory_lengths(layer)):.3g}"):
        assert f" {figure} " in forget
    assert [line.split("│")[3].strip() for line in lines if "forward" in line] == QUANTITIES["lstm"].split()


@pytest.mark.parametrize("epoch", [0.0, 1.0, 2.0])
def test_any_checkpoint_can_be_chosen_by_its_epoch_and_latest_is_a_run(cli, train, data, epoch):
    id = last_line(train())["run_id"]
    told = last_line(cli("gates", "latest", "--text", SENTENCE, "--checkpoint", f"{epoch:g}", "--json"))
    checkpoint, trace = expected(data, id, epoch=epoch)
    assert (told["epoch"], told["step"]) == (epoch, checkpoint.step)
    mean = told["layers"][0]["quantities"]["h"]["mean"]
    assert mean == pytest.approx(trace.layers[0][0].hidden.mean(), abs=1e-6)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"text": ""}, "The text is empty."),
        ({"text": "x" * (MAX_TOKENS + 1)}, f"{MAX_TOKENS + 1} tokens"),
        ({"checkpoint": "7"}, "no checkpoint of epoch 7. It has those of 0, 1, 2."),
        ({"checkpoint": "nan"}, "no checkpoint of epoch nan. It has those of 0, 1, 2."),
        ({"checkpoint": "first"}, "checkpoint is 'first'; give an epoch"),
        ({"run": "nonsense"}, "No run has an id"),
        ({"out": "."}, "cannot be written"),
        ({"out": "no/such/folder/gates.npz"}, "cannot be written"),
    ],
    ids=str,
)
def test_bad_input_is_exit_code_2_and_one_sentence(cli, train, tmp_path, monkeypatch, options, said):
    monkeypatch.chdir(tmp_path)
    last_line(train())
    given = {"text": SENTENCE} | options
    run = given.pop("run", "latest")
    result = cli("gates", run, *(word for name, value in given.items() for word in (f"--{name}", value)))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: ")
    assert said in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_run_without_weights_is_exit_code_2_and_says_to_wait(cli, data):
    store = RunStore(data)
    id = store.create(tiny_config(), "Mine").id
    store.close()
    result = cli("gates", id, "--text", SENTENCE, "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "'Mine' has no weights yet" in result.stderr


def test_looking_needs_no_torch(train, data):
    """Its import takes longer than everything else that the command does."""
    id = last_line(train())["run_id"]
    script = (
        "import sys; from playground.cli import app\n"
        "app(sys.argv[1:], standalone_mode=False)\n"
        "print('torch' in sys.modules)"
    )
    words = [sys.executable, "-c", script, "gates", id, "--text", SENTENCE, "--json", "--data-dir", str(data)]
    *_, told, torch = subprocess.check_output(words, cwd=ROOT, env=os.environ, text=True).splitlines()
    assert json.loads(told)["run_id"] == id
    assert torch == "False"
