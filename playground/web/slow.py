"""Connections that keep a place and send nothing are closed: half a request, slowly, would hold one for ever.

uvicorn closes a connection that is idle after an answer, and has no limit for a request that is on its way.
Streamlit makes uvicorn's server itself, so the limit is put on the protocol class that it takes.
"""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

from playground.errors import ConfigError

SECONDS = 20.0
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


def limit() -> float:
    """`PLAYGROUND_REQUEST_SECONDS`, else 20.

    Raises:
        ConfigError: It is no number above 0.
    """
    text = os.environ.get("PLAYGROUND_REQUEST_SECONDS", str(SECONDS))
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise ConfigError(
            "PLAYGROUND_REQUEST_SECONDS is {value}; give a number of seconds above 0.", value=repr(text)
        )
    return seconds


@contextmanager
def closing_slow_requests(seconds: float = SECONDS, protocol: Any = AutoHTTPProtocol) -> Iterator[None]:
    """While this lasts, every new connection of uvicorn's has a watch.

    The head of a request has to be complete so many seconds after its first byte (or after the connection was
    made), and its body may not pause for longer. How long an answer takes is nobody's fault but ours.

    Args:
        seconds: The limit.
        protocol: The class of uvicorn's that speaks HTTP.
    """
    made, received, lost = protocol.connection_made, protocol.data_received, protocol.connection_lost
    watches: dict[Any, _Watch] = {}

    def connection_made(self: Any, transport: asyncio.Transport) -> None:
        made(self, transport)
        watches[self] = _Watch(self, transport, seconds)

    def data_received(self: Any, data: bytes) -> None:
        received(self, data)
        watch = watches.get(self)
        if watch is not None and watch.is_over:  # a websocket has taken over, and is told of the end
            watches.pop(self).end()
        elif watch is not None:
            watch.heard()

    def connection_lost(self: Any, error: Exception | None) -> None:
        if self in watches:
            watches.pop(self).end()
        lost(self, error)

    protocol.connection_made, protocol.data_received = connection_made, data_received
    protocol.connection_lost = connection_lost
    try:
        yield
    finally:
        protocol.connection_made, protocol.data_received, protocol.connection_lost = made, received, lost
        for watch in watches.values():
            watch.end()


class _Watch:
    """One connection: when it was heard, and what it is waited for."""

    def __init__(self, protocol: Any, transport: asyncio.Transport, seconds: float) -> None:
        self._protocol = protocol
        self._transport = transport
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._since = self._loop.time()
        """Since when the head of a request, or more of its body, is waited for."""
        self._in_head = True
        self._has_spoken = False
        self._timer = self._loop.call_later(seconds, self._look)

    def heard(self) -> None:
        """Something came."""
        self._has_spoken = True
        in_head = self._awaits_head()
        if not (in_head and self._in_head):  # a head has its whole time from its first byte, and no more
            self._since = self._loop.time()
        self._in_head = in_head

    @property
    def is_over(self) -> bool:
        """The connection is not uvicorn's HTTP any more."""
        speaks: Any = self._transport.get_protocol()
        return speaks is not self._protocol

    def end(self) -> None:
        """Look no more."""
        self._timer.cancel()

    def _awaits_head(self) -> bool:
        cycle = self._protocol.cycle
        return cycle is None or cycle.response_complete

    def _look(self) -> None:
        if self._transport.is_closing() or self.is_over:
            return
        now = self._loop.time()
        if not self._is_waited_for():
            self._since = now
        left = self._since + self._seconds - now
        if left > 0:
            self._timer = self._loop.call_later(left, self._look)
            return
        cycle = self._protocol.cycle
        if self._has_spoken and (cycle is None or cycle.response_complete or not cycle.response_started):
            self._transport.write(_TOO_SLOW)
        self._transport.close()

    def _is_waited_for(self) -> bool:
        """Whether it is the other side's turn: between two requests uvicorn has a limit of its own."""
        if self._awaits_head():
            return self._in_head
        return bool(self._protocol.cycle.more_body) and not self._protocol.flow.read_paused
