"""A server's texts as one person sees them: bundled ones, their own, and those that others have shared."""

from __future__ import annotations

from pathlib import Path

from playground.errors import CorpusError, NotAllowed
from playground.records import CorpusInfo, DamagedText, Person
from playground.runs.admission import require_texts
from playground.store.run_store import RunStore
from playground.text.corpora import Corpus


class PersonalTexts:
    """What one person is offered, and may add, share and remove.

    Args:
        store: Keeps the texts, and the runs that read them.
        person: Who asks.
    """

    def __init__(self, store: RunStore, person: Person) -> None:
        self._store = store
        self._library = store.library
        self.person = person

    @property
    def directory(self) -> Path:
        """The folder of added texts."""
        return self._library.directory

    def all(self) -> list[CorpusInfo]:
        """The texts that are offered to this person, bundled ones first."""
        return [info for info in self._library.all() if self._is_offered(info)]

    def own(self) -> list[CorpusInfo]:
        """Those that this person may share or remove."""
        return [info for info in self._library.all() if self.is_own(info)]

    def damaged(self) -> list[DamagedText]:
        """Texts that cannot be read any more, for whoever may repair them."""
        return self._library.damaged() if self.person.is_teacher else []

    def title(self, id: str) -> str:
        """A text's title, offered or not; its id when it is gone."""
        return self._library.title(id)

    def titles(self) -> dict[str, str]:
        """Every text's title by its id, offered or not: runs tell what they read."""
        return {info.id: info.title for info in self._library.all()}

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
        info = next((info for info in self._library.all() if info.id == id), None)
        if info is not None and not self._is_offered(info):
            raise NotAllowed(
                "The text {title!r} is somebody else's, and not shared. Ask them to share it, or choose another.",
                title=info.title,
            )

    def add(self, title: str, text: str) -> Corpus:
        """Keep a text as this person's own; errors as `CorpusLibrary.add`, NotAllowed for nobody, and LimitReached."""
        if not self.person.is_known:
            raise NotAllowed(
                "This browser keeps no cookie, so that no text can be yours. Allow cookies for this page, and open it "
                "again."
            )
        if self.person.id is not None:
            require_texts(self._count(), self._store.settings.get().texts_per_person)
            self._store.people.note(self.person.id)
        return self._library.add(title, text, self.person.id)

    def share(self, id: str, is_shared: bool) -> None:
        """Offer a text of one's own to everybody, or take that back; errors as `remove`."""
        self._require_own(id)
        self._library.share(id, is_shared)

    def remove(self, id: str) -> None:
        """Remove a text of one's own that no run reads; one that others have added too stays theirs.

        Raises:
            NotAllowed: It is somebody else's.
            CorpusError: No such text, it was not added, or a run was trained on it.
        """
        self._require_own(id)
        if not self.person.is_teacher and self.person.id and self._library.disown(id, self.person.id):
            return
        self._store.remove_text(id)

    def same_but_form(self, corpus: Corpus) -> CorpusInfo | None:
        """As `CorpusLibrary.same_but_form`, among what is offered."""
        found = self._library.same_but_form(corpus)
        return found if found is not None and self._is_offered(found) else None

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

    def _count(self) -> int:
        """Texts that this person has added."""
        return sum(self.person.id in (info.owners or ()) for info in self._library.all())

    def _is_offered(self, info: CorpusInfo) -> bool:
        return info.owners is None or info.is_shared or self.is_own(info)

    def _require_own(self, id: str) -> None:
        info = next((info for info in self._library.all() if info.id == id), None)
        if info is None and not self.person.is_teacher:
            raise CorpusError("There is no text {id!r} here that you have added.", id=id[:40])
        if info is not None and not self.is_own(info):
            raise NotAllowed(
                "The text {title!r} is somebody else's: only they and the teacher can share or remove it.",
                title=info.title,
            )
