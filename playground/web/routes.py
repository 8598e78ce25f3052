"""Routes and middleware that stand beside the pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path

from pydantic import TypeAdapter
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from playground.errors import ChallengeNotFound, NotAllowed, PlaygroundError, RunNotFound, StoreBusy
from playground.figures.theme import PLOTLY_PATH
from playground.identity import Identity
from playground.modules import Modules
from playground.records import Board
from playground.records.wall import WallView
from playground.runs.server import Server
from playground.services.copies import CopyService
from playground.services.text import TextService
from playground.web.asking import asking, status
from playground.web.door import Door
from playground.web.guards import AllowedHosts, HostGuard, own_pages_only
from playground.web.history import run_history, to_json
from playground.web.way_back import WayBack
from playground.web.write_route import write_route
from playground.web.writers import Writers

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
    copy_service: Callable[[], CopyService],
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
        copy_service: Gives the one that tells what of a written text is copied.
        modules: The panels' JavaScript.
        base_path: Where the server lives, such as `rnn/class1`; Streamlit leaves an app's own routes at the root.
        writers: Whoever may let a network write at the same time; None takes as many as this machine bears.
        explain: Says what is wrong in a browser's language, such as `zh-CN`.
    """

    def history(request: Request) -> Response:
        after = request.query_params.get("after", "0")
        if not after.isdecimal() or len(after) > 15:
            return JSONResponse({"error": "after is a whole number from 0."}, status_code=400)
        try:
            id = asking(server(), request).get(request.path_params["id"]).id
            answer = to_json(run_history(server().manager, id, int(after)))
        except (NotAllowed, RunNotFound, StoreBusy) as error:  # after a busy one the browser asks again
            return JSONResponse({"error": str(error)}, status_code=status(error))
        return Response(answer, media_type="application/json")

    def wall(request: Request) -> Response:
        since = request.query_params.get("since", "0")
        if not since.isdecimal() or len(since) > 15:
            return JSONResponse({"error": "since is a whole number from 0."}, status_code=400)
        try:
            person = asking(server(), request).person
            answer = _WALL.dump_json(server().wall.look(person, int(since)))
        except (NotAllowed, StoreBusy) as error:  # after a busy one the browser asks again
            return JSONResponse({"error": str(error)}, status_code=status(error))
        return Response(answer, media_type="application/json", headers={"cache-control": "no-store"})

    def board(request: Request) -> Response:
        try:
            person = asking(server(), request).person
            answer = _BOARD.dump_json(server().challenges.board(person, request.path_params["id"]))
        except (NotAllowed, ChallengeNotFound, StoreBusy) as error:  # after a busy one the browser asks again
            return JSONResponse({"error": str(error)}, status_code=status(error))
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

    write = write_route(server, text_service, copy_service, writers or Writers(), explain)
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


def middleware(
    hosts: AllowedHosts, identity: Callable[[], Identity] = Identity.alone, base_path: str = ""
) -> list[Middleware]:
    """The middleware, outermost first.

    Args:
        hosts: The names that the server answers for.
        identity: Tells how people are told apart; called at the first request.
        base_path: Where the server lives.
    """
    told = cache(identity)
    return [
        Middleware(SecurityHeaders),
        Middleware(HostGuard, hosts),
        Middleware(Door, told, base_path),
        Middleware(WayBack, told, base_path),
    ]


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
