"""The texts: bundled ones, The Time Machine on demand, and those a person brings."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import time
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from playground.errors import CorpusError
from playground.records import CorpusInfo
from playground.text import time_machine
from playground.text.decoding import MAX_BYTES, clean, decode, refuse_binary

ASSETS = Path(__file__).parents[2] / "assets" / "corpora"
TIME_MACHINE = "time_machine"
MAX_TITLE = 80

_BUNDLED = {
    "the_tide_clock": "The Tide Clock",
    "yujie_zhongbiao": "雨街钟表铺",
}
_OWN_ID = re.compile(r"text-[0-9a-f]{16}")
_TICK = 100_000_000
"""Nanoseconds between two moments that no file system takes for one."""
_COPY_ID = "text-8424dbd9532ac81f"
"""What a copy of The Time Machine is kept under as a text of one's own."""


@dataclass(frozen=True)
class Corpus:
    """A whole text as it was read; `prepare` makes tokens of it."""

    id: str
    title: str
    text: str

    @cached_property
    def sha256(self) -> str:
        """Of the text in UTF-8."""
        return hashlib.sha256(self.text.encode()).hexdigest()


class CorpusLibrary:
    """Texts by id.

        >>> library = CorpusLibrary(Path("corpora"))
        >>> [info.title for info in library.all()][:2]
        ['The Tide Clock', '雨街钟表铺']
        >>> corpus = library.load("the_tide_clock")
        >>> corpus.text[:14]
        'THE TIDE CLOCK'

    Args:
        directory: The folder of fetched and added texts, each under an id of our own; made when needed.
        urls: The addresses that The Time Machine is fetched from, in the order in which they are tried.
    """

    def __init__(self, directory: Path, *, urls: Sequence[str] = time_machine.URLS) -> None:
        self.directory = directory
        self.urls = tuple(urls)
        self._titles: tuple[int | None, dict[str, str]] = (None, {})

    def all(self) -> list[CorpusInfo]:
        """Bundled texts, The Time Machine, then a person's own, newest first."""
        texts = [CorpusInfo(id, title, ready=True) for id, title in _BUNDLED.items()]
        fetched = self.find_time_machine() is not None
        texts.append(CorpusInfo(TIME_MACHINE, time_machine.TITLE, ready=fetched))
        texts += [CorpusInfo(id, title, ready=True) for id, title in self._own_titles().items()]
        return texts

    def title(self, id: str) -> str:
        """A text's title; its id when it is gone."""
        if id == TIME_MACHINE:
            return time_machine.TITLE
        return _BUNDLED.get(id) or self._own_titles().get(id, id)

    def _own_titles(self) -> dict[str, str]:
        """A person's own texts by id, newest first; read anew when the folder has changed, and while it is changing."""
        changed = _changed(self.directory)
        known_at, titles = self._titles
        if changed is None or changed != known_at:
            notes = [p for p in self.directory.glob("text-*.json") if _OWN_ID.fullmatch(p.stem)]
            titles = {}
            for note in sorted(notes, key=_age, reverse=True):
                with suppress(FileNotFoundError):  # somebody removes it at this moment
                    titles[note.stem] = json.loads(note.read_text("utf-8"))["title"]
            self._titles = changed, titles
        return titles

    def load(self, id: str) -> Corpus:
        """Read a text.

        Raises:
            CorpusError: No such text, or The Time Machine has not been fetched yet.
        """
        if id in _BUNDLED:
            text = (ASSETS / f"{id}.txt").read_text("utf-8")
            return Corpus(id, _BUNDLED[id], text)
        if id == TIME_MACHINE:
            file = self.find_time_machine()
            if file is None:
                raise CorpusError(
                    "The Time Machine is not on this computer yet. Fetch it first (175 KB), upload it, "
                    "or choose a bundled text."
                )
            return Corpus(id, time_machine.TITLE, decode(file.read_bytes()))
        file = self.directory / f"{id}.txt"
        if not is_own(id) or not file.exists():
            raise CorpusError(
                "There is no text {id!r} here. Choose one of {choices}, or one that was added, or add your own.",
                id=id,
                choices=", ".join((*_BUNDLED, TIME_MACHINE)),
            )
        note = json.loads(file.with_suffix(".json").read_text("utf-8"))
        return Corpus(id, note["title"], file.read_text("utf-8"))

    def add(self, title: str, text: str) -> Corpus:
        """Keep a person's own text; the same text twice is kept once, under its first title.

        A copy of The Time Machine becomes The Time Machine.

        Raises:
            CorpusError: Empty, binary or too long.
        """
        text = _as_unicode(clean(text))
        encoded = text.encode()
        if not text.strip():
            raise CorpusError("The text is empty. Choose a file with some text in it.")
        if len(encoded) > MAX_BYTES:
            decode(encoded)  # says how long it is and what the limit is
        refuse_binary(text)
        book = time_machine.recognise(text)
        if book is not None:
            if not (self.directory / time_machine.FILE).is_file():
                self._keep(time_machine.FILE, book.encode())
            return self.load(TIME_MACHINE)
        id = own_id(text)
        if self._path(id, ".json").exists():
            return self.load(id)
        title = one_line(title)[:MAX_TITLE] or one_line(text[:MAX_TITLE])[:20]
        self._keep(f"{id}.txt", encoded)
        self._keep(f"{id}.json", json.dumps({"title": title}, ensure_ascii=False).encode())
        return Corpus(id, title, text)

    def remove(self, id: str) -> None:
        """Remove a text that a person added. Whether a run reads it is `RunStore.remove_text`'s business.

        Raises:
            CorpusError: There is no such text, or it was not added.
        """
        title = self.load(id).title if id != TIME_MACHINE else time_machine.TITLE
        if not is_own(id):
            raise CorpusError(
                "{title!r} belongs to the playground. Only texts that were added can be removed.", title=title
            )
        self._path(id, ".json").unlink(missing_ok=True)  # first: without it the text is not listed
        self._path(id, ".txt").unlink(missing_ok=True)

    def same_but_form(self, corpus: Corpus) -> CorpusInfo | None:
        """Another text that looks the same: only its characters are composed in another way (NFC, NFD)."""
        composed = unicodedata.normalize("NFC", corpus.text)
        for info in self.all():
            if info.id == corpus.id or not info.ready:
                continue
            with suppress(CorpusError):
                if unicodedata.normalize("NFC", self.load(info.id).text) == composed:
                    return info
        return None

    def fetch_time_machine(self) -> None:
        """Download The Time Machine and keep it, if its checksum is right.

        Raises:
            DownloadError: Offline, broken off, or not the expected file, wherever it was asked for.
        """
        self._keep(time_machine.FILE, time_machine.fetch_from(self.urls, time_machine.SHA1))

    def find_time_machine(self) -> Path | None:
        """The file of the book: fetched or uploaded, in the folder that `PLAYGROUND_CORPORA` names, or a copy that
        was added when copies were not recognised yet.
        """
        return next((file for file in self._places_of_time_machine() if file.is_file()), None)

    def _places_of_time_machine(self) -> Iterator[Path]:
        yield self.directory / time_machine.FILE
        shared = os.environ.get("PLAYGROUND_CORPORA")
        if shared:
            yield Path(shared) / time_machine.FILE
        yield self._path(_COPY_ID, ".txt")

    def _path(self, id: str, suffix: str) -> Path:
        return self.directory / f"{id}{suffix}"

    def _keep(self, name: str, data: bytes) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        _write_whole(self.directory / name, data)


def own_id(text: str) -> str:
    """The id under which a text of one's own is kept."""
    return f"text-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def is_own(id: str) -> bool:
    """It is the id of a text that somebody added."""
    return bool(_OWN_ID.fullmatch(id))


def one_line(text: str) -> str:
    """A text without line breaks, and with single spaces."""
    return " ".join(_as_unicode(text).split())


def _changed(folder: Path) -> int | None:
    """When a file of the folder was last added, renamed or removed; None where that is so short a time ago that
    another change could have the same time.
    """
    try:
        changed = folder.stat().st_mtime_ns
    except FileNotFoundError:
        return None
    return changed if abs(time.time_ns() - changed) > _TICK else None


def _age(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _as_unicode(text: str) -> str:
    """Half a surrogate pair, as in a file name that is not Unicode, becomes `?`: no file can hold it."""
    return text.encode("utf-8", errors="replace").decode()


def _write_whole(file: Path, data: bytes) -> None:
    """Write beside and rename, so that a reader never sees half a file."""
    part = file.with_name(f"{file.name}.{secrets.token_hex(4)}.part")
    part.write_bytes(data)
    part.replace(file)
