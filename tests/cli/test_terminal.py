"""What a person or a file wrote reaches a terminal as text, and a terminal may be narrow, closed or full."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
import typer
from rich.table import Table
from rich.text import Text
from typer.testing import CliRunner

from playground.cli import app
from playground.config import ChallengeLimits
from playground.records import RunStatus
from playground.store.run_store import RunStore
from playground.terminal import PlainConsole, clean
from tests.cli.helpers import SMALL, last_line
from tests.helpers import ROOT, some_text

NASTY = "take 1 [/draft] [red]:smile:[/red] \x1b[31m\x1b]0;title\x07\x9b2J\x7f \u202eback 雨"
FILE = "book [b] :smile: [red]\x1b[31m\u202e 雨"
SENTENCE = "a brass\x1b[2J [/clock]\r tide"
OBEYED = {"\n", "\t"}


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A folder with a run, its text and every name in it as nasty as a person can make it."""
    home = tmp_path_factory.mktemp("home")
    text = home / f"{FILE}.txt"
    text.write_text(some_text(1_200) + " [/b] [red]\x1b[31m", "utf-8")
    for extra in ({}, {"bidirectional": True, "objective": "masked"}):
        settings = {"corpus": text, "held-out": "0.2"} | SMALL
        options = [str(word) for name, value in settings.items() for word in (f"--{name}", value)]
        options += ["--bidirectional", "--objective", "masked"] if extra else []
        result = CliRunner().invoke(
            app, ["train", *options, "--name", NASTY, "--data-dir", str(home / "data"), "--json"]
        )
        last_line(result)
    store = RunStore(home / "data")
    store.people.rename("mei", "[red]Mei")
    config = store.all()[-1].config
    nasty = store.challenges.make(NASTY, config.corpus, 20, ChallengeLimits())
    store.set_status(store.create(config, NASTY, "mei", nasty.id).id, RunStatus.STOPPED)
    store.close()
    (home / "data" / "corpora" / "timemachine.txt").write_text("nothing is fetched", "utf-8")
    return home


def ids(home: Path) -> tuple[str, str]:
    """The run that writes, and the one that fills in blanks."""
    store = RunStore(home / "data")
    *_others, cloze, writes = store.all()
    store.close()
    return writes.id, cloze.id


PRINTING = {
    "train": ["train", "--corpus", "{home}/{file}.txt", "--name", NASTY, *(f"--{k}={v}" for k, v in SMALL.items())],
    "runs list": ["runs", "list"],
    "runs show": ["runs", "show", "{writes}"],
    "runs resume": ["runs", "resume", "{writes}"],
    "runs export": ["runs", "export", "{writes}", "--out", "{home}/out [red]\x1b[31m"],
    "runs delete": ["runs", "delete", "{writes}"],
    "gates": ["gates", "{writes}", "--text", SENTENCE],
    "cells trace": ["cells", "trace", "{writes}"],
    "cells annotations": ["cells", "annotations", "{writes}", "--regex", f"{NASTY}=a"],
    "cells find": ["cells", "find", "{writes}", "--regex", f"{NASTY}=a"],
    "cells match": ["cells", "match", "{writes}", "--from", "5", "--to", "8", "--threshold", "-1"],
    "cells cut": ["cells", "cut", "{writes}", "--set", "h1=0", "--prefix", SENTENCE],
    "reach": ["reach", "{writes}", "--text", SENTENCE * 2],
    "corpora list": ["corpora", "list"],
    "corpora fetch": ["corpora", "fetch"],
    "corpora add": ["corpora", "add", "{home}/{file}.txt", "--title", NASTY],
    "corpora remove": ["corpora", "remove", "the_tide_clock"],
    "ngrams": ["ngrams", "--corpus", "{home}/{file}.txt"],
    "generate": ["generate", "{writes}", "--prefix", SENTENCE],
    "challenge list": ["challenge", "list"],
    "challenge show": ["challenge", "show", "latest"],
    "copied": ["copied", "{writes}", "--text", SENTENCE],
    "doctor": ["doctor"],
    "cloze": ["cloze", "{cloze}", "--text", "a _ \x1b[2J[/x] _ tide"],
}  # fmt: skip
WRONG = [
    ["runs", "show", NASTY],
    ["gates", "latest", "--text", "a", "--checkpoint", NASTY],
    ["gates", "latest", "--text", "a", "--out", f"/no/{NASTY}"],
    ["train", "--corpus", NASTY],
    ["train", "--cell", NASTY],
    ["train", "--lr", NASTY],
    ["train", f"--{NASTY}"],
    ["train", NASTY],
    ["reach", "latest", "--furthest", NASTY],
    [NASTY],
    ["runs", NASTY],
]


