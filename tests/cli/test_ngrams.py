"""`ngrams`: what counting alone makes of a text."""

from __future__ import annotations

import pytest

from playground.store.run_store import RunStore
from tests.cli.helpers import last_line
from tests.helpers import some_text


@pytest.fixture
def ngrams(cli, tmp_path):
    file = tmp_path / "counted [b].txt"
    file.write_text(some_text(1_000), "utf-8")
    return lambda *words: cli("ngrams", "--corpus", file, *words)


def test_the_ladder_of_a_file_is_one_object(ngrams, data):
    told = last_line(ngrams("--orders", 3, "--held-out", 0.2, "--normalize", "letters", "--json"))
    assert [rung["n"] for rung in told["orders"]] == [1, 2, 3]
    assert all(
        list(rung) == ["n", "train_perplexity", "heldout_perplexity", "bits_per_character", "distinct"]
        for rung in told["orders"]
    )
    assert (told["train_tokens"], told["heldout_tokens"], told["normalize"]) == (800, 200, "letters")
    held = [rung["heldout_perplexity"] for rung in told["orders"]]
    assert told["best"] == held.index(min(held)) + 1
    assert told["seconds"] >= 0
    store = RunStore(data)
    assert store.all() == []
    assert told["corpus"] in {info.id for info in store.library.all()}
    store.close()


def test_the_usual_text_needs_no_option(cli):
    told = last_line(cli("ngrams", "--json"))
    assert (told["corpus"], len(told["orders"])) == ("the_tide_clock", 7)


def test_without_held_out_text_the_held_out_figures_are_null(ngrams):
    told = last_line(ngrams("--held-out", 0, "--json"))
    assert told["best"] is None
    assert {rung["heldout_perplexity"] for rung in told["orders"]} == {None}


def test_the_known_ladder_of_the_book(cli, time_machine):
    told = last_line(cli("ngrams", "--corpus", "time_machine", "--normalize", "spaced", "--json"))
    held = [rung["heldout_perplexity"] for rung in told["orders"]]
    assert held == pytest.approx([16.73, 9.60, 6.38, 4.63, 4.09, 4.16, 4.46], abs=0.02)


@pytest.mark.parametrize("held_out", ["0", "0.1"])
def test_a_table_fits_a_terminal_and_markup_in_a_title_stays_text(ngrams, held_out):
    plain = ngrams("--held-out", held_out)
    assert plain.exit_code == 0
    assert "counted [b]" in " ".join(plain.stdout.split())
    assert ("← best" in plain.stdout) is (held_out != "0")
    assert max(map(len, plain.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--orders", "8"], "n is 8; give a whole number from 1 to 7."),
        (["--orders", "0"], "n is 0; give a whole number from 1 to 7."),
        (["--orders", "x"], "n is x; give a whole number from 1 to 7."),
        (["--normalize", "big"], "normalize is 'big'; choose one of none, letters, spaced."),
        (["--held-out", "0.9"], "held_out is '0.9'; give a number from 0 to 0.5."),
        (["--max-tokens", "7"], "max_tokens is '7'; give a whole number from 100 to 20,000,000, or off."),
        (["--corpus", "nope"], "There is no file 'nope', and no text of this id."),
    ],
)
def test_what_cannot_be_counted_is_one_sentence(cli, words, sentence):
    answer = cli("ngrams", *words)
    assert answer.exit_code == 2
    assert answer.stdout == ""
    assert sentence in " ".join(answer.stderr.split())
    assert len(answer.stderr.strip().splitlines()) == 1


CHINESE = "雨下了一整夜，河水涨到了街上。钟表铺的灯还亮着。\n" * 40


@pytest.mark.parametrize("command", ["ngrams", "train"])
@pytest.mark.parametrize(("level", "warned"), [("word", True), ("char", False), ("segmented", False)])
def test_a_text_without_white_space_is_no_words_and_the_way_out_is_told(
    cli, tmp_path, command, level, warned
):
    file = tmp_path / "rain.txt"
    file.write_text(CHINESE, "utf-8")
    small = (
        ()
        if command == "ngrams"
        else ("--batch-size", 2, "--num-steps", 2, "--hidden-size", 8, "--epochs", 1)
    )
    result = cli(command, "--corpus", file, "--token-level", level, *small)
    assert result.exit_code == 0, result.output
    told = " ".join(result.stderr.split())
    assert ("--token-level char or --token-level segmented" in told) is warned
    assert ("white space about every 24.0 characters" in told) is warned


def test_many_unknown_tokens_are_told_beside_the_perplexity(cli, tmp_path):
    file = tmp_path / "words.txt"
    file.write_text(" ".join(["the"] * 900 + [f"word{i}" for i in range(100)]), "utf-8")
    result = cli("ngrams", "--corpus", file, "--token-level", "word", "--max-vocab", 2, "--json")
    told = last_line(result)
    assert (told["train_unknown"], told["heldout_unknown"]) == (0, 1)
    assert told["orders"][0]["heldout_perplexity"] > 1
    assert "More than 2% of the tokens are <unk>" in " ".join(result.stderr.split())
    enough = cli("ngrams", "--corpus", file, "--token-level", "word")
    assert "More than 2%" not in " ".join(enough.stderr.split())
    assert "<unk>: 0.0% of the training tokens, 0.0% of the held-out ones." in " ".join(enough.stdout.split())
