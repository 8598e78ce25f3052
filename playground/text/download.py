"""One file over HTTP, whole and checked, or one sentence that says why not."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from http.client import HTTPException

from playground.errors import DownloadError
from playground.reasons import reason_of
from playground.text.decoding import MAX_BYTES


def fetch(url: str, *, sha1: str, host: str, timeout: float = 15.0) -> bytes:
    """Download a small file and compare its SHA-1.

    Args:
        url: The address of the file, http or https.
        sha1: The checksum that the file must have, hexadecimal.
        host: The name of the server for messages.
        timeout: Seconds to wait for each answer.

    Raises:
        DownloadError: Unreachable, refused, broken off, too long, or another file.
    """
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer:
            data: bytes = answer.read(MAX_BYTES + 1)
            promised = answer.headers.get("Content-Length")
    except urllib.error.HTTPError as error:
        error.close()
        raise DownloadError(
            "{host} answered {code} instead of the text. Try again later, or choose a bundled text.",
            host=host,
            code=error.code,
        ) from None
    except (OSError, HTTPException) as error:
        raise DownloadError(
            "{host} cannot be reached ({reason}). Check the network and try again, or choose a bundled text.",
            host=host,
            reason=reason_of(error),
        ) from None
    if promised is not None and len(data) < int(promised):
        raise DownloadError(
            "The transfer from {host} broke off after {got:,} of {promised:,} bytes. Try again.",
            host=host,
            got=len(data),
            promised=int(promised),
        )
    checksum = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    if checksum != sha1:
        raise DownloadError(
            "The file from {host} is not the expected text (SHA-1 {found}, expected {expected}), "
            "so it was not kept. Try again later, or choose a bundled text.",
            host=host,
            found=checksum[:12],
            expected=sha1[:12],
        )
    return data
