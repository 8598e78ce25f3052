"""Bring back an added text whose note or text is damaged, where what is left of it decides what it was."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from playground.errors import CorpusError
from playground.files import parse_object, write_whole
from playground.text import encodings
from playground.text.corpora import own_id
from playground.text.decoding import MAX_BYTES, normalize_newlines
from playground.text.notes import MAX_TITLE, TextNote, one_line, owners_of

_TITLE = re.compile(r'"title"\s*:\s*("(?:[^"\\]|\\.)*)')
_BOMS = ("utf-8-sig", "utf-16", "utf-32")
_SHORT_TITLE = 20


def repair_text(directory: Path, id: str) -> bool:
    """Write a text and its note anew.

    The text's id is its checksum: one that an editor has saved in another encoding is found by it. A title that is
    cut is kept as far as it goes.

    Args:
        directory: The folder of the added texts.
        id: The text's id.

    Returns:
        Whether it can be read again.

    Raises:
        OSError: The disk refused.
    """
    file, note = directory / f"{id}.txt", directory / f"{id}.json"
    text = _text(file, id)
    if text is None:
        return False
    title = _title(note) or one_line(text[:MAX_TITLE])[:_SHORT_TITLE]
    if file.read_bytes() != text.encode():
        write_whole(file, text.encode())
    write_whole(note, TextNote(title, _owners(note)).to_json())
    return True


def _text(file: Path, id: str) -> str | None:
    """The text as it was kept; one that is UTF-8 is taken as it stands."""
    try:
        data = file.read_bytes()
    except OSError:
        return None
    with suppress(UnicodeDecodeError):
        text = data.decode()
        return text if text.strip() else None
    return next(
        (text for text in map(normalize_newlines, _readings(data[: 2 * MAX_BYTES])) if own_id(text) == id),
        None,
    )


def _readings(data: bytes) -> Iterator[str]:
    for name in _BOMS:
        with suppress(UnicodeError):
            yield data.decode(name)
    for candidate in encodings.candidates(data):
        with suppress(UnicodeError, CorpusError):
            yield encodings.read(data, candidate.name)


def _owners(note: Path) -> tuple[str, ...] | None:
    """Whose it was; nobody's where that cannot be read: it must not become everybody's."""
    try:
        return owners_of(parse_object(note.read_bytes()))
    except (OSError, ValueError):
        return ()


def _title(note: Path) -> str | None:
    """What is left of a title, or None."""
    try:
        found = _TITLE.search(note.read_bytes().decode("utf-8", errors="ignore"))
    except OSError:
        return None
    if found is None:
        return None
    with suppress(ValueError):
        return one_line(json.loads(found[1] + '"'))[:MAX_TITLE] or None
    return None
