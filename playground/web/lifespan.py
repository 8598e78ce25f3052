"""From the first moment of a server to its last: workers first, runs in order at the end."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any

import anyio

from playground.errors import PlaygroundError
from playground.runs.manager import RunManager
from playground.terminal import say, tell
from playground.web.slow import closing_slow_requests, limit


def serving(
    run_manager: Callable[[], RunManager], addresses: Sequence[str] = ()
) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    """What a server does around its requests.

    Args:
        run_manager: Opens the data directory and starts the workers; the same manager each time.
        addresses: Under which a class finds the server, for whoever starts it.

    Returns:
        A lifespan for Starlette. A start that fails is told in one sentence, and the server ends with exit code 3.
    """

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        """Start the workers before the first browser comes, stop them after the last has gone."""
        try:
            manager = await anyio.to_thread.run_sync(run_manager)
        except PlaygroundError as error:
            tell(f"Error: {error}")
            logging.getLogger("uvicorn.error").disabled = True  # it would tell the same in fifty lines
            raise
        for address in addresses:
            say(f"  For a class: {address}")
        try:
            with _hangup_heard(), closing_slow_requests(limit()):
                yield
        finally:
            try:
                await anyio.to_thread.run_sync(manager.close)
            finally:
                manager.store.close()

    return lifespan


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
