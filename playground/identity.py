"""How the people of a server are told apart."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from playground.errors import ConfigError

PERSON_HEADER = "x-playground-person"
"""Holds a person's id, a hash, inside the server; absent where nobody is told."""
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
"""A server that answers for no other is for whoever sits at its machine."""
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")
Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Identity:
    """How people are told apart.

        >>> Identity.parse("header:X-Auth-Request-Email", "127.0.0.1, 10.0.0.0/8").header
        'x-auth-request-email'
        >>> Identity.parse(None, "", is_alone=True).is_class
        False

    Args:
        is_class: They are; else everybody is the machine's owner.
        header: The header in which a proxy names people; None: by our cookie.
        proxies: The addresses whose headers are believed.
    """

    is_class: bool
    header: str | None = None
    proxies: Sequence[Network] = ()

    @classmethod
    def parse(cls, how: str | None, proxies: str = "", *, is_alone: bool = False) -> Identity:
        """Read `PLAYGROUND_IDENTITY` and `PLAYGROUND_TRUSTED_PROXIES`.

        Args:
            how: `none`, `cookie`, or `header:` and a name; None: `none` where the server is for this machine alone.
            proxies: Addresses and networks, with commas between.
            is_alone: The server listens on this machine only, and answers for no other name.

        Raises:
            ConfigError: Neither of these.
        """
        how = (how or ("none" if is_alone else "cookie")).strip()
        kind, _, name = how.partition(":")
        if kind in ("none", "cookie") and not name:
            return cls(kind == "cookie")
        if kind != "header" or not _HEADER_NAME.fullmatch(name):
            raise ConfigError(
                "PLAYGROUND_IDENTITY is {value}; give none, cookie, or header: and the name of a header.",
                value=repr(how[:60]),
            )
        trusted = _networks(proxies)
        if not trusted:
            raise ConfigError(
                "PLAYGROUND_IDENTITY names the header {header}, so PLAYGROUND_TRUSTED_PROXIES has to name the "
                "addresses that it is believed from, such as 127.0.0.1.",
                header=name,
            )
        return cls(True, name.lower(), trusted)

    @classmethod
    def alone(cls) -> Identity:
        """Everybody is the machine's owner."""
        return cls(is_class=False)

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
        secret: What tells them: their cookie, or a proxy's word.
    """
    return hashlib.sha256(b"playground person " + secret.encode("utf-8", "replace")).hexdigest()[:32]


def _networks(text: str) -> tuple[Network, ...]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    try:
        return tuple(ip_network(word, strict=False) for word in words)
    except ValueError:
        raise ConfigError(
            "PLAYGROUND_TRUSTED_PROXIES is {value}; give addresses or networks with commas between, such as "
            "127.0.0.1, 10.0.0.0/8.",
            value=repr(text[:100]),
        ) from None