def words_of(words: list[str], home: Path) -> list[str]:
    writes, cloze = ids(home)
    filled = [
        word.replace("{home}", str(home)).replace("{file}", FILE).replace("{writes}", writes).replace("{cloze}", cloze)
        for word in words
    ]  # fmt: skip
    if words[0] == NASTY or words == ["runs", NASTY]:
        return filled
    return [*filled, "--data-dir", str(home / ("trained" if words[0] == "train" else "data"))]


def commands(group=None, before: str = "") -> list[str]:
    group = group or typer.main.get_command(app)
    return [
        name
        for word, command in group.commands.items()
        for name in (commands(command, f"{word} ") if hasattr(command, "commands") else [before + word])
        if word != "bench"  # ruff's rules about the doors hold for them too
    ]


def test_every_command_is_tried_here():
    assert set(PRINTING) == set(commands())


def require_plain(output: str) -> None:
    """No character that a terminal obeys."""
    obeyed = {c for c in output if unicodedata.category(c) in ("Cc", "Cf", "Cs")} - OBEYED
    assert not obeyed, ascii(sorted(obeyed))


@pytest.mark.parametrize("command", PRINTING)
def test_what_a_person_wrote_is_printed_as_it_stands(home, command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    result = CliRunner().invoke(app, words_of(PRINTING[command], home), input="n\n")
    assert isinstance(result.exception, SystemExit | None), result.exception
    assert result.exit_code == {"runs resume": 2, "runs delete": 1, "corpora remove": 2}.get(command, 0), (
        result.output
    )
    require_plain(result.output)
    told = {
        "runs list": "take 1 [/draft] [red]:smile:[/red] ␛[31m␛]0;title␇�2J␡ \\u202eback 雨",
        "runs show": "take 1 [/draft] [red]:smile:[/red] ␛[31m",
        "ngrams": "book [b] :smile: [red]␛[31m\\u202e 雨",
        "runs export": "out [red]␛[31m",
        "generate": "a brass␛[2J [/clock]␍ tide",
    }
    assert told.get(command, "") in result.output


@pytest.mark.parametrize(
    "words", WRONG, ids=lambda words: " ".join(words)[:20].encode("ascii", "replace").decode()
)
def test_a_wrong_word_is_told_as_it_stands(home, words, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    result = CliRunner().invoke(app, words_of(words, home))
    assert isinstance(result.exception, SystemExit)
    assert result.exit_code == 2, result.output
    require_plain(result.output)


def test_a_terminal_with_colours_is_given_none_of_a_persons(monkeypatch):
    for name, value in {"FORCE_COLOR": "1", "TERM": "xterm-256color", "COLUMNS": "200"}.items():
        monkeypatch.setenv(name, value)
    file = io.StringIO()
    console = PlainConsole()
    console.file = file
    table = Table(NASTY, title=NASTY, caption=Text(NASTY))
    table.add_row(NASTY)
    table.add_row(Text(NASTY))
    console.print(NASTY, table)
    output = file.getvalue()
    assert "\x1b[1m" in output or "\x1b[3m" in output  # its own are there
    for theirs in ("\x1b[31m", "\x1b]0", "\x07", "\x9b", "\u202e", "😄"):
        assert theirs not in output
    assert "[/draft]" in output


def test_a_table_stays_in_line_where_characters_were_made_visible():
    file = io.StringIO()
    console = PlainConsole()
    console.file = file
    table = Table("name", "end")
    table.add_row(NASTY, "x")
    table.add_row("short", "x")
    console.print(table)
    assert len({Text(line).cell_len for line in file.getvalue().splitlines()}) == 1


@pytest.mark.parametrize(
    "char", ["\x00", "\x1b", "\x7f", "\x85", "\x9b", "\r", "\u2028", "\u202e", "\u2066", "\udcff"]
)
def test_a_character_that_is_obeyed_is_made_visible(char):
    assert char not in clean(f"a{char}b")
    assert clean(f"a{char}b").startswith("a")
    assert len(clean(f"a{char}b")) >= 3
    require_plain(clean(char))


# narrow, closed and full -------------------------------------------------------------------------


def run_on(out: object, words: list[str], monkeypatch) -> tuple[int, str]:
    """A command in this process whose standard output is a real stream; its exit code and what it remarked."""
    err = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        try:
            app(words, prog_name="playground")
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
    err.seek(0)
    return code, err.read()


HELP = {"help": ["--help"], "help of train": ["train", "--help"], "version of runs": ["runs", "--help"]}


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "gb18030", "cp437"])
@pytest.mark.parametrize(
    "command", [*(name for name in PRINTING if name not in ("train", "runs delete", "corpora remove")), *HELP]
)
def test_a_narrow_encoding_loses_nothing_and_ends_in_order(home, command, encoding, monkeypatch):
    buffer = io.BytesIO()
    out = io.TextIOWrapper(buffer, encoding)
    words = words_of(PRINTING[command], home) if command in PRINTING else HELP[command]
    code, remarks = run_on(out, words, monkeypatch)
    assert code == (2 if command == "runs resume" else 0), remarks
    output = buffer.getvalue().decode(encoding)
    if command == "runs list" and encoding != "gb18030":
        assert "\\u96e8" in "".join(output.split())  # 雨 by its number: a question mark would lose it
        assert "?" not in output


