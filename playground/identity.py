"""How the people of a server are told apart."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from playground.errors import ConfigError
from playground.oidc import Oidc, account_secret, called
from playground.records import Account
from playground.server_settings import ServerSettings

PERSON_HEADER = "x-playground-person"
"""Holds a person's id, a hash, inside the server; absent where nobody is told."""
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
"""A server that answers for no other is for whoever sits at its machine."""
Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Identity:
    """How people are told apart.

        >>> settings = ServerSettings(identity="header:X-Auth-Request-Email", trusted_proxies="127.0.0.1, 10.0.0.0/8")
        >>> Identity.of(settings, is_alone=False).header
        'x-auth-request-email'
        >>> Identity.of(ServerSettings(), is_alone=True).is_class
        False

    Args:
        is_class: They are; else everybody is the machine's owner.
        header: The header in which a proxy names people; None: by our cookie.
        proxies: The addresses whose headers are believed.
        oidc: Where people log in; None: they do not.
    """

    is_class: bool
    header: str | None = None
    proxies: Sequence[Network] = ()
    oidc: Oidc | None = None

    @classmethod
    def of(
        cls, settings: ServerSettings, *, is_alone: bool, auth: Mapping[str, object] | None = None
    ) -> Identity:
        """As a server was told.

        Args:
            settings: `identity` and `trusted_proxies` of them.
            is_alone: It listens on its own machine only, and answers for no other name.
            auth: What Streamlit was told of log-ins, where the settings ask for them.

        Raises:
            ConfigError: A header that would be believed from nobody, or log-ins that would fail.
        """
        kind, _, name = (settings.identity or ("none" if is_alone else "cookie")).partition(":")
        if kind == "oidc":
            return cls(True, oidc=Oidc.of(auth))
        if kind != "header":
            return cls(kind == "cookie")
        words = (word.strip() for word in settings.trusted_proxies.split(","))
        proxies = tuple(ip_network(word, strict=False) for word in words if word)
        if not proxies:
            raise ConfigError(
                "PLAYGROUND_IDENTITY names the header {header}, so PLAYGROUND_TRUSTED_PROXIES has to name the "
                "addresses that it is believed from, such as 127.0.0.1.",
                header=name,
            )
        return cls(True, name.lower(), proxies)

    @classmethod
    def alone(cls) -> Identity:
        """Everybody is the machine's owner."""
        return cls(is_class=False)

    @property
    def gives_cookie(self) -> bool:
        """A browser that has none is given a cookie of ours."""
        return self.is_class and self.header is None and self.oidc is None

    def require_true_addresses(self, environ: Mapping[str, str] = os.environ) -> None:
        """Make sure that a request's address is that of whoever sent it, where a header is believed by it.

        uvicorn takes the address that a proxy forwards instead, unless it is told before it starts to trust none:
        then anybody could forward a trusted one, and a proxy on this machine would not be known by its own.

        Args:
            environ: The variables that the server was started with.

        Raises:
            ConfigError: It is not told so.
        """
        if self.header is not None and environ.get("FORWARDED_ALLOW_IPS") != "":
            raise ConfigError(
                "PLAYGROUND_IDENTITY names a header, so FORWARDED_ALLOW_IPS has to be set, and empty "
                "(FORWARDED_ALLOW_IPS=): a request's address is then its sender's, and not what was forwarded."
            )

    def trusts(self, client: str | None) -> bool:
        """Whether a header from this address is believed."""
        try:
            address = ip_address(client or "")
        except ValueError:
            return False
        address = getattr(address, "ipv4_mapped", None) or address
        return any(address in network for network in self.proxies)


def person_id(secret: str) -> str:
    """A person's id: what is kept, and may be shown.

    Args:
        secret: What tells them: their cookie, their account, or a proxy's word.
    """
    return hashlib.sha256(b"playground person " + secret.encode("utf-8", "replace")).hexdigest()[:32]


def account_of(claims: Mapping[str, object]) -> Account | None:
    """Whoever has logged in; None where their provider does not say who that is.

    Args:
        claims: What the provider tells of them, as Streamlit has checked it.
    """
    secret = account_secret(claims)
    return None if secret is None else Account(person_id(secret), called(claims))
