"""The texts: bundled ones, The Time Machine on demand, and those a person brings."""

from __future__ import annotations

import hashlib
import os
import re
import threading
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from playground.errors import CorpusError, EncodingUndecided
from playground.files import write_whole
from playground.reasons import reason_of
from playground.records import CorpusInfo, DamagedText
from playground.text import time_machine
from playground.text.decoding import MAX_BYTES, decode, normalize_newlines, refuse_binary
from playground.text.ferry import chinese_ferry, english_ferry
from playground.text.notes import MAX_TITLE, TextFolder, TextNote, as_unicode, one_line

ASSETS = Path(__file__).parents[2] / "assets" / "corpora"
TIME_MACHINE = "time_machine"

_BUNDLED = {
    "the_tide_clock": "The Tide Clock",
    "yujie_zhongbiao": "雨街钟表铺",
    "mallow_quay": "The Ferry at Mallow Quay",
    "liuwan_dukou": "柳湾渡口",
}
_DRAWN: dict[str, Callable[[], str]] = {"mallow_quay": english_ferry, "liuwan_dukou": chinese_ferry}
"""Those of the bundled texts that are drawn by a rule, the same each time, and have no file."""
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
    """Texts by id. Every method may be called from any thread.

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
        self._own = TextFolder(directory)
        self._lock = threading.RLock()  # what a note says is read, changed and written by one at a time

    def all(self) -> list[CorpusInfo]:
        """Bundled texts, The Time Machine, then a person's own, newest first."""
        texts = [CorpusInfo(id, title, ready=True) for id, title in _BUNDLED.items()]
        fetched = self.find_time_machine() is not None
        texts.append(CorpusInfo(TIME_MACHINE, time_machine.TITLE, ready=fetched))
        looks = ((id, self._own.look(id)) for id in self._own_ids())
        own = [
            CorpusInfo(id, note.title, ready=True, owners=note.owners, is_shared=note.is_shared)
            for id, note in looks
            if isinstance(note, TextNote)
        ]
        return [*texts, *own]

    def damaged(self) -> list[DamagedText]:
        """Texts that were added and cannot be read any more: `all` leaves them out."""
        looks = [self._own.look(id) for id in self._own_ids()]
        return [look for look in looks if isinstance(look, DamagedText)]

    def is_here(self, id: str) -> bool:
        """It can be read: neither gone nor damaged."""
        if id == TIME_MACHINE:
            return self.find_time_machine() is not None
        return id in _BUNDLED or (
            is_own(id) and self._own.has(id) and isinstance(self._own.look(id), TextNote)
        )

    def title(self, id: str) -> str:
        """A text's title; its id when it is gone."""
        if id in _BUNDLED:
            return _BUNDLED[id]
        if id == TIME_MACHINE:
            return time_machine.TITLE
        return self._own.look(id).title if is_own(id) else id

    def load(self, id: str) -> Corpus:
        """Read a text.

        Raises:
            CorpusError: No such text, or The Time Machine has not been fetched yet.
        """
        if id in _BUNDLED:
            draw = _DRAWN.get(id)
            text = draw() if draw else (ASSETS / f"{id}.txt").read_text("utf-8")
            return Corpus(id, _BUNDLED[id], text)
        if id == TIME_MACHINE:
            file = self.find_time_machine()
            if file is None:
                raise CorpusError(
                    "The Time Machine is not here yet. Fetch it first (175 KB), upload it, "
                    "or choose a bundled text."
                )
            return Corpus(id, time_machine.TITLE, _book(file))
        if not is_own(id) or not self._own.has(id):
            raise CorpusError(
                "There is no text {id!r} here. Choose one of {choices}, or one that was added, or add your own.",
                id=id,
                choices=", ".join((*_BUNDLED, TIME_MACHINE)),
            )
        found = self._own.read(id)
        if isinstance(found, DamagedText):
            raise CorpusError(
                "The text {title!r} is damaged ({reason}). Add it again, remove it, or try python -m playground "
                "doctor --repair.",
                title=found.title,
                reason=found.reason,
            )
        note, text = found
        return Corpus(id, note.title, text)

    def add(
        self,
        title: str,
        text: str,
        owner: str | None = None,
        *,
        require: Callable[[], None] = lambda: None,
    ) -> Corpus:
        """Keep a person's own text; the same text twice is kept once, under its first title.

        A copy of The Time Machine becomes The Time Machine.

        Args:
            title: What it is called.
            text: The text.
            owner: Id of whoever adds it; None is the machine's owner, whose texts are everybody's.
            require: Called before it becomes one more text of theirs; what it raises is raised, and nothing is kept.

        Raises:
            CorpusError: Empty, binary or too long.
        """
        text = as_unicode(normalize_newlines(text))
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
        with self._lock:
            known = self._own.look(id)
            if isinstance(known, TextNote):  # a damaged one is written anew
                if known.owners is not None and owner not in known.owners:
                    require()
                    owners = None if owner is None else (*known.owners, owner)
                    self._note(id, TextNote(known.title, owners, known.is_shared))
                return self.load(id)
            require()
            title = one_line(title)[:MAX_TITLE] or one_line(text[:MAX_TITLE])[:20]
            self._keep(f"{id}.txt", encoded)
            self._note(id, TextNote(title, None if owner is None else (owner,)))
            return Corpus(id, title, text)

    def share(self, id: str, is_shared: bool) -> None:
        """Offer a text that somebody has added to everybody, or to them alone.

        Raises:
            CorpusError: There is no such text.
        """
        with self._lock:
            note = self._require_own(id)
            self._note(id, TextNote(note.title, note.owners, is_shared))

    def _require_own(self, id: str) -> TextNote:
        note = self._own.look(id) if is_own(id) else None
        if not isinstance(note, TextNote):
            raise CorpusError("There is no text {id!r} here that somebody has added.", id=id[:40])
        return note

    def _note(self, id: str, note: TextNote) -> None:
        self._keep(f"{id}.json", note.to_json())

    def remove(
        self, id: str, owner: str | None = None, *, require: Callable[[], None] = lambda: None
    ) -> None:
        """Remove a text that a person added. Whether a run reads it is `RunStore.remove_text`'s business.

        Args:
            id: The text's id.
            owner: Id of whoever removes it: where others have added it too, it stays theirs. None removes it all the same.
            require: Called before it goes for good; what it raises is raised, and it stays.

        Raises:
            CorpusError: There is no such text, or it was not added.
        """
        if id in (*_BUNDLED, TIME_MACHINE):
            raise CorpusError(
                "{title!r} belongs to the playground. Only texts that were added can be removed.",
                title=self.title(id),
            )
        if not is_own(id) or not self._own.has(id):
            self.load(id)  # says which there are
        with self._lock:
            note = self._own.look(id)
            owners = note.owners or () if isinstance(note, TextNote) else ()
            rest = tuple(other for other in owners if other != owner)
            if isinstance(note, TextNote) and owner is not None and rest:
                self._note(id, TextNote(note.title, rest, note.is_shared))
                return
            require()
            self._own.path(id, ".txt").unlink(missing_ok=True)
            self._own.path(id, ".json").unlink(missing_ok=True)

    def same_but_form(
        self, corpus: Corpus, among: Callable[[CorpusInfo], bool] = lambda info: True
    ) -> CorpusInfo | None:
        """Another text that looks the same: only its characters are composed in another way (NFC, NFD).

        Args:
            corpus: A text.
            among: Which others are looked at.
        """
        composed = unicodedata.normalize("NFC", corpus.text)
        for info in filter(among, self.all()):
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
        """The file of the book: fetched or uploaded, or in the folder that `PLAYGROUND_CORPORA` names."""
        return next((file for file in self._places_of_time_machine() if file.is_file()), None)

    def _places_of_time_machine(self) -> Iterator[Path]:
        yield self.directory / time_machine.FILE
        shared = os.environ.get("PLAYGROUND_CORPORA")
        if shared:
            yield Path(shared) / time_machine.FILE

    def _own_ids(self) -> list[str]:
        """Ids of the texts that were added, newest first."""
        files = {
            p.stem: p
            for p in self.directory.glob("text-*")
            if p.suffix in (".txt", ".json") and is_own(p.stem)
        }
        notes = [self._own.path(id, ".json") for id in files]
        return [note.stem for note in sorted(notes, key=_age, reverse=True)]

    def _keep(self, name: str, data: bytes) -> None:
        try:
            write_whole(self.directory / name, data)
        except OSError as error:
            raise CorpusError(
                "The text cannot be kept ({reason}). Delete runs or texts, or make room elsewhere, then add it again.",
                reason=reason_of(error),
            ) from error


def own_id(text: str) -> str:
    """The id under which a text of one's own is kept."""
    return f"text-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def is_own(id: str) -> bool:
    """It is the id of a text that somebody added."""
    return bool(_OWN_ID.fullmatch(id))


def _age(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _book(file: Path) -> str:
    """The Time Machine's text; a file that is none is told by its path."""
    try:
        return decode(file.read_bytes())
    except (EncodingUndecided, OSError):
        raise CorpusError(
            "The file {file} of The Time Machine is damaged. Delete it, then fetch the book again.",
            file=str(file),
        ) from None
