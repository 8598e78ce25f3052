"""Bytes that a person brought → text, or one sentence that says why not."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from playground.errors import CorpusError, EncodingUndecided

MAX_BYTES = 20 * 1024 * 1024
OFFERED = ("gb18030", "latin-1")
"""Encodings a person may choose for bytes that are not UTF-8. Neither is ever guessed silently."""

_BOMS = (
    # UTF-32 first: its little-endian mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
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
    person's choice, given as `encoding`. CR LF and CR become LF.

    Raises:
        EncodingUndecided: Not UTF-8; `candidates` lists what to offer.
        CorpusError: Empty, over 20 MB, an archive or document, binary, or not
            in the chosen encoding.
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
    text = _to_text(data, encoding).replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise CorpusError("The text is empty. Choose a file with some text in it.")
    refuse_binary(text)
    return text


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
    if encoding is not None:
        if encoding not in (*OFFERED, "utf-8"):
            raise CorpusError(
                "The encoding {encoding} is not offered. Choose one of {choices}.",
                encoding=encoding[:40],
                choices=("utf-8", *OFFERED),
            )
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            raise CorpusError(
                "The text is not in {encoding}: byte {position} does not fit. "
                "Choose another encoding, or save the file as UTF-8.",
                encoding=encoding,
                position=error.start,
            ) from None
    for mark, codec in _BOMS:
        if data.startswith(mark):
            try:
                return data.decode(codec)
            except UnicodeDecodeError as error:
                raise CorpusError(
                    "The file begins with the mark of {encoding}, but byte {position} does not fit. "
                    "Save it again as UTF-8.",
                    encoding=codec.removesuffix("-sig"),
                    position=error.start,
                ) from None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if data.count(0) > _MOST_CONTROL * len(data):
            raise CorpusError(
                "{percent:.0f} percent of the bytes are zero, so this is not plain text. "
                "Choose a plain text (.txt) file.",
                percent=100 * data.count(0) / len(data),
            ) from None
        raise EncodingUndecided(
            "The text is not UTF-8 (byte {position} does not fit). Say which encoding it is in: {choices}.",
            _likeliest_first(data),
            position=error.start,
            choices=_likeliest_first(data),
        ) from None


def _likeliest_first(data: bytes) -> tuple[str, ...]:
    best = from_bytes(data[:65_536], cp_isolation=["gb18030", "latin_1"]).best()
    if best is not None and best.encoding == "latin_1":
        return tuple(reversed(OFFERED))
    return OFFERED
