"""Routes and middleware that stand beside the pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from importlib.resources import files
from pathlib import Path

from pydantic import TypeAdapter
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from playground.access import Action
from playground.errors import ChallengeNotFound, NotAllowed, PlaygroundError, RunNotFound, StoreBusy
from playground.figures.theme import PLOTLY_PATH
from playground.identity import PERSON_HEADER, Identity
from playground.modules import Modules
from playground.records import Board
from playground.records.wall import WallView
from playground.runs.personal import PersonalRuns
from playground.runs.server import Server
from playground.services.text import TextService
from playground.web.door import Door
from playground.web.guards import AllowedHosts, HostGuard, own_pages_only
from playground.web.history import run_history, to_json
from playground.web.writers import TooManyWriters, Writers
from playground.web.writing import written

_WALL = TypeAdapter(WallView)
_BOARD = TypeAdapter(Board)
_FOR_EVER = {"cache-control": "public, max-age=31536000, immutable"}
"""For what has its version in its address."""
_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"x-frame-options": b"SAMEORIGIN",
}


def routes(
    server: Callable[[], Server],
    text_service: Callable[[], TextService],
    modules: Modules,
    base_path: str = "",
    *,
    writers: Writers | None = None,
    explain: Callable[[PlaygroundError, str], str] = lambda error, language: str(error),
) -> list[Route]:
    """The routes.

    Args:
        server: Gives the one server; called at each request.
        text_service: Gives the server's one text service.
        modules: The panels' JavaScript.
        base_path: Where the server lives, such as `rnn/class1`; Streamlit leaves an app's own routes at the root.
        writers: Whoever may let a network write at the same time; None takes as many as this machine bears.
        explain: Says what is wrong in a browser's language, such as `zh-CN`.
    """
    turns = writers or Writers()

    def history(request: Request) -> Response:
        after = request.query_params.get("after", "0")
        if not after.isdecimal() or len(after) > 15:
            return JSONResponse({"error": "after is a whole number from 0."}, status_code=400)
        try:
            id = _asking(server(), request).get(request.path_params["id"]).id
            answer = to_json(run_history(server().manager, id, int(after)))
        except (NotAllowed, RunNotFound, StoreBusy) as error:  # after a busy one the browser asks again
            return JSONResponse({"error": str(error)}, status_code=_status(error))
        return Response(answer, media_type="application/json")

    def wall(request: Request) -> Response:
        since = request.query_params.get("since", "0")
        if not since.isdecimal() or len(since) > 15:
            return JSONResponse({"error": "since is a whole number from 0."}, status_code=400)
        try:
            person = _asking(server(), request).person
            answer = _WALL.dump_json(server().wall.look(person, int(since)))
        except NotAllowed as error:
            return JSONResponse({"error": str(error)}, status_code=403)
        except StoreBusy as error:  # the browser asks again
            return JSONResponse({"error": str(error)}, status_code=503)
        return Response(answer, media_type="application/json", headers={"cache-control": "no-store"})

    def board(request: Request) -> Response:
        try:
            person = _asking(server(), request).person
            answer = _BOARD.dump_json(server().challenges.board(person, request.path_params["id"]))
        except (NotAllowed, ChallengeNotFound, StoreBusy) as error:  # after a busy one the browser asks again
            return JSONResponse({"error": str(error)}, status_code=_status(error))
        return Response(answer, media_type="application/json", headers={"cache-control": "no-store"})

    async def stage(request: Request) -> Response:  # every page of a class asks: no thread is taken for it
        return JSONResponse({"version": server().news}, headers={"cache-control": "no-store"})

    def plotly_js(request: Request) -> Response:
        script = Path(str(files("plotly") / "package_data" / "plotly.min.js"))
        return FileResponse(script, media_type="text/javascript", headers=_FOR_EVER)

    def module(request: Request) -> Response:
        file = modules.find(request.path_params["version"], request.path_params["path"])
        if file is None:
            return JSONResponse({"error": "There is no such module of this version."}, status_code=404)
        return FileResponse(file, media_type="text/javascript", headers=_FOR_EVER)

    async def write(request: Request) -> Response:
        id, query = request.path_params["id"], request.query_params

        def tell(error: PlaygroundError) -> str:
            return explain(error, request.headers.get("accept-language", "en"))

        def begin() -> tuple[str, Iterator[str]]:
            _asking(server(), request).require(Action.WRITE, id)
            lines = written(server().manager, text_service(), id, query, tell)
            return next(lines), lines  # the prefix, which costs nothing, does not wait for a turn of its own

        async def lines(first: str, more: Iterator[str]) -> AsyncIterator[str]:
            yield first
            async for line in text.lines(more):
                yield line

        here = server()
        most = here.manager.store.settings.get().writing_per_person if here.classroom.is_class else None
        try:
            text = turns.admit(request.headers.get(PERSON_HEADER), most)
        except TooManyWriters as error:
            return _too_many(error)
        try:
            begun = await text.run(begin)
        except PlaygroundError as error:
            text.close()
            return JSONResponse({"error": tell(error)}, status_code=_status(error))
        return StreamingResponse(
            lines(*begun), media_type="application/x-ndjson", headers={"cache-control": "no-store"}
        )

    prefix = f"/{base_path.strip('/')}".rstrip("/")  # a Mount there would hide Streamlit's own routes
    return [
        Route(prefix + "/api/runs/{id}/history", own_pages_only(history)),
        Route(prefix + "/api/runs/{id}/write", own_pages_only(write)),
        Route(prefix + "/api/wall", own_pages_only(wall)),
        Route(prefix + "/api/challenges/{id}/board", own_pages_only(board)),
        Route(prefix + "/api/stage", own_pages_only(stage)),
        Route(prefix + PLOTLY_PATH, own_pages_only(plotly_js)),
        Route(prefix + "/js/{version}/{path:path}", own_pages_only(module)),
    ]


def _asking(server: Server, request: Request) -> PersonalRuns:
    """The runs as whoever asks may see them; raises NotAllowed where the code of the class is missing."""
    runs = server.runs_of(request.headers.get(PERSON_HEADER))
    server.classroom.require_joined(runs.person)
    return runs


def _status(error: PlaygroundError) -> int:
    """HTTP's number for what was refused."""
    kinds = {NotAllowed: 403, RunNotFound: 404, ChallengeNotFound: 404, StoreBusy: 503}
    return next((status for kind, status in kinds.items() if isinstance(error, kind)), 400)


def _too_many(error: TooManyWriters) -> Response:
    sentence = f"Many texts are being written at the moment. Ask again in {error.retry_after} s."
    if error.of_person is not None:
        sentence = (
            f"Texts that are being written for you: {error.of_person}, the most at the same time. "
            f"Ask again in {error.retry_after} s."
        )
    return JSONResponse({"error": sentence}, status_code=429, headers={"retry-after": str(error.retry_after)})


def middleware(
    hosts: AllowedHosts, identity: Callable[[], Identity] = Identity.alone, base_path: str = ""
) -> list[Middleware]:
    """The middleware, outermost first.

    Args:
        hosts: The names that the server answers for.
        identity: Tells how people are told apart; called at the first request.
        base_path: Where the server lives.
    """
    return [Middleware(SecurityHeaders), Middleware(HostGuard, hosts), Middleware(Door, identity, base_path)]


class SecurityHeaders:
    """Adds headers that tell a browser to guess nothing and to keep run links to itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; change only the answer's headers."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_HEADERS.items()]
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)
