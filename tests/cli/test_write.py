"""`generate` and `cloze`: a run at work on text."""

import json
import os
import subprocess
import sys

import pytest

from playground.config import WriteConfig
from playground.services.checkpoints import CheckpointCache
from playground.services.text import TextService
from playground.store.run_store import RunStore
from playground.text.vocab import split
from tests.cli.helpers import last_line
from tests.helpers import DIVERGES, ROOT, tiny_config

MASKED = ("--bidirectional", "--objective", "masked")


@pytest.fixture
def engine(data):
    """A service for a run's text, its record and one of its checkpoints, through the engine's own door."""
    opened = []

    def call(id: str, epoch: float = 2.0):
        opened.append(RunStore(data))
        run = opened[-1].get(id)
        (checkpoint,) = (c for c in opened[-1].checkpoints(id) if c.epoch == epoch)
        return TextService(CheckpointCache(opened[-1])), run, checkpoint

    yield call
    for store in opened:
        store.close()


# generate --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("level", "between"), [("char", ""), ("word", " "), ("segmented", "")])
def test_a_text_goes_on_from_its_prefix(cli, train, engine, level, between):
    id = last_line(train(token_level=level))["run_id"]
    words = ["generate", id, "--prefix", "tide clock", "--length", 40, "--temperature", 0.8, "--seed", 3]
    service, run, last = engine(id)
    settings = WriteConfig(length=40, temperature=0.8, seed=3)
    expected = list(service.write(run, last, "tide clock", settings))
    plain = cli(*words)
    assert (plain.exit_code, plain.stderr) == (0, "")
    assert plain.stdout == "tide clock" + between + between.join(token.token for token in expected) + "\n"
    told = last_line(cli(*words, "--json"))
    assert list(told) == ["run_id", "epoch", "step", "prefix", "unknown", "settings", "text", "tokens"]
    assert (told["run_id"], told["epoch"], told["step"]) == (id, 2.0, last.step)
    assert told["prefix"] == split("tide clock", level)
    assert told["settings"] == settings.model_dump()
    assert told["text"] == between.join(token.token for token in expected)
    for written, token in zip(told["tokens"], expected, strict=True):
        assert (written["id"], written["token"], written["bits"]) == (token.id, token.token, token.bits)
        assert [(c["token"], c["own"], c["probability"]) for c in written["likeliest"]] == [
            (c.token, c.own, c.probability) for c in token.likeliest
        ]


def test_without_settings_it_writes_as_usual_and_the_same_again(cli, train):
    train()
    first, again = (last_line(cli("generate", "latest", "--prefix", "tide", "--json")) for _ in range(2))
    assert first == again
    assert first["settings"] == WriteConfig().model_dump()
    assert len(first["tokens"]) == WriteConfig().length
    other = last_line(cli("generate", "latest", "--prefix", "tide", "--seed", 1, "--json"))
    assert other["text"] != first["text"]


def test_settings_can_be_switched_off_by_a_word(cli, train):
    train()
    told = last_line(
        cli("generate", "latest", "--prefix", "t", "--top-k", 1, "--top-p", "off", "--length", 9, "--json")
    )
    assert (told["settings"]["top_k"], told["settings"]["top_p"]) == (1, None)
    greedily = last_line(
        cli("generate", "latest", "--prefix", "t", "--temperature", 0, "--length", 9, "--json")
    )
    assert told["text"] == greedily["text"]


@pytest.mark.parametrize("epoch", [0.0, 1.0, 2.0])
def test_any_checkpoint_can_be_chosen_by_its_epoch(cli, train, engine, epoch):
    id = last_line(train())["run_id"]
    given = ("--checkpoint", f"{epoch:g}", "--json")
    service, run, checkpoint = engine(id, epoch)
    told = last_line(cli("generate", id, "--prefix", "tide", "--length", 5, *given))
    assert (told["epoch"], told["step"]) == (epoch, checkpoint.step)
    first = next(service.write(run, checkpoint, "tide", WriteConfig()))
    assert told["tokens"][0]["bits"] == first.bits
    told = last_line(cli("cloze", id, "--text", "t_de", *given))
    assert (told["epoch"], told["step"]) == (epoch, checkpoint.step)
    assert told["blanks"][0]["fills"][0]["token"] == service.fill(run, checkpoint, "t_de").fills[0][0].token


