"""Who asks: told once, at the door, by a cookie of ours, a header of a trusted proxy, or Streamlit's cookie of a log-in.

The door writes the answer, a hash, into the request itself (`PERSON_HEADER`), after it has taken out whatever the
browser had put there; so pages (`st.context.headers`) and our own routes read the same, and neither sees the cookie's
value or the proxy's words.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Collection
from functools import cached_property
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from playground.identity import PERSON_HEADER, Identity, person_id

COOKIE = "playground_person"
_COOKIE_SECONDS = 400 * 86_400
"""As long as browsers keep one; each visit begins it anew."""
_SECRET = re.compile(r"[0-9a-f]{32}")


class Door:
    """Tells of every request whose it is, and gives a browser that has none a cookie with its first page."""

    def __init__(self, app: ASGIApp, identity: Callable[[], Identity], base_path: str = "") -> None:
        self.app = app
        self._told = identity
        self.path = f"/{base_path.strip('/')}"

    @cached_property
    def identity(self) -> Identity:
        """How people are told apart."""
        return self._told()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with the person in its headers."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        secret = self._secret(scope, headers)
        name = PERSON_HEADER.encode()
        kept = [(key, value) for key, value in scope["headers"] if key.lower() != name]
        told = [(name, person_id(secret).encode())] if secret else []
        scope = {**scope, "headers": [*kept, *told]}
        if secret and self._gives_cookie(scope, headers):
            await self.app(scope, receive, _with_cookie(send, self._cookie(secret, scope)))
        else:
            await self.app(scope, receive, send)

    def _secret(self, scope: Scope, headers: Headers) -> str | None:
        """What tells who asks, never kept nor logged."""
        if not self.identity.is_class:
            return None
        if self.identity.header is not None:
            client = scope.get("client")
            named = headers.getlist(self.identity.header)
            if len(named) != 1 or not self.identity.trusts(client[0] if client else None):
                return None
            name = named[0].strip().casefold()
            return f"{self.identity.header}:{name}" if name else None
        if self.identity.oidc is not None:  # read as Streamlit reads it, so that both mean the same cookie
            return self.identity.oidc.secret(HTTPConnection(scope).cookies)
        found = _cookie_of(headers.getlist("cookie"))
        if found is None and _is_page(scope, headers):
            return secrets.token_hex(16)
        return found

    def _gives_cookie(self, scope: Scope, headers: Headers) -> bool:
        return self.identity.gives_cookie and _is_page(scope, headers)

    def _cookie(self, secret: str, scope: Scope) -> str:
        is_safe = "; Secure" if scope.get("scheme") == "https" else ""
        return (
            f"{COOKIE}={secret}; Max-Age={_COOKIE_SECONDS}; Path={self.path}; HttpOnly; SameSite=Lax{is_safe}"
        )


def _is_page(scope: Scope, headers: Headers) -> bool:
    """A browser opens a page: everything else comes after it, with its cookie."""
    return scope["type"] == "http" and scope["method"] == "GET" and "text/html" in headers.get("accept", "")


def _cookie_of(lines: Collection[str]) -> str | None:
    """Our cookie, if it is one that we gave."""
    for line in lines:
        jar: SimpleCookie = SimpleCookie()
        try:
            jar.load(line)
        except CookieError:
            continue
        if COOKIE in jar and _SECRET.fullmatch(jar[COOKIE].value):
            return jar[COOKIE].value
    return None


def _with_cookie(send: Send, cookie: str) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (b"set-cookie", cookie.encode())]}
        await send(message)

    return sending
