"""`reach`: how far back losses reach."""

import pytest

from tests.cli.helpers import last_line


def test_a_run_tells_its_reach_and_its_matrices(cli, train):
    id = last_line(train(cell="lstm", num_layers=2))["run_id"]
    told = last_line(cli("reach", id, "--furthest", 5, "--json"))
    assert list(told) == ["run_id", "epoch", "step", "positions", "layers", "matrices"]
    assert [list(layer["norms"]) for layer in told["layers"]] == [["x", "h", "c"]] * 2
    assert all(len(values) == 6 for layer in told["layers"] for values in layer["norms"].values())
    assert [(m["layer"], m["block"]) for m in told["matrices"]] == [(n, g) for n in (0, 1) for g in "ifgo"]
    first = last_line(cli("reach", id, "--checkpoint", 0, "--furthest", 5, "--json"))
    assert first["epoch"] == 0
    assert first["layers"] != told["layers"]


def test_a_table_fits_a_terminal(cli, train):
    id = last_line(train(cell="gru"))["run_id"]
    plain = cli("reach", id)
    assert plain.exit_code == 0
    assert "half after" in plain.stdout
    assert max(map(len, plain.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--text", ""], "The text is empty"),
        (["--text", "a"], "at least 3 tokens; the text has 1."),
        (["--checkpoint", "9"], "has no checkpoint of epoch 9"),
        (["--checkpoint", "x"], "checkpoint is 'x'"),
    ],
)
def test_what_cannot_be_measured_is_one_sentence(cli, train, words, sentence):
    id = last_line(train())["run_id"]
    answer = cli("reach", id, *words)
    assert answer.exit_code == 2
    assert answer.stdout == ""
    assert sentence in " ".join(answer.stderr.split())


def test_a_fresh_cell_needs_no_run(cli):
    told = last_line(
        cli("reach", "fresh", "--cell", "rnn", "--gain", 1.2, "--hidden-size", 16, "--furthest", 5, "--json")
    )
    assert (told["cell"], told["gain"], told["hidden_size"], told["seed"]) == ("rnn", 1.2, 16, 0)
    assert [list(layer["norms"]) for layer in told["layers"]] == [["x", "h"]]
    (matrix,) = told["matrices"]
    assert matrix["eigenvalue"] == pytest.approx(1.2, rel=1e-5)
    assert "fresh LSTM 64" in cli("reach", "fresh").stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["fresh", "--gain", "abc"], "gain is 'abc'; give a number above 0, up to 10, or off."),
        (["fresh", "--gain", "0"], "give a number above 0"),
        (["fresh", "--gain", "nan"], "give a number above 0"),
        (["fresh", "--forget-bias", "1e308"], "forget_bias is '1e308'; give a number from -10 to 10"),
        (["fresh", "--hidden-size", "7"], "give a whole number from 8 to 512"),
        (["fresh", "--cell", "tnn"], "cell is 'tnn'; choose one of rnn, gru, lstm."),
        (["fresh", "--checkpoint", "0"], "A fresh cell has no checkpoints."),
        (["fresh", "--text", "a"], "at least 3 tokens; the text has 1."),
        (["latest", "--forget-bias", "1"], "--forget-bias is for a fresh cell"),
        (["latest", "--cell", "rnn"], "--cell is for a fresh cell"),
        (["latest"], "There is no run here yet."),
    ],
)
def test_what_cannot_be_measured_of_a_fresh_cell_is_one_sentence(cli, words, sentence):
    answer = cli("reach", *words)
    assert answer.exit_code == 2
    assert answer.stdout == ""
    assert sentence.lower() in " ".join(answer.stderr.split()).lower()


def test_a_run_that_reads_from_both_ends_is_one_sentence(cli, train):
    id = last_line(train("--bidirectional"))["run_id"]
    answer = cli("reach", id)
    assert answer.exit_code == 2
    assert "reads from both ends" in " ".join(answer.stderr.split())
