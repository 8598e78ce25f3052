"""A minimal OpenID Connect provider for tests: whoever comes says who they are, and is believed."""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.helpers import free_port, until

CLIENT, CLIENT_SECRET = "playground", "between-the-two-of-us"


@dataclass
class Provider:
    """Its people are a `sub` each, with what it tells of them.

    Args:
        people: `sub` → more claims.
        port: Where it listens, on this machine.
    """

    people: Mapping[str, Mapping[str, str]]
    port: int
    _asked: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    """Code → whoever said who they are, the nonce, and the challenge that the code is given out for."""

    def __post_init__(self) -> None:
        self.url = f"http://127.0.0.1:{self.port}"
        self._key = RSAKey.generate_key(2048, {"kid": "of-these-tests"})

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._metadata),
                Route("/jwks", self._jwks),
                Route("/authorize", self._authorize),
                Route("/consent", self._consent),
                Route("/token", self._token, methods=["POST"]),
            ]
        )

    def _metadata(self, request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/jwks",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    def _jwks(self, request: Request) -> Response:
        return JSONResponse({"keys": [self._key.as_dict(private=False)]})

    def _authorize(self, request: Request) -> Response:
        """A page with one link for everybody who has an account."""
        asked = dict(request.query_params)
        assert asked["client_id"] == CLIENT and asked["response_type"] == "code"
        assert "openid" in asked["scope"].split() and asked["code_challenge_method"] == "S256"
        links = "".join(
            f'<p><a href="/consent?{escape(urlencode({**asked, "sub": sub}))}">{escape(sub)}</a></p>'
            for sub in self.people
        )
        return HTMLResponse(f'<link rel="icon" href="data:,"><h1>Who are you?</h1>{links}')

    def _consent(self, request: Request) -> Response:
        asked, code = request.query_params, secrets.token_urlsafe(8)
        self._asked[code] = (asked["sub"], asked["nonce"], asked["code_challenge"])
        back = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", status_code=302)

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        told = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
        assert told == f"{CLIENT}:{CLIENT_SECRET}"
        sub, nonce, challenge = self._asked.pop(str(form["code"]))
        digest = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == challenge
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "sub": sub, "nonce": nonce, "iat": now, "exp": now + 600}
        header = {"alg": "RS256", "kid": self._key.kid}
        token = jwt.encode(header, {**claims, **self.people[sub]}, self._key)
        return JSONResponse(
            {"access_token": secrets.token_urlsafe(8), "token_type": "Bearer", "id_token": token}
        )


@contextmanager
def providing(people: Mapping[str, Mapping[str, str]]) -> Iterator[Provider]:
    """A provider that listens from here to the end."""
    provider = Provider(people, free_port())
    config = uvicorn.Config(provider.app(), "127.0.0.1", provider.port, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started, 10)
        yield provider
    finally:
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive()


def secrets_for(provider: Provider, server: str) -> str:
    """`.streamlit/secrets.toml` of a server at this address whose people log in there."""
    return f"""
[auth]
redirect_uri = "{server}/oauth2callback"
cookie_secret = "{secrets.token_hex(16)}"
client_id = "{CLIENT}"
client_secret = "{CLIENT_SECRET}"
server_metadata_url = "{provider.url}/.well-known/openid-configuration"
"""
