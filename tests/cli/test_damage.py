"""Lists of runs and texts beside damaged ones: what is wrong is told, and the rest is listed."""

import json
import sqlite3

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
