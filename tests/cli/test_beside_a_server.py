"""The command line beside a server that trains in the same data directory: it reads, and is told what it may not do."""

import json
import subprocess
import sys

import pytest

from playground.records import RunStatus
from playground.store.run_store import RunStore
from tests.helpers import ROOT, some_text, tiny_config, until

SERVER = """
import sys
from pathlib import Path
from playground.config import parse_json
from playground.runs.launch import launch

manager = launch(Path(sys.argv[1]), inline=True)
print(manager.start(parse_json(sys.argv[2])).id, flush=True)
sys.stdin.read()
manager.close()
manager.store.close()
"""


@pytest.fixture
def under_way(data):
    """The id of a run that a server trains, and the store as another program reads it."""
    store = RunStore(data)
    corpus = store.library.add("Some text", some_text()).id
    config = tiny_config(corpus=corpus, epochs="off", sample_every=0).model_dump_json()
    command = [sys.executable, "-c", SERVER, str(data), config]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as server:
        try:
            id = server.stdout.readline().strip()
            until(lambda: store.get(id).step > 5)
            yield id, store
            server.stdin.close()
            assert server.wait(60) == 0
        finally:
            server.kill()
    store.close()


def test_it_reads_and_is_told_what_it_may_not_do(cli, under_way, text_file, tmp_path, monkeypatch):
    monkeypatch.setattr("playground.store.owner._PATIENCE", 0.0)
    id, store = under_way
    for words in (
        ("runs", "resume", "latest"),
        ("runs", "delete", "latest", "--yes"),
        ("runs", "delete", "latest"),  # refused before anything is asked
        ("train", "--corpus", text_file, "--device", "cpu"),
        ("corpora", "remove", store.get(id).config.corpus.corpus),
    ):
        result = cli(*words)
        assert result.exit_code == 2, words
        assert "is in use by python (process " in result.stderr
        assert len(result.stderr.strip().splitlines()) == 1
    (listed,) = json.loads(cli("runs", "list", "--json").stdout)
    assert (listed["run_id"], listed["status"]) == (id, "running")
    assert json.loads(cli("runs", "show", "latest", "--json").stdout)["status"] == "running"
    assert cli("corpora", "list").exit_code == 0
    assert cli("runs", "export", "latest", "--out", tmp_path / "out").exit_code == 0
    stood = store.get(id).step
    until(lambda: store.get(id).step > stood)  # nobody took it from the server
    assert store.get(id).status is RunStatus.RUNNING
    assert [run.id for run in store.all()] == [id]
