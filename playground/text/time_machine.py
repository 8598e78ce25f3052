"""The Time Machine as d2l has it: what it is known by, and where it is to be had."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from urllib.parse import urlparse

from playground.errors import DownloadError, Told
from playground.text.download import fetch

TITLE = "The Time Machine"
FILE = "timemachine.txt"
SHA1 = "090b5e7e70c295757f55df93cb0a180b9691891a"
_COPY = "https://{host}/d2l-ai/d2l-zh{at}592fbef84a684e752393edbf267c07dbc53e082b/data/timemachine.txt"
URLS: tuple[str, ...] = (
    "http://d2l-data.s3-accelerate.amazonaws.com/timemachine.txt",
    "https://d2l-data.s3.amazonaws.com/timemachine.txt",
    _COPY.format(host="cdn.jsdelivr.net/gh", at="@"),
    _COPY.format(host="raw.githubusercontent.com", at="/"),
)
"""d2l's own address, the same without the accelerator, and d2l-zh's repository at the last commit that had the file,
through a network of mirrors and directly. Whatever one of them sends, `SHA1` decides."""
_PATIENCE = 8.0
"""Seconds that each address may be silent: there are others."""


def recognise(text: str) -> str | None:
    """The book, if a text is the book: an editor or the clipboard may have changed its line ends, and the last of them."""
    for candidate in (text, text.strip() + "\n"):
        if hashlib.sha1(candidate.encode(), usedforsecurity=False).hexdigest() == SHA1:
            return candidate
    return None


def fetch_from(urls: Sequence[str], sha1: str) -> bytes:
    """The book from the first address that has it.

    Args:
        urls: The addresses, in the order in which they are asked.
        sha1: The checksum that decides.

    Raises:
        DownloadError: None of them sends it; a single address's own reason where there is one.
    """
    problems: list[DownloadError] = []
    for url in urls:
        try:
            return fetch(url, sha1=sha1, host=urlparse(url).netloc, timeout=_PATIENCE)
        except DownloadError as error:
            problems.append(error)
    if len(problems) == 1:
        raise problems[0]
    raise DownloadError(
        "None of {count} addresses sends The Time Machine ({hosts}). Check the network and fetch again, upload "
        "{file} yourself, put it into a folder that PLAYGROUND_CORPORA names, or choose a bundled text.",
        count=len(problems),
        hosts=_briefly(problems),
        file=FILE,
    )


def _briefly(problems: Sequence[DownloadError]) -> tuple[Told, ...]:
    """What each host did; hosts that did the same stand together."""
    hosts: dict[str, list[str]] = {}
    for problem in problems:
        params = problem.params
        did = f"{params['got']:,} / {params['promised']:,} B" if "promised" in params else ""
        did = did or str(params.get("code") or params.get("reason") or f"SHA-1 {params['found']}")
        hosts.setdefault(did, []).append(str(params["host"]))
    return tuple(Told(" · ".join(names), did) for did, names in hosts.items())
