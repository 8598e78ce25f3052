"""`streamlit run streamlit_app.py` as a person starts it: where it listens, whom it answers, what it asks of others."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from playground.identity import person_id
from playground.store.run_store import RunStore
from tests.helpers import ROOT, free_port, streamlit_command, tiny_config, until

GUARD = """
import os, socket

def _note(where):
    with open(os.environ["OUTSIDE_LOG"], "a") as log:
        log.write(f"{where!r}\\n")

def _is_outside(address):
    return isinstance(address, tuple) and str(address[0]) not in ("localhost", "127.0.0.1", "::1", "", "0.0.0.0", "::")

def _guarded(real):
    def connect(self, address):
        if _is_outside(address):
            _note(address)
            raise OSError(101, "Network is unreachable")
        return real(self, address)
    return connect

class Guarded(socket.socket):
    connect = _guarded(socket.socket.connect)
    connect_ex = _guarded(socket.socket.connect_ex)

def _looked_up(real):
    def look_up(host, *rest, **more):
        if _is_outside((host or "", 0)):
            _note(host)
            raise socket.gaierror(-2, "Name or service not known")
        return real(host, *rest, **more)
    return look_up

socket.socket = Guarded
for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "getfqdn"):
    setattr(socket, name, _looked_up(getattr(socket, name)))
