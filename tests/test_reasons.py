"""What a system says reaches nobody as it is."""

from __future__ import annotations

import errno
import os
import socket
import sqlite3
import ssl
import urllib.error

import pytest

from pages.shared.i18n import catalogue
from playground.reasons import reason_of

USUAL = [
    socket.gaierror(-2, "Name or service not known"),
    urllib.error.URLError(socket.gaierror(-3, "Temporary failure in name resolution")),
    urllib.error.URLError(ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")),
    TimeoutError("timed out"),
    ssl.SSLCertVerificationError(1, "certificate verify failed"),
    sqlite3.OperationalError("database is locked"),
    sqlite3.OperationalError("database or disk is full"),
    sqlite3.DatabaseError("database disk image is malformed"),
    *(OSError(n, os.strerror(n)) for n in (errno.ENOSPC, errno.EACCES, errno.EROFS, errno.ENOENT, errno.EIO)),
]


@pytest.mark.parametrize("error", USUAL, ids=repr)
def test_a_usual_reason_is_a_sentence_in_both_languages(error):
    told = reason_of(error)
    assert "Errno" not in told and "[" not in told
    assert catalogue()[told]


@pytest.mark.parametrize("number", sorted(errno.errorcode))
def test_no_reason_has_the_systems_number(number):
    told = reason_of(OSError(number, os.strerror(number), "/data/runs"))
    assert told and "Errno" not in told and str(number) not in told


def test_what_is_not_usual_is_told_in_the_systems_words_without_its_number():
    assert reason_of(OSError("[Errno 99] a strange thing")) == "a strange thing"
    assert reason_of(ValueError()) == "ValueError"
