"""Bytes that a person brought → text, or one sentence that says why not."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress

from playground.errors import CorpusError, EncodingUndecided
from playground.text import encodings

MAX_BYTES = 20 * 1024 * 1024
MARK = "\ufeff"
"""The byte-order mark, which is no part of a text."""
_BOMS = (
    # UTF-32 first: its little-endian mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FOREIGN = (
    (b"PK\x03\x04", "ZIP, Word or EPUB"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"%PDF-", "PDF"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Microsoft Office"),
    (b"{\\rtf", "RTF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x7fELF", "program"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_MOST_CONTROL = 0.05
"""Fraction of control characters above which a file is taken for binary."""


def decode(data: bytes, *, encoding: str | None = None) -> str:
    """Read a text file's bytes.

    A byte-order mark decides; then strict UTF-8; anything else needs a
    person's choice. CR LF and CR become LF; no byte-order mark is left.

    Args:
        data: What the file holds.
        encoding: What a person has chosen: a name that Python knows, in any case, and `-replace` after it
            where bytes that do not fit are to become U+FFFD.

    Raises:
        EncodingUndecided: Not UTF-8, or not in the chosen encoding; `candidates` lists what to offer.
        CorpusError: Empty, over 20 MB, an archive or document, binary, or no such encoding.
    """
    if not data:
        raise CorpusError("The text is empty. Choose a file with some text in it.")
    if len(data) > MAX_BYTES:
        raise CorpusError(
            "The text has {megabytes:.1f} MB; the limit is {limit} MB. Cut it into parts and choose one.",
            megabytes=len(data) / 2**20,
            limit=MAX_BYTES // 2**20,
        )
    for magic, kind in _FOREIGN:
        if data.startswith(magic):
            raise CorpusError(
                "This is a file of the kind {kind}, not plain text. Save it as plain text (.txt) first.",
                kind=kind,
            )
    text = normalize_newlines(_to_text(data, encoding))
    if not text.strip():
        raise CorpusError("The text is empty. Choose a file with some text in it.")
    refuse_binary(text)
    return text


def normalize_newlines(text: str) -> str:
    """One sort of line end, and no byte-order mark: files that were put together have some inside."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace(MARK, "")


def count_replaced(data: bytes, encoding: str | None) -> int:
    """How many bytes an encoding that replaces does not read."""
    if encoding is None or not encoding.strip().lower().endswith(encodings.REPLACE):
        return 0
    for mark, codec in _BOMS:
        if data.startswith(mark):  # the mark decides, as long as the text keeps to it
            data = data[len(mark) :]
            with suppress(UnicodeDecodeError):
                data.decode(codec)
                return 0
    return encodings.count_bad(data, encodings.find(encoding))


def refuse_binary(text: str) -> None:
    """Raise CorpusError when too much of a text is control characters."""
    control = len(_CONTROL.findall(text))
    if control > _MOST_CONTROL * len(text):
        raise CorpusError(
            "{percent:.0f} percent of the characters are control characters, so this is not plain text. "
            "Choose a plain text (.txt) file.",
            percent=100 * control / len(text),
        )


def count_control(text: str) -> int:
    """How many control characters (not tab, not line feed) a text holds."""
    return len(_CONTROL.findall(text))


def show_control(text: str) -> str:
    """Make control characters visible: NUL becomes ␀, and so on; C1 controls become �."""
    return _CONTROL.sub(lambda m: _picture(m.group()), text)


def _picture(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)  # the block of control pictures
    return "␡" if code == 0x7F else "\N{REPLACEMENT CHARACTER}"


def _to_text(data: bytes, encoding: str | None) -> str:
    chosen = None if encoding is None else encodings.find(encoding)
    for mark, codec in _BOMS:
        if data.startswith(mark):
            return _marked(data[len(mark) :], codec, len(mark), chosen)
    if chosen is None:
        return _undeclared(data)
    try:
        return encodings.read(data, chosen)
    except UnicodeDecodeError as error:
        offered = encodings.candidates(data)
        if not offered or data.count(0) > _MOST_CONTROL * len(data):
            raise CorpusError(
                "The text is not in {encoding}: byte {position} does not fit. Save the file as UTF-8.",
                encoding=chosen,
                position=error.start,
            ) from None
        raise EncodingUndecided(
            "The text is not in {encoding}: byte {position} does not fit. "
            "Choose another encoding ({choices}), or save the file as UTF-8.",
            offered,
            encoding=chosen,
            position=error.start,
            choices=", ".join(candidate.name for candidate in offered),
        ) from None


def _marked(data: bytes, codec: str, skipped: int, chosen: str | None) -> str:
    """A text after its byte-order mark, which decides as in browsers, as long as the text keeps to it."""
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        if chosen is not None:
            with suppress(UnicodeDecodeError):
                return encodings.read(data, chosen)
        repaired = encodings.replaced(data, codec)
        offered = (repaired,) if repaired else encodings.candidates(data) if codec == "utf-8" else ()
        if not offered:
            raise CorpusError(
                "The file begins with the mark of {encoding}, but byte {position} does not fit. "
                "Save it again as UTF-8.",
                encoding=codec,
                position=skipped + error.start,
            ) from None
        raise EncodingUndecided(
            "The file begins with the mark of {encoding}, but byte {position} does not fit. "
            "Say how to read it ({choices}), or save it again as UTF-8.",
            offered,
            encoding=codec,
            position=skipped + error.start,
            choices=", ".join(candidate.name for candidate in offered),
        ) from None


def _undeclared(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if data.count(0) > _MOST_CONTROL * len(data):
            raise CorpusError(
                "{percent:.0f} percent of the bytes are zero, so this is not plain text. "
                "Choose a plain text (.txt) file.",
                percent=100 * data.count(0) / len(data),
            ) from None
        offered = encodings.candidates(data)
        choices = ", ".join(candidate.name for candidate in offered)
        if not offered:
            raise CorpusError(
                "The text is not UTF-8 (byte {position} does not fit), nor in any other encoding that is "
                "known here. Open it in an editor and save it as UTF-8.",
                position=error.start,
            ) from None
        raise EncodingUndecided(
            "The text is not UTF-8 (byte {position} does not fit). Say which encoding it is in: {choices}, "
            "or save it as UTF-8.",
            offered,
            position=error.start,
            choices=choices,
        ) from None
