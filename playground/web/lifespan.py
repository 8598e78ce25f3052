"""From the first moment of a server to its last: workers first, runs in order at the end."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import quote

import anyio

from playground.errors import PlaygroundError
from playground.runs.classroom import Classroom
from playground.runs.server import Server
from playground.terminal import say, tell
from playground.web.slow import closing_slow_requests, limit


def serving(
    server: Callable[[], Server], addresses: Sequence[str] = (), own: str = ""
) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    """What a server does around its requests.

    Args:
        server: Opens the data directory and starts the workers; the same server each time.
        addresses: Under which a class finds the server, for whoever starts it.
        own: Under which this machine finds it.

    Returns:
        A lifespan for Starlette. A start that fails is told in one sentence, and the server ends with exit code 3.
    """

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        """Start the workers before the first browser comes, stop them after the last has gone."""
        try:
            opened = await anyio.to_thread.run_sync(server)
        except PlaygroundError as error:
            tell(f"Error: {error}")
            logging.getLogger("uvicorn.error").disabled = True  # it would tell the same in fifty lines
            raise
        remark = opened.manager.store.lost_runs.remark()
        if remark is not None:
            tell(remark)
        for address in addresses:
            say(f"  For a class: {address}")
        _tell_teacher(opened.classroom, next(iter(addresses), own))
        try:
            with _hangup_heard(), closing_slow_requests(limit()):
                yield
        finally:
            await anyio.to_thread.run_sync(opened.close)

    return lifespan


def _tell_teacher(classroom: Classroom, address: str) -> None:
    """Print the link that makes a teacher; a key that somebody chose is theirs to know, and no console's."""
    if classroom.teacher_key is None:
        return
    if classroom.has_own_key:
        say(f"  For the teacher: {address}/?teacher={quote(classroom.teacher_key, safe='')}")
    else:
        say(f"  For the teacher: {address}/?teacher= and the key in PLAYGROUND_TEACHER_KEY")


@contextmanager
def _hangup_heard() -> Iterator[None]:
    """Treat a terminal that closes as the server treats SIGTERM, unless `nohup` had it ignored."""
    number = getattr(signal, "SIGHUP", None)
    if (
        number is None
        or threading.current_thread() is not threading.main_thread()
        or signal.getsignal(number) is not signal.SIG_DFL
    ):
        yield
        return
    signal.signal(number, signal.getsignal(signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(number, signal.SIG_DFL)
