"""`runs …`: look at, resume, export and delete."""

import json
from pathlib import Path

import pytest

from playground.config import parse_json
from playground.records import RunStatus, TrainingFacts
from playground.store.run_store import RunStore
from playground.training.events import EpochDone, Finished, Started, StepDone, ThresholdMoved
from tests.cli.helpers import last_line
from tests.helpers import tiny_config


@pytest.mark.parametrize("words", [["show"], ["delete", "--yes"], ["resume"], ["export", "--out", "here"]])
def test_a_run_that_does_not_exist_is_exit_code_2(cli, words):
    result = cli("runs", words[0], "nonsense", *words[1:])
    assert result.exit_code == 2
    assert "Error: No run has an id" in result.stderr


def test_runs_are_listed_shown_and_deleted(cli, train, data):
    assert "No run yet" in cli("runs", "list").stdout
    first, second = (last_line(train(cell=cell)) for cell in ("rnn", "gru"))
    assert json.loads(cli("runs", "list", "--json").stdout) == [second, first]
    assert first["run_id"] in cli("runs", "list").stdout
    shown = json.loads(cli("runs", "show", first["run_id"][:8], "--json").stdout)
    assert shown.items() >= first.items()
    assert shown["config"]["model"]["cell"] == "rnn"
    assert second["run_id"] in cli("runs", "show", "latest").stdout
    assert cli("runs", "delete", second["run_id"], input="n\n").exit_code == 1
    assert len(json.loads(cli("runs", "list", "--json").stdout)) == 2
    assert cli("runs", "delete", second["run_id"], "--yes").exit_code == 0
    assert json.loads(cli("runs", "list", "--json").stdout) == [first]
    assert [place.name for place in (data / "runs").iterdir()] == [first["run_id"]]


def test_export_writes_five_files(cli, train, tmp_path):
    told = last_line(train(cell="gru"))
    result = cli("runs", "export", "latest", "--out", tmp_path / "out")
    assert result.exit_code == 0
    names = {"weights.safetensors", "config.json", "vocab.json", "metrics.csv", "metrics.txt", "clipping.csv"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == names
    assert {Path(line).name for line in result.stdout.split("\n") if line} == names
    assert parse_json((tmp_path / "out" / "config.json").read_text()).model.cell == "gru"
    assert len((tmp_path / "out" / "metrics.csv").read_text().splitlines()) == told["steps"] + 1


def test_a_finished_run_cannot_be_resumed(cli, train):
    told = last_line(train())
    result = cli("runs", "resume", told["run_id"], "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "is finished and cannot be resumed" in result.stderr


@pytest.mark.parametrize(
    ("loss", "told"), [(24.0, "exploded in epoch 1"), (2.0, "finished, exploded in epoch 1")]
)
def test_the_list_has_the_threshold_of_now_and_says_what_exploded(cli, data, monkeypatch, loss, told):
    monkeypatch.setenv("COLUMNS", "200")
    store = RunStore(data)
    id = store.create(tiny_config(max_grad_norm=1.0), "Mine").id
    steps = [StepDone(n, n / 2, 24.0, 77.0, 1.0, 900.0, n / 10) for n in (1, 2)]
    facts = TrainingFacts("cpu", "a cpu", 1, "2.13.0", 321, 28, 2, 300, 0)
    store.append(
        id, [Started(facts), *steps, EpochDone(1, 2, 24.0, None, 0.1), EpochDone(2, 2, loss, None, 0.2)]
    )
    store.append(id, [ThresholdMoved(1.0, 2, 0.5), Finished(RunStatus.FINISHED, 2, 2.0, 0.2)])
    store.close()
    for words in (["runs", "list"], ["runs", "show", id]):
        output = cli(*words).stdout
        assert f" {told} " in output
        assert " 1 → 0.5 " in output
    (listed,) = json.loads(cli("runs", "list", "--json").stdout)
    assert (listed["status"], listed["exploded_epoch"], listed["max_grad_norm"]) == ("finished", 1, 0.5)


def test_bits_and_the_share_of_unknown_tokens_stand_beside_the_perplexity(cli, train, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    result = train(token_level="word", max_vocab=3, num_steps=2)
    record = last_line(cli("runs", "show", "latest", "--json"))
    assert record["heldout_unknown"] > 0.02
    share = f"{100 * record['heldout_unknown']:.1f}%"
    bits = f"{record['heldout_bits_per_character']:.2f}"
    told = " ".join(result.stderr.split())
    assert f"({bits} bits a character)" in told
    assert f"{share} of the held-out ones" in told
    assert "Keep more different tokens (--max-vocab, now 3)" in told
    listed = cli("runs", "list").stdout
    assert share in listed
    assert bits in listed


def test_on_a_narrow_terminal_columns_are_left_out_and_the_status_is_whole(cli, train, monkeypatch):
    id = last_line(train(name="A name"))["run_id"]
    monkeypatch.setenv("COLUMNS", "80")
    listed = cli("runs", "list")
    (row,) = [line for line in listed.stdout.splitlines() if id in line]
    assert "A name" in row
    assert "finished" in row
    assert all(len(line) <= 80 for line in listed.stdout.splitlines())
    assert "Left out on a terminal of 80 columns: <unk>, bits/character" in listed.stderr
    monkeypatch.setenv("COLUMNS", "200")
    wide = cli("runs", "list")
    assert "<unk>" in wide.stdout
    assert wide.stderr == ""