def test_unknown_characters_of_a_prefix_are_named(cli, train):
    id = last_line(train())["run_id"]
    words = ["generate", id, "--prefix", "té", "--length", 3]
    plain = cli(*words)
    assert plain.exit_code == 0
    assert "The network does not know 'é'; it reads each as <unk>." in plain.stderr
    assert last_line(cli(*words, "--json"))["unknown"] == [1]


# cloze -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sides", [(), MASKED], ids=["one-way", "masked"])
def test_blanks_are_filled_and_the_share_that_is_right_is_told(cli, train, engine, sides):
    id = last_line(train(*sides))["run_id"]
    service, run, last = engine(id)
    expected, score = service.fill(run, last, "_i雨e cl_", most=3), service.score(run, last)
    told = last_line(cli("cloze", id, "--text", "_i雨e cl_", "--top", 3, "--json"))
    keys = ["run_id", "epoch", "step", "tokens", "unknown", "blanks", "heldout_accuracy", "heldout_tokens"]
    assert list(told) == keys
    assert told["tokens"] == [None, *"i雨e cl", None]
    assert told["unknown"] == [2]
    assert [blank["position"] for blank in told["blanks"]] == [0, 7]
    for blank, fills in zip(told["blanks"], expected.fills, strict=True):
        assert blank["fills"] == [{"token": c.token, "probability": c.own} for c in fills]
    assert (told["heldout_accuracy"], told["heldout_tokens"]) == (score.share, score.of)


def test_without_json_a_table_shows_them(cli, train, engine, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    id = last_line(train(*MASKED))["run_id"]
    result = cli("cloze", id, "--text", "_ide cl_")
    assert result.exit_code == 0
    service, run, last = engine(id)
    rows = [line for line in result.stdout.splitlines() if "token " in line]
    for row, position, fills in zip(rows, (1, 8), service.fill(run, last, "_ide cl_").fills, strict=True):
        assert f"token {position} " in row
        shown = "  ".join(f"{c.token!r} {c.probability:.1%}" for c in fills)
        assert f" {shown} " in row
    score = service.score(run, last)
    assert (
        result.stdout.splitlines()[-1] == f"Right on held-out text: {score.share:.1%} of {score.of} tokens."
    )


def test_without_held_out_text_no_share_is_told(cli, train):
    train(*MASKED, held_out=0)
    assert last_line(cli("cloze", "latest", "--text", "_", "--json"))["heldout_accuracy"] is None
    assert "held-out" not in cli("cloze", "latest", "--text", "_").stdout


def test_tokens_that_look_like_markup_stay_as_they_are(cli, train, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    text = tmp_path / "markup.txt"
    text.write_text("[/b] [red] [bold] \\[x] " * 30, "utf-8")
    train(*MASKED, corpus=text, token_level="word")
    result = cli("cloze", "latest", "--text", "[red] _ [/b]")
    assert result.exit_code == 0, result.output
    for token in ("[/b]", "[red]", "[bold]"):
        assert repr(token) in result.stdout


# errors -----------------------------------------------------------------------------------------------


def assert_refused(result, said: str) -> None:
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: ")
    assert said in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("as_json", [(), ("--json",)], ids=["plain", "json"])
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"temperature": "nan"}, "temperature is 'nan'; give a number from 0 to 10."),
        ({"temperature": "-1"}, "temperature is '-1'; give a number from 0 to 10."),
        ({"temperature": "99"}, "temperature is '99'; give a number from 0 to 10."),
        ({"temperature": "hot"}, "temperature is 'hot'; give a number from 0 to 10."),
        ({"length": "0"}, "length is '0'; give a whole number from 1 to 10,000."),
        ({"length": "1000000"}, "length is '1000000'; give a whole number from 1 to 10,000."),
        ({"length": "2.5"}, "length is '2.5'; give a whole number"),
        ({"top-k": "0"}, "top_k is '0'; give a whole number from 1 to 50,000, or off."),
        ({"top-p": "0"}, "top_p is '0'; give a number above 0, up to 1, or off."),
        ({"top-p": "1.5"}, "top_p is '1.5'; give a number above 0"),
        ({"seed": "-1"}, "seed is '-1'; give a whole number from 0"),
        ({"prefix": ""}, "The text is empty. Type at least one character."),
        ({"prefix": "x" * 1_001}, "1,001 tokens; at most 1,000"),
        ({"checkpoint": "7"}, "no checkpoint of epoch 7. It has those of 0, 1, 2."),
        ({"checkpoint": "first"}, "checkpoint is 'first'; give an epoch"),
        ({"run": "nonsense"}, "No run has an id"),
    ],
    ids=str,
)
def test_a_wrong_wish_for_a_text_is_exit_code_2_and_one_sentence(cli, train, options, said, as_json):
    train()
    given = {"prefix": "tide"} | options
    run = given.pop("run", "latest")
    words = [word for name, value in given.items() for word in (f"--{name}", value)]
    assert_refused(cli("generate", run, *words, *as_json), said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The text is empty."),
        ("tide", "no blank. Type _ where"),
        ("_" * 401, "401 tokens; at most 400"),
    ],
)
def test_a_wrong_text_with_blanks_is_exit_code_2_and_one_sentence(cli, train, text, said):
    train(*MASKED)
    assert_refused(cli("cloze", "latest", "--text", text), said)