@pytest.mark.parametrize(
    "command", [*(c for c in PRINTING if c not in ("runs resume", "runs delete", "corpora remove")), *HELP]
)
@pytest.mark.parametrize("end", ["closed", "full"])
def test_a_closed_or_full_output_ends_a_command_without_a_traceback(home, command, end, monkeypatch):
    if end == "full":
        if not Path("/dev/full").exists():
            pytest.skip("no /dev/full here")
        out = os.fdopen(os.open("/dev/full", os.O_WRONLY), "w", encoding="utf-8")
    else:
        reading, writing = os.pipe()
        os.close(reading)
        out = os.fdopen(writing, "w", encoding="utf-8")
    words = words_of(PRINTING[command], home) if command in PRINTING else HELP[command]
    with out:
        code, remarks = run_on(out, [*words, "--json"] if command == "train" else words, monkeypatch)
    assert code == 1
    full = "The output cannot be written (No space left on device)."
    assert (full in remarks) is (end == "full")
    assert "Traceback" not in remarks
    if command == "train":
        store = RunStore(home / "trained")
        assert {run.status for run in store.all()} == {RunStatus.FINISHED}
        store.close()


def process(words: list[str], home: Path, **streams) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "playground", *words, "--data-dir", str(home)],
        cwd=ROOT,
        env=os.environ | {"PLAYGROUND_DATA": str(home)},
        **streams,
    )


TRAIN = [
    "train",
    "--corpus",
    "the_tide_clock",
    *(f"--{k}={v}" for k, v in SMALL.items()),
    "--max-tokens=500",
    "--json",
]


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_run_goes_on_where_its_progress_or_its_result_cannot_be_written(tmp_path, stream):
    with Path("/dev/full").open("wb") as full:
        other = "stderr" if stream == "stdout" else "stdout"
        run = process(TRAIN, tmp_path, **{stream: full, other: subprocess.PIPE})
        told = dict(zip(("stdout", "stderr"), run.communicate(timeout=100), strict=True))[other].decode()
    assert "Traceback" not in told
    assert "Exception ignored" not in told
    assert run.returncode == (1 if stream == "stdout" else 0)
    store = RunStore(tmp_path)
    assert store.all()[0].status is RunStatus.FINISHED
    store.close()


def test_a_pipe_that_is_closed_after_a_line_ends_a_command_quietly(home):
    words = ["generate", ids(home)[0], "--prefix", "tide", "--length", "2000"]
    with process(words, home / "data", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout.read(4) == b"tide"
        run.stdout.close()
        assert run.stderr.read() == b""
        assert run.wait(timeout=60) == 1


def test_a_process_without_any_stream_trains_all_the_same(tmp_path):
    words = " ".join([sys.executable, "-m", "playground", *TRAIN, "--data-dir", str(tmp_path), ">&-", "2>&-"])
    assert subprocess.run(["sh", "-c", words], cwd=ROOT, timeout=100, check=False).returncode == 0
    store = RunStore(tmp_path)
    assert store.all()[0].status is RunStatus.FINISHED
    store.close()


@pytest.mark.parametrize(
    "words",
    [
        ["train", "--name", os.fsdecode(b"caf\xe9")],
        ["generate", "latest", "--prefix", os.fsdecode(b"caf\xe9")],
        ["train", "--corpus", os.fsdecode(b"/tmp/caf\xe9.txt")],
        ["runs", "list", "--data-dir", os.fsdecode(b"/tmp/caf\xe9")],
        [os.fsdecode(b"caf\xe9")],
    ],
    ids=str,
)
def test_an_argument_that_is_no_utf_8_is_a_sentence(words):
    result = CliRunner().invoke(app, words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "caf\\xe9" in result.stderr
    assert "is no text in UTF-8" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
