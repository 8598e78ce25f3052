"""Where a class finds its server."""

from __future__ import annotations

import socket
from ipaddress import ip_address

import psutil

_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104


def class_addresses(listens: str, port: int, base_path: str = "", scheme: str = "http") -> list[str]:
    """The addresses in digits under which others find a server that listens everywhere; else none.

    They are this machine's own, as it knows them: nobody else is asked.

        >>> class_addresses("localhost", 8501)
        []

    Args:
        listens: The address that it listens at.
        port: Its port.
        base_path: Where it lives there, such as `rnn/class1`.
        scheme: `http` or `https`.
    """
    if listens not in _EVERYWHERE:
        return []
    found = [
        address.address
        for addresses in psutil.net_if_addrs().values()
        for address in addresses
        if address.family == socket.AF_INET and not _is_own_only(address.address)
    ]
    return [f"{scheme}://{address}:{port}{_path(base_path)}" for address in found]


def own_address(listens: str, port: int, base_path: str = "", scheme: str = "http") -> str:
    """The address under which this machine finds its own server.

        >>> own_address("localhost", 8501, "rnn")
        'http://localhost:8501/rnn'

    Args:
        listens: The address that it listens at.
        port: Its port.
        base_path: Where it lives there, such as `rnn/class1`.
        scheme: `http` or `https`.
    """
    host = "localhost" if listens in _EVERYWHERE else f"[{listens}]" if ":" in listens else listens
    return f"{scheme}://{host}:{port}{_path(base_path)}"


def _path(base_path: str) -> str:
    return f"/{base_path.strip('/')}" if base_path.strip("/") else ""


def _is_own_only(address: str) -> bool:
    read = ip_address(address)
    return read.is_loopback or read.is_link_local