@pytest.mark.parametrize("top", ["0", "51", "many"])
def test_so_many_candidates_cannot_be_asked_for(cli, train, top):
    train(*MASKED)
    assert cli("cloze", "latest", "--text", "_", "--top", top).exit_code == 2


@pytest.mark.parametrize("as_json", [(), ("--json",)], ids=["plain", "json"])
def test_a_run_that_cannot_do_it_is_refused_before_a_word_is_told(cli, train, as_json):
    train("--bidirectional")
    assert_refused(
        cli("generate", "latest", "--prefix", "tide", *as_json), "already seen what it is asked for"
    )
    assert_refused(cli("cloze", "latest", "--text", "t_de", *as_json), "already seen what it is asked for")
    train(*MASKED)
    assert_refused(cli("generate", "latest", "--prefix", "tide", *as_json), "cannot continue a text")


def test_masked_needs_both_directions(train):
    result = train("--objective", "masked")
    assert result.exit_code == 2
    assert "Turn bidirectional on, or choose objective=next." in result.stderr


def test_a_run_without_weights_is_told_to_wait(cli, data):
    store = RunStore(data)
    id = store.create(tiny_config(), "Mine").id
    store.close()
    assert_refused(cli("generate", id, "--prefix", "tide"), "'Mine' has no weights yet")
    assert_refused(cli("cloze", id, "--text", "_"), "'Mine' has no weights yet")


@pytest.mark.parametrize("command", [["generate", "--prefix", "tide"], ["cloze", "--text", "t_de"]], ids=str)
def test_writing_needs_no_torch(train, data, command):
    """Its import takes longer than everything else that the command does."""
    id = last_line(train())["run_id"]
    script = (
        "import sys; from playground.cli import app\n"
        "app(sys.argv[1:], standalone_mode=False)\n"
        "print('torch' in sys.modules)"
    )
    words = [sys.executable, "-c", script, command[0], id, *command[1:], "--json", "--data-dir", str(data)]
    *_, told, torch = subprocess.check_output(words, cwd=ROOT, env=os.environ, text=True).splitlines()
    assert json.loads(told)["run_id"] == id
    assert torch == "False"


@pytest.mark.parametrize("command", [["generate", "--prefix"], ["gates", "--text"]])
def test_a_diverged_run_says_that_its_weights_are_from_before_the_first_step(cli, train, command):
    told = json.loads(train(**DIVERGES).stdout.splitlines()[-1])
    assert told["status"] == "diverged"
    name, option = command
    answer = cli(name, told["run_id"], option, "tide", "--json")
    assert last_line(answer)["epoch"] == 0
    assert "The run diverged at epoch 0." in answer.stderr
    assert "those of epoch 0, from before the first step: they know nothing of the text yet." in answer.stderr
    chosen = cli(name, told["run_id"], option, "tide", "--checkpoint", "0", "--json")
    assert (last_line(chosen)["epoch"], chosen.stderr) == (0, "")


def test_a_run_whose_newest_weights_are_of_its_last_step_needs_no_remark(cli, train):
    train()
    assert cli("generate", "latest", "--prefix", "tide").stderr == ""
