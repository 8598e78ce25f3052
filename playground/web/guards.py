"""Who may ask: names that this server answers for, and pages of its own.

A page of somebody else's cannot read what we answer, but its name may be pointed at this machine after it has been
opened (DNS rebinding): then the browser takes us for its server. So a name that is not ours gets neither the page nor
its websocket. An address in digits cannot be pointed elsewhere.
"""

from __future__ import annotations

import inspect
import re
import socket
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_NAME = re.compile(r"[a-z0-9]([a-z0-9_.-]{0,252}[a-z0-9])?|[0-9a-f:.]{2,45}")
OWN_HEADERS = {
    "content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
    "cross-origin-resource-policy": "same-origin",
}
"""Of our own routes: nothing that they answer is a page, and no other site can use it."""


@dataclass(frozen=True)
class AllowedHosts:
    """The names that a server answers for.

        >>> AllowedHosts(machine="desk").answers_for("desk:8501"), AllowedHosts().answers_for("evil.example")
        (True, False)
        >>> AllowedHosts(named=["*.school.example"]).answers_for("rnn.school.example")
        True

    Args:
        named: As in Streamlit's `server.allowedHosts`: these and no others, `*.` before all below a name, `*` all.
            Where there are none: `localhost`, every address in digits, this machine's own name and `shown`.
        shown: As in Streamlit's `browser.serverAddress` and `server.address`: what people have in their address bars.
        origins: As in Streamlit's `server.corsAllowedOrigins`: other sites whose pages may open a websocket; `*` all.
        machine: This machine's name.
    """

    named: Collection[str] = ()
    shown: Collection[str] = ()
    origins: Collection[str] = ()
    machine: str = field(default_factory=socket.gethostname)

    def answers_for(self, host: str | None) -> bool:
        """Whether a `Host` header names this server."""
        name = _name(f"//{host}")
        if name is None or "@" in (host or ""):
            return False
        if self.named:
            return any(_fits(name, pattern.strip().lower().rstrip(".")) for pattern in self.named)
        return name in self._usual() or _is_address(name)

    def _usual(self) -> set[str]:
        machine = self.machine.lower().rstrip(".")
        short = machine.partition(".")[0]
        return {*_LOCAL, machine, short, f"{short}.local", *map(str.lower, self.shown)}

    def welcomes(self, origin: str | None, host: str | None) -> bool:
        """Whether a page of this origin may open a websocket; a program sends no origin."""
        if origin is None:
            return True
        if _place(origin) == (host or "").lower():
            return True
        name = _name(origin)
        known = {origin.rstrip("/").lower() for origin in self.origins}
        return name in {*_LOCAL, *map(str.lower, self.shown)} or bool({origin.lower(), "*"} & known)


class HostGuard:
    """Refuses what is asked under a name that is not this server's, pages and websockets alike.

    A websocket from another site's page is refused here too: Streamlit would ask the internet for this machine's
    own address first.
    """

    def __init__(self, app: ASGIApp, hosts: AllowedHosts) -> None:
        self.app = app
        self.hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host = headers.get("host")
        if scope["type"] == "websocket":
            if self.hosts.answers_for(host) and self.hosts.welcomes(headers.get("origin"), host):
                await self.app(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 1008, "reason": ""})
        elif self.hosts.answers_for(host):
            await self.app(scope, receive, send)
        else:
            await _misdirected(host)(scope, receive, send)


def _misdirected(host: str | None) -> Response:
    name = _name(f"//{host}")
    if name is None:
        return PlainTextResponse("The request does not say for which server it is (Host).", status_code=400)
    return PlainTextResponse(
        f"This server does not answer for the name {name}. If it is its name, start it with "
        f"--server.allowedHosts={name}.",
        status_code=421,
    )


def own_pages_only(answer: Callable[[Request], Any]) -> Callable[[Request], Any]:
    """A route that pages of other sites cannot ask; what it answers has `OWN_HEADERS`.

    Args:
        answer: The route; one that waits for something is a coroutine and stays one, the others get a thread each.
    """
    if inspect.iscoroutinefunction(answer):

        async def guarded_coroutine(request: Request) -> Response:
            return _own(_refused(request) or await answer(request))

        return guarded_coroutine

    def guarded(request: Request) -> Response:
        return _own(_refused(request) or answer(request))

    return guarded


def _refused(request: Request) -> Response | None:
    if not is_of_another_site(request):
        return None
    error = {"error": "A page of another site asked for this. Open the playground itself."}
    return JSONResponse(error, status_code=403)


def _own(response: Response) -> Response:
    response.headers.update(OWN_HEADERS)
    return response


def is_of_another_site(request: Request) -> bool:
    """Whether a browser asks for a page of another origin.

    Browsers tell it where they trust the connection (localhost and https); elsewhere the origin tells. A program
    tells neither.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and _place(origin) != request.headers.get("host", "").lower()


def _place(address: str) -> str | None:
    """Host and port of an address, in small letters; None where it is none."""
    try:
        return urlsplit(address).netloc.lower()
    except ValueError:
        return None


def _name(address: str) -> str | None:
    """The host in an address, in small letters; None where it is none."""
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises where it is none
        name = (parts.hostname or "").rstrip(".")
    except ValueError:
        return None
    has_more = parts.path.strip("/") or parts.query or parts.fragment
    return None if has_more or not _NAME.fullmatch(name) else name


def _fits(name: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return name.endswith(pattern[1:])
    return pattern in ("*", name)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
