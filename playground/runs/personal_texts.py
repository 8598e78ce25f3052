"""A server's texts as one person sees them: bundled ones, their own, and those that others have shared."""

from __future__ import annotations

from pathlib import Path

from playground.access import Action, Sharing, may, require_known, require_teacher
from playground.errors import CorpusError, NotAllowed
from playground.records import CorpusInfo, DamagedText, Person
from playground.runs.admission import require_texts
from playground.store.run_store import RunStore
from playground.store.text_readers import require_no_challenge
from playground.text.corpora import Corpus
from playground.text.repair import repair_text


class PersonalTexts:
    """What one person is offered, and may add, share and remove.

    Args:
        store: Keeps the texts, and the runs that read them.
        person: Who asks.
        sharing: Whom this server shows runs to: where only to their owners, nobody else's texts are named either.
    """

    def __init__(self, store: RunStore, person: Person, sharing: Sharing = Sharing.PUBLIC) -> None:
        self._store = store
        self._library = store.library
        self._sharing = sharing
        self.person = person

    def all(self) -> list[CorpusInfo]:
        """The texts that are offered to this person, bundled ones first."""
        return [info for info in self._library.all() if self._is_offered(info)]

    def own(self) -> list[CorpusInfo]:
        """Those that this person may share or remove."""
        return [info for info in self._library.all() if self.is_own(info)]

    def damaged(self) -> list[DamagedText]:
        """Texts that cannot be read any more, for whoever may repair them."""
        return self._library.damaged() if self.person.is_teacher else []

    def repair(self) -> tuple[list[str], int]:
        """Repair damaged texts.

        Returns:
            The titles of those that can be read again, and how many cannot be.

        Raises:
            NotAllowed: They are no teacher.
            OSError: The disk refused.
        """
        require_teacher(self.person, Action.REPAIR)
        damaged = self._library.damaged()
        repaired = [text.id for text in damaged if repair_text(self._library.directory, text.id)]
        return [self._library.title(id) for id in repaired], len(damaged) - len(repaired)

    def title(self, id: str) -> str:
        """A text's title; its id when it is gone, or nobody is to be told of it."""
        return self._library.title(id) if self._sharing is Sharing.PUBLIC else self.titles().get(id, id)

    def titles(self) -> dict[str, str]:
        """Texts' titles by their ids, offered or not: runs that everybody sees tell what they read."""
        is_told = self._sharing is Sharing.PUBLIC
        return {info.id: info.title for info in self._library.all() if is_told or self._is_offered(info)}

    def is_offered(self, id: str) -> bool:
        """This person may read a text; one that is gone is nobody's secret."""
        info = self._find(id)
        return info is None or self._is_offered(info)

    def load(self, id: str) -> Corpus:
        """Read a text.

        Raises:
            CorpusError: No such text.
            NotAllowed: It is somebody else's.
        """
        self.require(id)
        return self._library.load(id)

    def require(self, id: str) -> None:
        """Raise NotAllowed where a text is somebody else's and not shared."""
        info = self._find(id)
        if info is not None and not self._is_offered(info):
            raise NotAllowed(
                "The text {title!r} is somebody else's, and not shared. Ask them to share it, or choose another.",
                title=info.title,
            )

    def add(self, title: str, text: str) -> Corpus:
        """Keep a text as this person's own; errors as `CorpusLibrary.add`, NotAllowed for nobody, and LimitReached."""
        id = require_known(self.person)
        if id is not None:
            self._store.people.note(id)
        return self._library.add(title, text, id, require=self._require_room)

    def share(self, id: str, is_shared: bool) -> None:
        """Offer a text of one's own to everybody, or take that back; errors as `remove`."""
        self._require_own(id)
        if not is_shared:
            require_no_challenge(self._store.challenges, id, self._library.title(id))
        self._library.share(id, is_shared)

    def remove(self, id: str) -> None:
        """Remove a text of one's own that no run reads; one that others have added too stays theirs.

        Raises:
            NotAllowed: It is somebody else's.
            CorpusError: No such text, it was not added, or a run was trained on it.
        """
        self._require_own(id)
        self._store.remove_text(id, self._may_name, None if self.person.is_teacher else self.person.id)

    def same_but_form(self, corpus: Corpus) -> CorpusInfo | None:
        """As `CorpusLibrary.same_but_form`, among what is offered."""
        return self._library.same_but_form(corpus, self._is_offered)

    def fetch_time_machine(self) -> None:
        """Errors as `CorpusLibrary.fetch_time_machine`."""
        self._library.fetch_time_machine()

    def find_time_machine(self) -> Path | None:
        """The file of the book; None where it is not here."""
        return self._library.find_time_machine()

    def is_own(self, info: CorpusInfo) -> bool:
        """This person added it, or may do all."""
        if self.person.is_teacher:
            return True
        return info.owners is not None and self.person.is_known and self.person.id in info.owners

    def _require_room(self) -> None:
        """Raise LimitReached where this person may have no more texts."""
        if self.person.id is not None:
            own = sum(self.person.id in (info.owners or ()) for info in self._library.all())
            require_texts(own, self._store.settings.get().texts_per_person)

    def _may_name(self, owner: str | None) -> bool:
        """The name of this owner's run may be told to this person."""
        return may(self.person, Action.LOOK, owner, self._sharing)

    def _find(self, id: str) -> CorpusInfo | None:
        return next((info for info in self._library.all() if info.id == id), None)

    def _is_offered(self, info: CorpusInfo) -> bool:
        return info.owners is None or info.is_shared or self.is_own(info)

    def _require_own(self, id: str) -> None:
        info = self._find(id)
        if info is None and not self.person.is_teacher:
            raise CorpusError("There is no text {id!r} here that you have added.", id=id[:40])
        if info is not None and not self.is_own(info):
            raise NotAllowed(
                "The text {title!r} is somebody else's: only they and the teacher can share or remove it.",
                title=info.title,
            )
