"""What lies in the folder of added texts: two files each, `<id>.txt` and its note `<id>.json`, which hold its title.

Each is read once for every state that it is in: lists are drawn at every rerun of every page.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playground.files import parse_object
from playground.reasons import reason_of
from playground.records import DamagedText, Reason

MAX_TITLE = 80


@dataclass(frozen=True)
class TextNote:
    """What stands in a text's note."""

    title: str
    owners: tuple[str, ...] | None = None
    """Ids of the people who added it; None: the machine's owner, and so it is everybody's."""
    is_shared: bool = False
    """One of them has shared it with the class."""

    def to_json(self) -> bytes:
        """As the note has it."""
        told: dict[str, Any] = {"title": self.title}
        if self.owners is not None:
            told |= {"owners": self.owners, "is_shared": self.is_shared}
        return json.dumps(told, ensure_ascii=False).encode()


class TextFolder:
    """Tells sound texts from damaged ones.

    Args:
        directory: The folder; it may be missing.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._seen: dict[str, tuple[object, TextNote | DamagedText]] = {}

    def path(self, id: str, suffix: str) -> Path:
        """Where a text (`.txt`) or its note (`.json`) lies."""
        return self.directory / f"{id}{suffix}"

    def has(self, id: str) -> bool:
        """A text's file or its note is here, whatever it holds."""
        return any(self.path(id, suffix).exists() for suffix in (".txt", ".json"))

    def look(self, id: str) -> TextNote | DamagedText:
        """A text's note, or what is wrong with it."""
        state = tuple(_state(self.path(id, suffix)) for suffix in (".txt", ".json"))
        before = self._seen.get(id)
        if before is None or before[0] != state:
            before = self._seen[id] = state, self._read(id)
        return before[1]

    def _read(self, id: str) -> TextNote | DamagedText:
        found = self.read(id)
        return found if isinstance(found, DamagedText) else found[0]

    def read(self, id: str) -> tuple[TextNote, str] | DamagedText:
        """A text's note and the text itself, or what is wrong with it."""
        title = id
        try:
            note = read_note(self.path(id, ".json"))
            title = note.title
            return note, read_text(self.path(id, ".txt"))
        except _Damage as damage:
            return DamagedText(id, title, damage.reason)


class _Damage(Exception):
    """What is wrong with a file."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(str(reason))


def read_note(note: Path) -> TextNote:
    """What stands in a note."""
    try:
        told = parse_object(note.read_bytes())
    except OSError as error:
        raise _Damage(Reason("its note cannot be read: {reason}", {"reason": reason_of(error)})) from None
    except ValueError:
        raise _Damage(Reason("its note, which holds the title, is damaged")) from None
    title = told.get("title")
    if not isinstance(title, str) or not one_line(title):
        raise _Damage(Reason("its note, which holds the title, is damaged"))
    return TextNote(one_line(title)[:MAX_TITLE], owners_of(told), told.get("is_shared") is True)


def owners_of(told: dict[str, Any]) -> tuple[str, ...] | None:
    """Whose a text is, by its note; what is damaged there makes it nobody's, and not everybody's."""
    owners = told.get("owners")
    if "owners" not in told:
        return None
    return tuple(id for id in owners if isinstance(id, str)) if isinstance(owners, list) else ()


def read_text(file: Path) -> str:
    """A text that was kept."""
    try:
        text = file.read_text("utf-8")
    except OSError as error:
        raise _Damage(Reason("its text cannot be read: {reason}", {"reason": reason_of(error)})) from None
    except UnicodeDecodeError as error:
        raise _Damage(
            Reason("its text is no longer UTF-8: byte {position} does not fit", {"position": error.start})
        ) from None
    if not text.strip():
        raise _Damage(Reason("its text is empty"))
    return text


def one_line(text: str) -> str:
    """A text without line breaks, and with single spaces."""
    return " ".join(as_unicode(text).split())


def as_unicode(text: str) -> str:
    """Half a surrogate pair, as in a file name that is not Unicode, becomes `?`: no file can hold it."""
    return text.encode("utf-8", errors="replace").decode()


def _state(file: Path) -> tuple[int, ...] | None:
    """Changes when a file does; None where there is none."""
    try:
        at = os.stat(file)  # noqa: PTH116  # a list asks for hundreds
    except OSError:
        return None
    return at.st_mtime_ns, at.st_ctime_ns, at.st_size, at.st_ino
