"""A real server from its first moment to its last: how it ends, and how it does not even start."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from contextlib import contextmanager

import psutil
import pytest

from playground.records import RunStatus
from playground.store.run_store import RunStore
from tests.helpers import HEARING, ROOT, free_port, some_text, streamlit_command, tiny_config, until

TRAINS = """
from functools import cache
from pathlib import Path
import streamlit as st
from playground.config import parse_json
from playground.runs.server import open_server
from playground.web.lifespan import serving

@cache
def server():
    opened = open_server()
    opened.manager.start(parse_json({config!r}))
    return opened

app = st.App(Path(__file__).with_name("page.py"), lifespan=serving(server))
"""


@contextmanager
def streamlit(script, data, log, *, port: int | None = None, before: str = ":", **more: str):
    """`streamlit run` in a process of its own, after a line of shell."""
    command = streamlit_command(port or free_port(), "--server.address=127.0.0.1", script=script)
    with (
        log.open("wb") as out,
        subprocess.Popen(
            [*HEARING, "sh", "-c", f'{before}; exec "$@"', "sh", *command],
            cwd=ROOT,
            stdout=out,
            stderr=out,
            env=os.environ | {"PLAYGROUND_DATA": str(data), "PYTHONPATH": str(ROOT)} | more,
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("before", "sent"),
    [("trap '' INT", "SIGTERM"), ("trap '' INT", "SIGINT"), (":", "SIGHUP"), (":", "SIGTERM")],
    ids=["kill, Ctrl-C ignored", "Ctrl-C ignored", "terminal closed", "kill"],
)
def test_a_server_that_is_told_to_end_ends_its_runs_in_order(tmp_path, before, sent):
    store = RunStore(tmp_path / "data")
    corpus = store.library.add("Some text", some_text()).id
    config = tiny_config(corpus=corpus, epochs="off", sample_every=0).model_dump_json()
    (tmp_path / "page.py").write_text("")
    (tmp_path / "trains.py").write_text(TRAINS.format(config=config))
    log = tmp_path / "log"
    with streamlit(tmp_path / "trains.py", tmp_path / "data", log, before=before) as server:
        until(lambda: server.poll() is not None or any(run.step > 5 for run in store.all()))
        workers = psutil.Process(server.pid).children(recursive=True)
        assert workers
        server.send_signal(signal.Signals[sent])
        code = server.wait(60)
    # Ctrl-C is ignored again once it was heard, so the server does not die of it as it does of the others
    assert code == (0 if sent == "SIGINT" else -signal.Signals[sent])
    (run,) = store.all()
    assert run.status is RunStatus.INTERRUPTED
    assert store.newest_checkpoint(run.id).step == run.step  # not a step is lost
    assert not any(worker.is_running() for worker in workers)
    assert store.ownership.try_acquire()
    assert "Traceback" not in log.read_text()
    store.close()


@pytest.mark.parametrize("wrong", ["slots", "a file in the way", "another server", "port"])
def test_a_server_that_cannot_start_says_so_in_one_sentence_and_by_its_exit_code(tmp_path, wrong):
    data, log, more, sentence = tmp_path / "data", tmp_path / "log", {}, ""
    owner, taken = RunStore(tmp_path / "data"), socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    if wrong == "slots":
        more["PLAYGROUND_SLOTS"] = "0"
        sentence = "PLAYGROUND_SLOTS is '0'; give a whole number from 1 to 64."
    elif wrong == "a file in the way":
        (tmp_path / "file").write_text("")
        data = tmp_path / "file" / "data"
        sentence = f"The data directory {data} cannot be used (a file stands where a folder should be)."
    elif wrong == "another server":
        owner.ownership.acquire()
        sentence = f"The data directory {data} is in use by "
    else:
        more["port"] = taken.getsockname()[1]
        sentence = f"Port {more['port']} is not available"
    with streamlit(ROOT / "streamlit_app.py", data, log, **more) as server:
        assert server.wait(60) == (1 if wrong == "port" else 3)
        assert not psutil.pid_exists(server.pid) or not psutil.Process(server.pid).children()
    written = log.read_text()
    assert written.count(sentence) == 1
    assert "Traceback" not in written
    assert "Application startup failed" not in written
    owner.close()
    taken.close()


def test_a_server_tells_at_its_start_of_runs_that_the_database_has_lost(tmp_path):
    store = RunStore(tmp_path / "data")
    for name in ("3f9a00000001", "3f9a00000002"):
        folder = tmp_path / "data" / "runs" / name
        folder.mkdir(parents=True)
        for file in ("run.json", "vocab.json"):
            (folder / file).write_text("{}")
    store.close()
    log = tmp_path / "log"
    for _ in range(2):  # a second start as well
        with streamlit(ROOT / "streamlit_app.py", tmp_path / "data", log):
            until(lambda: "doctor --repair brings them back" in log.read_text())
        told = log.read_text()
        assert told.count("2 runs that the database does not know lie in") == 1
        assert str(tmp_path / "data" / "lost") in told
        assert "files that no run needs" not in told
