"""The route on which a network writes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from playground.access import Action
from playground.errors import PlaygroundError
from playground.runs.server import Server
from playground.services.copies import CopyService
from playground.services.text import TextService
from playground.web.asking import asking, status
from playground.web.writers import TooManyWriters, Writers
from playground.web.writing import written


def write_route(
    server: Callable[[], Server],
    text_service: Callable[[], TextService],
    copy_service: Callable[[], CopyService],
    turns: Writers,
    explain: Callable[[PlaygroundError, str], str],
) -> Callable[[Request], Awaitable[Response]]:
    """The route.

    Args:
        server: Gives the one server.
        text_service: Gives the server's one text service.
        copy_service: Gives the one that tells what is copied.
        turns: Whoever may let a network write at the same time.
        explain: Says what is wrong in a browser's language.
    """

    async def write(request: Request) -> Response:
        id, query = request.path_params["id"], request.query_params
        here = server()
        most = here.manager.store.settings.get().writing_per_person if here.classroom.is_class else None

        def tell(error: PlaygroundError) -> str:
            return explain(error, request.headers.get("accept-language", "en"))

        def writer() -> str | None:
            runs = asking(here, request)
            runs.require(Action.WRITE, id)  # whoever may not has no turn
            return runs.person.id

        def begin() -> tuple[str, Iterator[str]]:
            lines = written(here.manager, text_service(), copy_service(), id, query, tell)
            return next(lines), lines  # the prefix, which costs nothing, does not wait for a turn of its own

        async def lines(first: str, more: Iterator[str]) -> AsyncIterator[str]:
            yield first
            async for line in text.lines(more):
                yield line

        try:
            text = turns.admit(await to_thread.run_sync(writer), most)
        except TooManyWriters as error:
            return _too_many(error)
        except PlaygroundError as error:
            return JSONResponse({"error": tell(error)}, status_code=status(error))
        try:
            begun = await text.run(begin)
        except BaseException as error:
            text.close()
            if not isinstance(error, PlaygroundError):
                raise
            return JSONResponse({"error": tell(error)}, status_code=status(error))
        return StreamingResponse(
            lines(*begun), media_type="application/x-ndjson", headers={"cache-control": "no-store"}
        )

    return write


def _too_many(error: TooManyWriters) -> Response:
    sentence = f"Many texts are being written at the moment. Ask again in {error.retry_after} s."
    if error.of_person is not None:
        sentence = (
            f"Texts that are being written for you: {error.of_person}, the most at the same time. "
            f"Ask again in {error.retry_after} s."
        )
    return JSONResponse({"error": sentence}, status_code=429, headers={"retry-after": str(error.retry_after)})
