"""Lists of runs and texts beside damaged ones: what is wrong is told, and the rest is listed."""

import json
import shutil
import sqlite3

import pytest

from playground.store.database import DATABASE
from playground.text.corpora import CorpusLibrary
from tests.cli.helpers import last_line
from tests.helpers import some_text


def spoil(data, id: str, status: str = "dreaming") -> None:
    with sqlite3.connect(data / "playground.sqlite3") as db:
        db.execute("UPDATE runs SET status = ? WHERE id = ?", (status, id))
    db.close()


def test_the_list_of_runs_tells_a_damaged_one_which_can_be_deleted(cli, train, data):
    sound, id = (last_line(train(name=name))["run_id"] for name in ("Sound", "Spoilt"))
    spoil(data, id)
    listed = cli("runs", "list")
    assert listed.exit_code == 0
    assert sound in listed.stdout
    assert id in listed.stdout
    assert f"{id} is damaged: its status 'dreaming' is not known here" in listed.stderr
    told = {run["run_id"]: run for run in json.loads(cli("runs", "list", "--json").stdout)}
    assert told[sound]["status"] == "finished"
    assert (told[id]["status"], told[id]["name"]) == ("damaged", "Spoilt")
    shown = cli("runs", "show", id)
    assert shown.exit_code == 2
    assert "The run 'Spoilt' is damaged" in shown.stderr
    assert cli("generate", "latest", "--prefix", "tide").exit_code == 0
    assert cli("runs", "delete", id, "--yes").exit_code == 0
    assert id not in cli("runs", "list").stdout
    assert not (data / "runs" / id).exists()


def test_the_list_of_texts_tells_a_damaged_one_which_can_be_removed(cli, train, data):
    library = CorpusLibrary(data / "corpora")
    sound, id = library.add("Sound", some_text()).id, library.add("Spoilt", some_text(seed=2)).id
    (library.directory / f"{id}.json").write_bytes(b'{"title": "Spo')
    listed = cli("corpora", "list")
    assert listed.exit_code == 0
    assert sound in listed.stdout
    assert f"{id} is damaged: its note" in listed.stderr
    told = {text["id"]: text for text in json.loads(cli("corpora", "list", "--json").stdout)}
    assert "damaged" not in told[sound]
    assert "note" in told[id]["damaged"]
    refused = train(corpus=id)
    assert refused.exit_code == 2
    assert "is damaged" in refused.stderr
    assert train(corpus=sound).exit_code == 0
    assert cli("corpora", "remove", id).exit_code == 0
    assert id not in cli("corpora", "list").stdout


def listing(directory) -> list[str]:
    return sorted(
        str(path.relative_to(directory)) for path in directory.rglob("*") if path.name != "owner.lock"
    )


LOOKS = [
    ("runs", "list"),
    ("runs", "show", "latest"),
    ("generate", "latest", "--prefix", "tide"),
    ("gates", "latest", "--text", "tide"),
    ("corpora", "list"),
]


@pytest.mark.parametrize("words", LOOKS, ids=lambda words: " ".join(words[:2]))
def test_who_only_looks_makes_no_database_where_runs_lost_theirs_and_moves_nothing(cli, train, data, words):
    train()
    (data / DATABASE).unlink()
    before = listing(data)
    told = cli(*words)
    assert told.exit_code == 2
    assert "has lost its database; the folders of its runs are there (1)" in told.stderr
    assert "doctor --repair" in told.stderr
    assert listing(data) == before


def test_who_only_looks_moves_no_file_that_no_row_knows(cli, train, data):
    id = last_line(train())["run_id"]
    stray = data / "runs" / id / "step-000000077.weights.safetensors"
    stray.write_bytes(b"x")
    for words in LOOKS[:3]:
        assert cli(*words).exit_code == 0
    assert stray.exists()
    assert not (data / "lost").exists()


def test_runs_in_lost_are_told_as_long_as_they_lie_there_and_doctor_brings_them_back(cli, train, data):
    id = last_line(train(name="Mine"))["run_id"]
    files = {file.name for file in (data / "runs" / id).iterdir()}
    assert cli("doctor").stdout == "Nothing is damaged.\n"
    (data / DATABASE).unlink()
    assert "1 run that the database does not know" in train(name="Another").stderr
    assert {file.name for file in (data / "lost" / id).iterdir()} == files
    for words in (LOOKS[0], LOOKS[0], LOOKS[1]):  # not once alone
        told = cli(*words).stderr.replace("\n", " ")
        assert told.count("1 run that the database does not know") == 1
        assert str(data / "lost") in told
        assert "doctor --repair" in told
    found = cli("doctor")
    assert found.exit_code == 1
    assert f"lost/{id}  a run that was set aside" in found.stdout
    assert "doctor --repair" in found.stderr
    mended = json.loads(cli("doctor", "--repair", "--json").stdout)
    assert all(finding["mended"] for finding in mended)
    assert last_line(cli("runs", "show", id, "--json"))["name"] == "Mine"
    assert cli("generate", id, "--prefix", "tide").exit_code == 0
    assert "does not know" not in cli("runs", "list").stderr
    assert cli("doctor").exit_code == 0


def test_a_repair_tells_what_was_done_in_a_few_whole_lines(cli, train, data):
    id = last_line(train(name="Mine", epochs=6))["run_id"]
    (data / DATABASE).unlink()
    shutil.rmtree(data / "backups")
    train(name="Another")
    first, *rest = sorted((data / "lost" / id).glob("*.weights.safetensors"))
    first.write_bytes(first.read_bytes()[:-3])
    told = cli("doctor", "--repair")
    lines = [line for line in told.stdout.splitlines() if id in line]
    assert 2 <= len(lines) <= 3
    assert (
        "it was built anew from its folder, without its curve, which was in the lost database alone"
        in lines[0]
    )
    assert (
        f"were brought back from lost/ ({2 * len(rest) + 1})" in told.stdout or "brought back" in told.stdout
    )
    assert all(line.startswith("mended") for line in lines)


def test_doctor_of_a_folder_that_is_a_file_is_one_sentence(cli, data):
    data.write_text("in the way")
    for words in ((), ("--repair",)):
        result = cli("doctor", *words)
        assert result.exit_code == 2
        assert "cannot be used (" in result.stderr
        assert len(result.stderr.strip().splitlines()) == 1


def spoil_weights(data, id: str) -> None:
    """Overwrite numbers of the newest weights; the head stays whole."""
    file = max((data / "runs" / id).glob("*.weights.safetensors"))
    whole = bytearray(file.read_bytes())
    whole[-64:] = b"\xff" * 64
    file.write_bytes(whole)


def test_damaged_weights_are_told_as_such_and_not_as_a_network_that_has_diverged(cli, train, data, tmp_path):
    id = last_line(train(epochs=2))["run_id"]
    spoil_weights(data, id)
    for words in (
        ("generate", id, "--prefix", "tide"),
        ("runs", "export", id, "--out", str(tmp_path / "out")),
    ):
        told = cli(*words)
        assert told.exit_code == 2
        assert told.stdout == ""
        assert "its weights are damaged" in told.stderr
        assert "diverged" not in told.stderr
    assert not (tmp_path / "out").exists()
    found = cli("doctor")
    assert found.exit_code == 1
    assert "is missing or damaged" in found.stdout
    assert "taken off its list (1); those of these epochs remain: 0" in cli("doctor", "--repair").stdout
    assert cli("doctor").exit_code == 0
    assert cli("generate", id, "--prefix", "tide").exit_code == 0
