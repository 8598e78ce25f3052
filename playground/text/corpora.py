"""The texts: bundled ones, The Time Machine on demand, and those a person brings."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlparse

from playground.errors import CorpusError
from playground.records import CorpusInfo
from playground.text.decoding import MAX_BYTES, decode, refuse_binary
from playground.text.download import fetch

ASSETS = Path(__file__).parents[2] / "assets" / "corpora"
TIME_MACHINE = "time_machine"
TIME_MACHINE_FILE = "timemachine.txt"
TIME_MACHINE_URL = "http://d2l-data.s3-accelerate.amazonaws.com/timemachine.txt"
TIME_MACHINE_SHA1 = "090b5e7e70c295757f55df93cb0a180b9691891a"
MAX_TITLE = 80

_BUNDLED = {
    "the_tide_clock": "The Tide Clock",
    "yujie_zhongbiao": "雨街钟表铺",
}
_OWN_ID = re.compile(r"text-[0-9a-f]{16}")


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
        url: The address that The Time Machine is fetched from.
    """

    def __init__(self, directory: Path, *, url: str = TIME_MACHINE_URL) -> None:
        self.directory = directory
        self.url = url

    def all(self) -> list[CorpusInfo]:
        """Bundled texts, The Time Machine, then a person's own, newest first."""
        texts = [CorpusInfo(id, title, ready=True) for id, title in _BUNDLED.items()]
        fetched = self._find_time_machine() is not None
        texts.append(CorpusInfo(TIME_MACHINE, "The Time Machine", ready=fetched))
        notes = [p for p in self.directory.glob("text-*.json") if _OWN_ID.fullmatch(p.stem)]
        for note in sorted(notes, key=lambda p: p.stat().st_mtime, reverse=True):
            data = json.loads(note.read_text("utf-8"))
            texts.append(CorpusInfo(note.stem, data["title"], ready=True))
        return texts

    def title(self, id: str) -> str:
        """A text's title; its id when it is gone."""
        return next((info.title for info in self.all() if info.id == id), id)

    def load(self, id: str) -> Corpus:
        """Read a text.

        Raises:
            CorpusError: No such text, or The Time Machine has not been fetched yet.
        """
        if id in _BUNDLED:
            text = (ASSETS / f"{id}.txt").read_text("utf-8")
            return Corpus(id, _BUNDLED[id], text)
        if id == TIME_MACHINE:
            file = self._find_time_machine()
            if file is None:
                raise CorpusError(
                    "The Time Machine is not on this machine yet. Fetch it first (175 KB), "
                    "or choose a bundled text."
                )
            return Corpus(id, "The Time Machine", decode(file.read_bytes()))
        file = self.directory / f"{id}.txt"
        if not _OWN_ID.fullmatch(id) or not file.exists():
            raise CorpusError(
                "There is no text {id!r} here. Choose one of {choices}, or add your own.",
                id=id,
                choices=[info.id for info in self.all()],
            )
        note = json.loads(file.with_suffix(".json").read_text("utf-8"))
        return Corpus(id, note["title"], file.read_text("utf-8"))

    def add(self, title: str, text: str) -> Corpus:
        """Keep a person's own text; the same text twice is kept once.

        Raises:
            CorpusError: Empty, binary or too long.
        """
        text = _as_unicode(text.replace("\r\n", "\n").replace("\r", "\n"))
        encoded = text.encode()
        if not text.strip():
            raise CorpusError("The text is empty. Choose a file with some text in it.")
        if len(encoded) > MAX_BYTES:
            decode(encoded)  # says how long it is and what the limit is
        refuse_binary(text)
        title = " ".join(_as_unicode(title).split())[:MAX_TITLE] or text.strip()[:20]
        id = own_id(text)
        self.directory.mkdir(parents=True, exist_ok=True)
        _write_whole(self.directory / f"{id}.txt", encoded)
        note = json.dumps({"title": title}, ensure_ascii=False)
        _write_whole(self.directory / f"{id}.json", note.encode())
        return Corpus(id, title, text)

    def fetch_time_machine(self) -> None:
        """Download The Time Machine and keep it, if its checksum is right.

        Raises:
            DownloadError: Offline, broken off, or not the expected file.
        """
        data = fetch(self.url, sha1=TIME_MACHINE_SHA1, host=urlparse(self.url).netloc)
        self.directory.mkdir(parents=True, exist_ok=True)
        _write_whole(self.directory / TIME_MACHINE_FILE, data)

    def _find_time_machine(self) -> Path | None:
        shared = os.environ.get("PLAYGROUND_CORPORA")
        folders = [self.directory, Path(shared)] if shared else [self.directory]
        files = (folder / TIME_MACHINE_FILE for folder in folders)
        return next((f for f in files if f.is_file()), None)


def own_id(text: str) -> str:
    """The id under which a text of one's own is kept."""
    return f"text-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _as_unicode(text: str) -> str:
    """Half a surrogate pair, as in a file name that is not Unicode, becomes `?`: no file can hold it."""
    return text.encode("utf-8", errors="replace").decode()


def _write_whole(file: Path, data: bytes) -> None:
    """Write beside and rename, so that a reader never sees half a file."""
    part = file.with_name(f"{file.name}.{secrets.token_hex(4)}.part")
    part.write_bytes(data)
    part.replace(file)
