"""Why the operating system, the network or the database said no, in words that a person can use.

A system's own message comes with a number (`[Errno -2] Name or service not known`) and in English alone: the usual
ones are told in a sentence of the catalogue, which a page looks up in its own language.
"""

from __future__ import annotations

import errno
import re
import socket
import sqlite3
import ssl

from playground.errors import gettext_noop

_BY_NUMBER = {
    errno.ENOSPC: gettext_noop("the disk is full"),
    errno.EDQUOT: gettext_noop("the disk is full"),
    errno.EACCES: gettext_noop("writing or reading there is not allowed"),
    errno.EPERM: gettext_noop("writing or reading there is not allowed"),
    errno.EROFS: gettext_noop("the disk can only be read"),
    errno.ENOENT: gettext_noop("there is no such file or folder"),
    errno.ENOTDIR: gettext_noop("a file stands where a folder should be"),
    errno.EISDIR: gettext_noop("a folder stands where a file should be"),
    errno.EEXIST: gettext_noop("something of that name is there already"),
    errno.ENAMETOOLONG: gettext_noop("the name is too long"),
    errno.EMFILE: gettext_noop("too many files are open"),
    errno.ENOMEM: gettext_noop("memory ran out"),
    errno.EIO: gettext_noop("the disk gave an error"),
    errno.ECONNREFUSED: gettext_noop("it refuses the connection"),
    errno.ECONNRESET: gettext_noop("the connection broke off"),
    errno.EPIPE: gettext_noop("the connection broke off"),
    errno.ENETUNREACH: gettext_noop("there is no way to it: this computer seems to be offline"),
    errno.EHOSTUNREACH: gettext_noop("there is no way to it: this computer seems to be offline"),
}
_BY_KIND: tuple[tuple[type[BaseException], str], ...] = (
    (socket.gaierror, gettext_noop("its address was not found: this computer seems to be offline")),
    (TimeoutError, gettext_noop("it did not answer in time")),
    (ssl.SSLCertVerificationError, gettext_noop("its certificate is not trusted")),
    (UnicodeDecodeError, gettext_noop("the file is damaged")),
    (ssl.SSLError, gettext_noop("no safe connection could be made")),
)
_BY_WORDS = (
    ("locked", gettext_noop("another program uses it")),
    ("full", gettext_noop("the disk is full")),
    ("readonly", gettext_noop("the disk can only be read")),
    ("malformed", gettext_noop("the file is damaged")),
    ("not a database", gettext_noop("the file is damaged")),
    ("disk i/o", gettext_noop("the disk gave an error")),
    ("unable to open", gettext_noop("there is no such file or folder")),
)
_LONGEST = 120
_NUMBER = re.compile(r"\[(?:Errno|WinError) -?\d+\]\s*")


def reason_of(error: BaseException) -> str:
    """Why it failed, marked for the catalogue where it is one of the usual reasons.

    >>> reason_of(socket.gaierror(-2, "Name or service not known"))
    'its address was not found: this computer seems to be offline'
    >>> reason_of(OSError(errno.ENOSPC, "No space left on device"))
    'the disk is full'

    Args:
        error: What was caught; an `URLError`'s own reason counts, where it has one.
    """
    inner = getattr(error, "reason", None)
    if isinstance(inner, BaseException):
        return reason_of(inner)
    for kind, sentence in _BY_KIND:
        if isinstance(error, kind):
            return sentence
    if isinstance(error, OSError) and error.errno in _BY_NUMBER:
        return _BY_NUMBER[error.errno]
    if isinstance(error, sqlite3.Error):
        for word, sentence in _BY_WORDS:
            if word in str(error).lower():
                return sentence
    told = getattr(error, "strerror", None) or str(inner or error) or type(error).__name__
    return _NUMBER.sub("", told)[:_LONGEST]
