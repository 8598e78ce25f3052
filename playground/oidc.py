"""Logging in at a provider (OpenID Connect), which Streamlit does: what it has to be told, and how we know it again.

Streamlit keeps a log-in in a cookie that it signs. Pages read what is in it as `st.user`; to everybody else it is a word
that nobody can guess, which tells one log-in from another.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeGuard

from itsdangerous import BadData, URLSafeTimedSerializer

from playground.errors import ConfigError

COOKIE = "_streamlit_user"
"""What Streamlit calls its cookie; a long one goes on in `_streamlit_user_1` and so on."""
CALLBACK = "/oauth2callback"
"""Where a provider sends a browser back to."""
_SPLIT = re.compile(r"chunks-([0-9]{1,3})")
_LIBRARY = "authlib.integrations.starlette_client"
_OF_ALL = ("redirect_uri", "cookie_secret")
_OF_A_PROVIDER = ("client_id", "client_secret", "server_metadata_url")
_SHORTEST_SECRET = 32


@dataclass(frozen=True)
class Oidc:
    """Where people log in.

    Args:
        providers: Their names in Streamlit's secrets; empty for one without a name.
        cookie_secret: Signs Streamlit's cookie.
    """

    providers: tuple[str, ...]
    cookie_secret: str = field(repr=False)

    @classmethod
    def of(cls, auth: Mapping[str, object] | None) -> Oidc:
        """As Streamlit was told.

        Args:
            auth: The section `[auth]` of its secrets; None where there is none.

        Raises:
            ConfigError: Something is missing that a log-in would fail without.
        """
        if not auth:
            raise ConfigError(
                "PLAYGROUND_IDENTITY is oidc, so .streamlit/secrets.toml has to have a section [auth] with {names}.",
                names=", ".join(_OF_ALL + _OF_A_PROVIDER),
            )
        providers: dict[str, Mapping[str, object]] = {
            name: value for name, value in auth.items() if _is_provider(value)
        }
        if not providers or any(name in auth for name in _OF_A_PROVIDER):
            providers = {"": auth, **providers}
        missing = [name for name in _OF_ALL if not _text(auth.get(name))]
        for provider, section in providers.items():
            lacks = [name for name in _OF_A_PROVIDER if not _text(section.get(name))]
            missing += [f"{provider}.{name}" if provider else name for name in lacks]
        if missing:
            raise ConfigError(
                "The section [auth] of .streamlit/secrets.toml lacks {names}.", names=", ".join(missing)
            )
        wrong = next((provider for provider in providers if "_" in provider), None)
        if wrong is not None:
            raise ConfigError(
                "The provider {name} in .streamlit/secrets.toml has to have a name without _.", name=wrong
            )
        if not _text(auth["redirect_uri"]).endswith(CALLBACK):
            raise ConfigError(
                "redirect_uri in .streamlit/secrets.toml has to be the server's own address and end with {end}.",
                end=CALLBACK,
            )
        secret = _text(auth["cookie_secret"])
        if len(secret) < _SHORTEST_SECRET:  # who finds it out can log in as anybody
            raise ConfigError(
                "cookie_secret in .streamlit/secrets.toml has {count} characters; give at least {least}, drawn at random.",
                count=len(secret),
                least=_SHORTEST_SECRET,
            )
        return cls(tuple(providers), secret)

    def require_library(self, find: Callable[[str], object] = importlib.import_module) -> None:
        """Make sure that Streamlit will find what it logs people in with.

        Args:
            find: Imports a module.

        Raises:
            ConfigError: It is not installed.
        """
        try:
            find(_LIBRARY)
        except ImportError as error:
            raise ConfigError(
                "PLAYGROUND_IDENTITY is oidc, which needs a library that is not installed ({reason}): "
                'pip install "streamlit[auth]".',
                reason=str(error),
            ) from None

    def secret(self, cookies: Mapping[str, str]) -> str | None:
        """What tells a browser that has logged in; never kept nor logged. None where nobody has.

        It is what Streamlit has signed, and no more: a cookie beside it, or the signature written in another way, would
        be another browser, which has not logged out. Whom it is of, a page knows. Another `cookie_secret`, by which
        Streamlit forgets all log-ins, makes other words of all cookies.

        Args:
            cookies: The browser's cookies, by name.
        """
        signed = self._signed(COOKIE, cookies)
        split = None if signed is None else _SPLIT.fullmatch(signed[0])
        if signed is None or split is None:
            return None if signed is None else json.dumps([self.cookie_secret, signed])
        parts = [self._signed(f"{COOKIE}_{n}", cookies) for n in range(1, int(split[1]) + 1)]
        return None if None in parts else json.dumps([self.cookie_secret, signed, parts])

    def _signed(self, name: str, cookies: Mapping[str, str]) -> tuple[str, str] | None:
        """What a cookie of Streamlit's holds, and when it was signed."""
        signs = URLSafeTimedSerializer(self.cookie_secret, salt=name)  # as Streamlit does
        try:
            value, at = signs.loads(cookies.get(name, ""), return_timestamp=True)
        except BadData:
            return None
        return str(value), at.isoformat()


def account_secret(claims: Mapping[str, object]) -> str | None:
    """What tells an account from all others; None where a provider says too little for that.

    Args:
        claims: What the provider tells of whoever has logged in. `sub` is unique for one `iss` only.
    """
    issuer, subject = _text(claims.get("iss")), _text(claims.get("sub"))
    return json.dumps(["oidc", issuer, subject]) if issuer and subject else None


def called(claims: Mapping[str, object]) -> str:
    """What a provider calls somebody: the name that they are called by, before the whole one.

    Args:
        claims: What the provider tells of whoever has logged in.
    """
    return _text(claims.get("given_name")) or _text(claims.get("name"))


def _is_provider(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, Mapping) and any(name in value for name in _OF_A_PROVIDER)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
