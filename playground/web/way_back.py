"""After a log-in a browser comes back to the page that it was opened with: a link to a run, or the teacher's."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from playground.identity import Identity
from playground.oidc import CALLBACK

LINK = "playground_link"
"""The cookie that holds a link, for the minutes of a log-in."""
_SECONDS = 600
_LONGEST = 2_500
_OWN = re.compile(r"/(?![/\\])[!-\[\]-~]*")
"""A place on this server, and on no other: browsers read `//` and `/\\` as another's name."""


class WayBack:
    """Keeps the link of a page whose reader has to log in first, and sends them there when they have.

    Args:
        app: Answers.
        identity: Tells how people are told apart; called at each request.
        base_path: Where the server lives.
    """

    def __init__(self, app: ASGIApp, identity: Callable[[], Identity], base_path: str = "") -> None:
        self.app = app
        self._identity = identity
        self._home = f"/{base_path.strip('/')}".rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; change only the headers of the answers that begin and end a log-in."""
        oidc = self._identity().oidc if scope["type"] == "http" and scope["method"] == "GET" else None
        if oidc is None:
            await self.app(scope, receive, send)
            return
        cookies = HTTPConnection(scope).cookies
        link = self._link(cookies.get(LINK, ""))
        opens_page = oidc.secret(cookies) is None and "text/html" in Headers(scope=scope).get("accept", "")

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message["headers"]))
                if scope["path"] == self._home + CALLBACK:
                    self._send_back(scope, message["status"], headers, link)
                elif opens_page and (message["status"] == 304 or _is_page(message["status"], headers)):
                    self._keep(scope, headers, link)
                message = {**message, "headers": headers.raw}
            await send(message)

        await self.app(scope, receive, sending)

    def _keep(self, scope: Scope, headers: MutableHeaders, before: str | None) -> None:
        """The page that was opened last counts, also where it is none to come back to."""
        query = scope["query_string"].decode("latin-1")
        link = scope.get("raw_path", b"").decode("latin-1") + (f"?{query}" if query else "")
        kept = base64.urlsafe_b64encode(link.encode("latin-1")).decode()
        if self._link(kept):
            self._set_cookie(scope, headers, kept, _SECONDS)
        elif before is not None:
            self._set_cookie(scope, headers, "", 0)

    def _send_back(self, scope: Scope, status: int, headers: MutableHeaders, link: str | None) -> None:
        """Streamlit sends every log-in to the first page."""
        if link is None or status != 302 or headers.get("location", "").rstrip("/") != self._home:
            return
        headers["location"] = link
        self._set_cookie(scope, headers, "", 0)

    def _set_cookie(self, scope: Scope, headers: MutableHeaders, value: str, seconds: int) -> None:
        path, is_safe = self._home or "/", "; Secure" if scope.get("scheme") == "https" else ""
        headers.append(
            "set-cookie", f"{LINK}={value}; Max-Age={seconds}; Path={path}; HttpOnly; SameSite=Lax{is_safe}"
        )

    def _link(self, kept: str) -> str | None:
        """What a cookie holds, if it is a place on this server."""
        try:
            link = base64.b64decode(kept, altchars=b"-_", validate=True).decode("ascii")
        except (binascii.Error, UnicodeDecodeError, ValueError):
            return None
        is_own = len(link) <= _LONGEST and _OWN.fullmatch(link) and link.startswith(f"{self._home}/")
        return link if is_own else None


def _is_page(status: int, headers: Headers) -> bool:
    return status == 200 and headers.get("content-type", "").startswith("text/html")
