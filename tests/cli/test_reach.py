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