"""
"""Loaded by Python before anything else: notes and refuses whatever would leave this machine."""


class Started:
    def __init__(self, port: int, process: psutil.Process, outside: Path, log: Path) -> None:
        self.port, self.process, self.outside, self.log = port, process, outside, log

    def asked_outside(self) -> list[str]:
        return self.outside.read_text().splitlines() if self.outside.exists() else []

    def get(self, path: str = "/", **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request("GET", path, headers=sent)
            answer = connection.getresponse()
            answer.read()
            return answer
        finally:
            connection.close()

    def opens_websocket(self, host: str, origin: str | None) -> bool:
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as sock:
            try:
                with connect(f"ws://{host}/_stcore/stream", sock=sock, origin=origin, proxy=None):  # type: ignore[arg-type]
                    return True
            except InvalidStatus:
                return False


def guarded_environment(folder: Path) -> dict[str, str]:
    guard = folder / "guard"
    guard.mkdir(parents=True)
    (guard / "sitecustomize.py").write_text(GUARD)
    return os.environ | {
        "PYTHONPATH": str(guard),
        "OUTSIDE_LOG": str(folder / "outside.log"),
        "PLAYGROUND_DATA": str(folder / "data"),
        "PLAYGROUND_REQUEST_SECONDS": "0.5",
    }


@contextmanager
def streamlit_run(folder: Path, *more: str, **environ: str) -> Iterator[Started]:
    """The server at its usual settings, without a browser window, at a free port."""
    environment = guarded_environment(folder) | environ
    port = free_port()
    command = streamlit_command(port, *more)
    log = folder / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, env=environment)
    started = Started(port, psutil.Process(process.pid), folder / "outside.log", log)

    def answers() -> bool:
        assert process.poll() is None, log.read_text("utf-8")
        try:
            return started.get("/_stcore/health").status == 200
        except OSError:
            return False

    try:
        until(answers, 90)
        yield started
    finally:
        process.terminate()
        process.wait(30)
    assert "Traceback" not in log.read_text("utf-8"), log.read_text("utf-8")


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Started]:
    with streamlit_run(tmp_path_factory.mktemp("server")) as started:
        yield started


def test_the_guard_notes_what_leaves_this_machine(tmp_path):
    asks = (
        "import urllib.request\ntry: urllib.request.urlopen('http://outside.example')\nexcept OSError: pass"
    )
    subprocess.run([sys.executable, "-c", asks], env=guarded_environment(tmp_path), check=True)
    assert "outside.example" in (tmp_path / "outside.log").read_text()


def test_it_listens_on_this_machine_only(server):
    listening = [c.laddr.ip for c in server.process.net_connections() if c.status == psutil.CONN_LISTEN]
    assert listening
    assert set(listening) <= {"127.0.0.1", "::1"}
    assert f"URL: http://localhost:{server.port}" in server.log.read_text("utf-8")


def test_a_rebound_name_opens_neither_the_page_nor_its_websocket(server):
    port = server.port
    for host in (f"localhost:{port}", f"127.0.0.1:{port}"):
        assert server.get(host=host).status == 200
        assert server.opens_websocket(host, f"http://{host}")
    for host in ("evil.example", f"evil.example:{port}", f"localhost.evil.example:{port}"):
        for path in ("/", "/gates", "/_stcore/health", "/_stcore/host-config", "/api/runs/x/history"):
            assert server.get(path, host=host).status == 421
        assert not server.opens_websocket(host, f"http://{host}")


def test_another_sites_page_opens_no_websocket_and_asks_no_route_of_ours(server):
    host = f"127.0.0.1:{server.port}"
    assert not server.opens_websocket(host, "https://evil.example")
    for headers in ({"sec_fetch_site": "cross-site"}, {"origin": "https://evil.example"}):
        assert server.get("/api/runs/x/write", **headers).status == 403
    assert server.get("/api/runs/x/write").status == 404  # there is no such run
    assert server.asked_outside() == []


def test_a_connection_that_sends_nothing_more_is_closed(server):
    with socket.create_connection(("127.0.0.1", server.port)) as sender:
        sender.sendall(b"GET / HTTP/1.1\r\nhost: localhost\r\n")
        sender.settimeout(30)
        began = time.monotonic()
        assert sender.recv(4096).startswith(b"HTTP/1.1 408")
        assert sender.recv(4096) == b""
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(("believed", "status"), [("127.0.0.1", 200), ("10.0.0.1", 404)])
def test_a_proxys_header_is_believed_from_its_own_address_whatever_it_forwards(tmp_path, believed, status):
    store = RunStore(tmp_path / "data")
    id = store.create(tiny_config(), "Rain", person_id("x-email:mei@school.example")).id
    store.close()
    told = {
        "PLAYGROUND_IDENTITY": "header:X-Email",
        "PLAYGROUND_TRUSTED_PROXIES": believed,
        "PLAYGROUND_SHARING": "private",
        "FORWARDED_ALLOW_IPS": "",
    }
    with streamlit_run(tmp_path, **told) as started:
        for forwarded in ({}, {"x_forwarded_for": "9.9.9.9"}, {"x_forwarded_for": "10.0.0.1"}):
            answer = started.get(f"/api/runs/{id}/history", x_email="Mei@school.example", **forwarded)
            assert answer.status == status
        assert started.get(f"/api/runs/{id}/history").status == 404
        assert started.get(f"/api/runs/{id}/history", x_email="ali@school.example").status == 404


@pytest.mark.parametrize("allowed", [None, "*", "127.0.0.1"])
def test_a_server_that_would_believe_a_forwarded_address_does_not_start(tmp_path, allowed):
    told = {"PLAYGROUND_IDENTITY": "header:X-Email", "PLAYGROUND_TRUSTED_PROXIES": "127.0.0.1"}
    environment = guarded_environment(tmp_path) | told
    environment.pop("FORWARDED_ALLOW_IPS", None)
    if allowed is not None:
        environment["FORWARDED_ALLOW_IPS"] = allowed
    ended = subprocess.run(
        streamlit_command(free_port()), cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 3
    assert "FORWARDED_ALLOW_IPS has to be set, and empty" in ended.stderr
    assert "Traceback" not in ended.stderr


AUTH = """
[auth]
redirect_uri = "http://localhost:8501/oauth2callback"
cookie_secret = "0123456789abcdef0123456789abcdef"
client_id = "playground"
client_secret = "between-the-two-of-us"
server_metadata_url = "https://login.school.example/.well-known/openid-configuration"
"""


@pytest.mark.parametrize(
    ("secrets", "options", "told"),
    [
        (None, [], "has to have a section [auth] with redirect_uri, cookie_secret, client_id"),
        ("[other]", [], "has to have a section [auth] with redirect_uri, cookie_secret, client_id"),
        ("[auth", [], ".streamlit/secrets.toml cannot be read (Error parsing secrets file at "),
        (
            re.sub("cookie_secret.*", "", AUTH),
            [],
            "The section [auth] of .streamlit/secrets.toml lacks cookie_secret.",
        ),
        (AUTH, [], "a library that is not installed (No module named 'authlib')"),
        (AUTH, ["--server.trustedUserHeaders", '{"X-Sub": "sub"}'], "server.trustedUserHeaders cannot say"),
    ],
)
def test_a_server_where_nobody_could_log_in_does_not_start_and_says_why(tmp_path, secrets, options, told):
    environment = guarded_environment(tmp_path) | {"PLAYGROUND_IDENTITY": "oidc", "HOME": str(tmp_path)}
    library = tmp_path / "guard" / "authlib"  # found before the one that is installed
    library.mkdir()
    (library / "__init__.py").write_text("raise ModuleNotFoundError(\"No module named 'authlib'\")")
    if secrets is not None:
        (tmp_path / ".streamlit").mkdir()
        (tmp_path / ".streamlit" / "secrets.toml").write_text(secrets)
    ended = subprocess.run(
        streamlit_command(free_port(), *options),
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 3
    assert told in ended.stderr and "between-the-two-of-us" not in ended.stderr + ended.stdout
    assert "Traceback" not in ended.stderr


def test_nothing_is_fetched_unasked(server):
    assert server.get().status == 200
    assert server.get(accept="text/html").getheader("set-cookie") is None  # for one person
    assert server.asked_outside() == []


def test_a_class_server_says_so_and_fetches_nothing_either(tmp_path):
    with streamlit_run(tmp_path, "--server.address=0.0.0.0") as started:
        listening = {c.laddr.ip for c in started.process.net_connections() if c.status == psutil.CONN_LISTEN}
        told = re.findall(
            r"For a class: http://([\d.]+):(\d+)$", started.log.read_text("utf-8"), re.MULTILINE
        )
        others = [
            a for addresses in psutil.net_if_addrs().values() for a in addresses if a.family == socket.AF_INET
        ]
        assert bool(told) == any(not a.address.startswith(("127.", "169.254.")) for a in others)
        assert {port for _address, port in told} <= {str(started.port)}
        key = re.findall(
            r"For the teacher: .*/\?teacher=(\S+)$", started.log.read_text("utf-8"), re.MULTILINE
        )
        assert key == [(tmp_path / "data" / "teacher.key").read_text()]
        assert "playground_person=" in (started.get(accept="text/html").getheader("set-cookie") or "")
        for address, _port in told:
            assert not address.startswith("127.")
            socket.create_connection((address, started.port), timeout=10).close()
        assert listening == {"0.0.0.0"}
        assert started.get(host="192.168.1.7:8501").status == 200  # an address in digits cannot be rebound
        assert started.opens_websocket("192.168.1.7:8501", "http://192.168.1.7:8501")
        assert started.get(host="evil.example").status == 421
        assert not started.opens_websocket("192.168.1.7:8501", "https://evil.example")
        assert started.asked_outside() == []


def test_make_run_and_the_readme_start_it_that_way():
    assert "streamlit run streamlit_app.py\n" in (ROOT / "Makefile").read_text("utf-8")
    config = (ROOT / ".streamlit" / "config.toml").read_text("utf-8")
    assert re.search(r'^\[server\](?:\n[^\[]*?)*\naddress = "localhost"$', config, re.MULTILINE)
    assert "--server.address=0.0.0.0" in (ROOT / "README.md").read_text("utf-8")


def test_a_key_that_somebody_chose_is_not_printed(tmp_path):
    with streamlit_run(
        tmp_path, "--server.address=0.0.0.0", PLAYGROUND_TEACHER_KEY="chosen by/hand"
    ) as started:
        told = started.log.read_text("utf-8")
        assert "For the teacher: " in told and "PLAYGROUND_TEACHER_KEY" in told
        assert "chosen" not in told


def test_a_server_for_one_person_prints_no_key(tmp_path):
    with streamlit_run(tmp_path, PLAYGROUND_TEACHER_KEY="chosen by/hand") as started:
        assert "teacher" not in started.log.read_text("utf-8")
        assert not (tmp_path / "data" / "teacher.key").exists()
