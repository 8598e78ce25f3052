"""Slow requests: a real uvicorn, and a bare socket that stops speaking."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.sync.client import connect

from playground.errors import ConfigError
from playground.web.slow import closing_slow_requests, limit
from tests.helpers import until

LIMIT = 0.4


async def read(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


async def stream(request: Request) -> StreamingResponse:
    async def parts():
        for part in "abc":
            await asyncio.sleep(
                LIMIT * 0.8
            )  # an answer that takes its time: three times as long as the limit
            yield part

    return StreamingResponse(parts())


async def talk(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(await websocket.receive_text())
    await websocket.close()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    app = Starlette(
        routes=[
            Route("/read", read, methods=["GET", "POST"]),
            Route("/stream", stream),
            WebSocketRoute("/talk", talk),
        ]
    )
    with closing_slow_requests(LIMIT), socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="error"))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        until(lambda: server.started)
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive()


def ends_after(sender: socket.socket) -> tuple[float, bytes]:
    """Seconds until the server closes, and what it says before."""
    began, told = time.monotonic(), b""
    sender.settimeout(LIMIT + 20)
    while data := sender.recv(4096):
        told += data
    return time.monotonic() - began, told


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (b"", b""),
        (b"GET", b"HTTP/1.1 408"),
        (b"GET /read HTTP/1.1\r\nhost: a\r\nx-slow: ", b"HTTP/1.1 408"),
        (b"POST /read HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n", b"HTTP/1.1 408"),
        (b"POST /read HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nabc", b"HTTP/1.1 408"),
    ],
    ids=["nothing", "a word", "half a head", "no body", "half a body"],
)
def test_a_connection_that_stops_speaking_is_closed(port, sent, told):
    with socket.create_connection(("127.0.0.1", port)) as sender:
        sender.sendall(sent)
        seconds, answer = ends_after(sender)
    assert LIMIT * 0.9 <= seconds < 10 * LIMIT  # uvicorn alone would wait for ever
    assert told in answer
    assert (answer == b"") == (told == b"")


def test_a_second_request_that_stops_speaking_is_closed_too(port):
    with socket.create_connection(("127.0.0.1", port)) as sender:
        sender.sendall(b"GET /read HTTP/1.1\r\nhost: a\r\n\r\n")
        first = sender.recv(4096)
        assert first.startswith(b"HTTP/1.1 200")
        while not first.endswith(b"\r\n\r\n0"):  # so many bytes of a body were read
            first += sender.recv(4096)
        sender.sendall(b"GET /re")
        seconds, answer = ends_after(sender)
    assert LIMIT * 0.9 <= seconds < 10 * LIMIT
    assert answer.startswith(b"HTTP/1.1 408")


def test_a_head_that_trickles_has_no_more_time_than_one_that_stops(port):
    with socket.create_connection(("127.0.0.1", port)) as sender:
        began = time.monotonic()
        sender.settimeout(LIMIT / 8)
        sender.sendall(b"GET /read HTTP/1.1\r\nhost: a\r\n")
        for _ in range(200):
            try:
                if not sender.recv(4096):
                    break
            except TimeoutError:
                try:
                    sender.sendall(b"x: y\r\n")
                except OSError:
                    break
            except OSError:
                break
        assert time.monotonic() - began < 10 * LIMIT


def test_a_body_that_goes_on_arriving_is_read_to_its_end(port):
    with socket.create_connection(("127.0.0.1", port)) as sender:
        sender.sendall(b"POST /read HTTP/1.1\r\nhost: a\r\ncontent-length: 8\r\nconnection: close\r\n\r\n")
        tick = threading.Event()
        for _ in range(8):
            tick.wait(LIMIT / 4)
            sender.sendall(b"x")
        assert ends_after(sender)[1].endswith(b"8")


def test_an_answer_may_take_longer_than_the_limit(port):
    with socket.create_connection(("127.0.0.1", port)) as sender:
        sender.sendall(b"GET /stream HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        seconds, told = ends_after(sender)
    assert seconds > 2 * LIMIT
    assert all(part in told for part in (b"200 OK", b"a", b"b", b"c"))


def test_a_websocket_may_be_silent_for_longer_than_the_limit(port):
    with connect(f"ws://127.0.0.1:{port}/talk") as websocket:
        threading.Event().wait(3 * LIMIT)
        websocket.send("still here")
        assert websocket.recv(timeout=10) == "still here"


def test_the_limit_is_twenty_seconds_unless_it_is_said(monkeypatch):
    monkeypatch.delenv("PLAYGROUND_REQUEST_SECONDS", raising=False)
    assert limit() == 20
    monkeypatch.setenv("PLAYGROUND_REQUEST_SECONDS", "0.5")
    assert limit() == 0.5


@pytest.mark.parametrize("value", ["0", "-1", "inf", "nan", "soon", ""])
def test_a_limit_that_is_none_is_told(monkeypatch, value):
    monkeypatch.setenv("PLAYGROUND_REQUEST_SECONDS", value)
    with pytest.raises(ConfigError, match="PLAYGROUND_REQUEST_SECONDS is"):
        limit()
