"""A reverse proxy that strips its prefix, as a school's gateway does: the server behind it knows nothing of it."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class StrippingProxy:
    """Takes `/<prefix>/x` at its own port to `/x` at the server's; every request has a connection of its own.

    Args:
        prefix: Such as `user/ann`.
        target: The server's port.
    """

    def __init__(self, prefix: str, target: int) -> None:
        self._path = re.compile(rb"^(\w+) /" + prefix.encode() + rb"(/\S*) ")
        self._target = target
        self.refused: list[bytes] = []
        """What was asked for beside the prefix."""

    async def serve(self, client: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        try:
            head = await client.readuntil(b"\r\n\r\n")
            if not self._path.match(head):
                self.refused.append(head.split(b"\r\n")[0])
                answer.write(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                return
            head = self._path.sub(rb"\1 \2 ", head)
            if b"upgrade: websocket" not in head.lower():
                head = re.sub(rb"(?im)^connection:.*\r\n", b"", head)[:-2] + b"connection: close\r\n\r\n"
            upstream, server = await asyncio.open_connection("127.0.0.1", self._target)
            server.write(head)
            ways = [asyncio.create_task(_pump(client, server)), asyncio.create_task(_pump(upstream, answer))]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                server.close()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the browser has gone
        finally:
            answer.close()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    except OSError:
        pass  # either side has gone


@contextmanager
def stripping_proxy(prefix: str, target: int) -> Iterator[tuple[int, StrippingProxy]]:
    """Serve in a thread; give the proxy's port, and the proxy."""
    proxy, loop, stop = StrippingProxy(prefix, target), asyncio.new_event_loop(), asyncio.Event()
    ports: list[int] = []
    ready = threading.Event()

    async def main() -> None:
        async with await asyncio.start_server(proxy.serve, "127.0.0.1", 0) as server:
            ports.append(server.sockets[0].getsockname()[1])
            ready.set()
            await stop.wait()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(main())  # ends what is still on its way

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(10)
    try:
        yield ports[0], proxy
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        assert not thread.is_alive()
