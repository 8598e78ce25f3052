"""A server's runs and texts as one person sees them, and what they may do with them.

Pages and routes have no other way to the manager. Whoever may not do something is told so here, whatever a page drew.
"""

from __future__ import annotations

from collections.abc import Mapping

from playground import access
from playground.access import Action
from playground.config import RunConfig
from playground.errors import RunNotFound, gettext_noop
from playground.records import (
    CheckpointRecord,
    DamagedRun,
    Person,
    Reason,
    RunRecord,
)
from playground.runs.classroom import Classroom
from playground.runs.deletions import Deletions
from playground.runs.manager import RunManager
from playground.runs.personal_texts import PersonalTexts
from playground.runs.turns import Turn
from playground.server_settings import ServerSettings
from playground.store.doctor import Finding
from playground.store.export import export_zip
from playground.text.vocab import Vocab

STOPPED_BY_TEACHER = Reason(gettext_noop("Your teacher stopped it."))
"""Of a run that somebody else's press has ended; only a teacher may."""


class PersonalRuns:
    """What one person may see and do.

    Args:
        manager: The server's one manager.
        classroom: Tells who is who.
        deletions: Deletes so that it can be undone.
        person: Who asks.
    """

    def __init__(
        self, manager: RunManager, classroom: Classroom, deletions: Deletions, person: Person
    ) -> None:
        self._manager = manager
        self._deletions = deletions
        self.person = person
        self.classroom = classroom
        self._sharing = classroom.sharing_with(person)
        self.memory = manager.memory
        store = manager.store
        self.texts = PersonalTexts(store, person, self._sharing)
        self.clipping = store.clipping
        self.directory = store.directory

    # looking --------------------------------------------------------------------------------------

    def may(self, action: Action, run: RunRecord) -> bool:
        """Whether this person may do it; what they may not is refused where it is done, too."""
        return access.may(self.person, action, run.owner, self._sharing)

    def get(self, id: str) -> RunRecord:
        """One run.

        Raises:
            RunNotFound: No such run, or one that cannot be read (`RunDamaged`) or is not shown to others (`RunPrivate`).
        """
        run = self._manager.store.get(id)
        access.require(self.person, Action.LOOK, run.owner, run.name, self._sharing)
        return run

    def all(self) -> list[RunRecord]:
        """The runs that this person sees and that can be read, newest first."""
        return self._seen(self._manager.store.all())

    def with_weights(self) -> list[RunRecord]:
        """Those that have a checkpoint."""
        return self._seen(self._manager.store.with_weights())

    def everything(self) -> list[RunRecord | DamagedRun]:
        """Those that can be read and, for whoever may remove them, those that cannot."""
        return [
            run
            for run in self._manager.store.table.everything()
            if (self.may(Action.LOOK, run) if isinstance(run, RunRecord) else self.person.is_teacher)
        ]

    def name_of(self, id: str) -> str:
        """What a run is called, damaged or not; errors as `RunTable.look`."""
        return self._manager.store.table.look(id).name

    def checkpoints(self, id: str) -> list[CheckpointRecord]:
        """A run's checkpoints, oldest first; errors as `get`."""
        self.get(id)
        return self._manager.store.checkpoints(id)

    def newest_checkpoint(self, id: str) -> CheckpointRecord | None:
        """The last one, or None before the first; errors as `get`."""
        self.get(id)
        return self._manager.store.newest_checkpoint(id)

    def vocab(self, id: str) -> Vocab | None:
        """A run's vocabulary; None before it has started. Errors as `get`."""
        self.get(id)
        return self._manager.store.vocab(id)

    def with_damaged_weights(self, id: str | None = None) -> set[str]:
        """As `RunStore.with_damaged_weights`."""
        return self._manager.store.with_damaged_weights(id)

    def lost_curve(self, run: RunRecord) -> Reason | None:
        """As `RunStore.lost_curve`."""
        return self._manager.store.lost_curve(run)

    def lost_runs(self) -> list[str]:
        """The runs that lie in `lost/` and can be brought back; none for whoever may not do that."""
        return self._manager.store.lost_runs.ids() if self.person.is_teacher else []

    def missing_devices(self) -> Mapping[str, Reason]:
        """Devices that cannot be used here, with the reason."""
        return self._manager.missing_devices()

    def export(self, id: str) -> bytes:
        """A run as a zip file; errors as `get`."""
        self.get(id)
        return export_zip(self._manager.store, id)

    def line(self) -> list[tuple[RunRecord, Turn]]:
        """The runs that wait and that this person sees, in the order of their turns."""
        told = dict(self._manager.line())
        known = {run.id: run for run in self.all() if run.id in told} if told else {}
        return [(known[id], turn) for id, turn in told.items() if id in known]

    def request_checkpoint(self, id: str) -> None:
        """Ask for newer weights of a run that trains, for whoever looks at it; errors as `get`."""
        self.get(id)
        self._manager.request_checkpoint(id)

    def needs(self, config: RunConfig) -> list[Reason]:
        """What this person should know before they start such a run: memory, room on the disk, time, limits.

        Raises:
            CorpusError: The text does not exist.
            StoreError: The database cannot be read now.
        """
        memory = self._manager.memory
        told = [memory.told(config), memory.told_of_weights(config)]
        return [*filter(None, told), *self._manager.admission.told(config, self.person.id)]

    # doing ----------------------------------------------------------------------------------------

    def start(self, config: RunConfig, name: str = "", *, challenge: str | None = None) -> RunRecord:
        """Queue a new run, which is this person's.

        Args:
            config: The settings of the run.
            name: What to call it; empty takes `default_name`.
            challenge: Id of the challenge in which it is started: its figures and their owner's name then stand on
                the board, for everybody.

        Raises:
            NotAllowed: Nobody that could be told again.
            PlaygroundError: As `RunManager.start`.
        """
        id = access.require_known(self.person)
        self.texts.require(config.corpus.corpus)
        if id is not None:
            self._manager.store.people.note(id)
        return self._manager.start(config, name, owner=id, challenge=challenge)

    def start_twin(self, of: RunRecord, config: RunConfig) -> RunRecord:
        """Queue a run's twin; errors as `start`, and NotAllowed where the run is somebody else's."""
        self.require(Action.TWIN, of.id)
        return self.start(config)

    def stop(self, id: str) -> None:
        """End a run; its owner is told where somebody else did. Errors as `RunManager.stop`, and NotAllowed."""
        run = self.require(Action.STOP, id)
        self._manager.stop(id, None if run.owner == self.person.id else STOPPED_BY_TEACHER)

    def pause(self, id: str) -> None:
        """Errors as `RunManager.pause`, and NotAllowed."""
        self.require(Action.PAUSE, id)
        self._manager.pause(id)

    def resume(self, id: str) -> None:
        """Errors as `RunManager.resume`, and NotAllowed."""
        self.require(Action.RESUME, id)
        self._manager.resume(id)

    def clip(self, id: str, max_grad_norm: float | None) -> None:
        """Errors as `RunManager.clip`, and NotAllowed."""
        self.require(Action.CLIP, id)
        self._manager.clip(id, max_grad_norm)

    def rename(self, id: str, name: str) -> None:
        """Errors as `RunStore.rename`, and NotAllowed."""
        self.require(Action.RENAME, id)
        self._manager.store.rename(id, name)

    def delete(self, id: str) -> bool:
        """Delete an ended run, damaged or not.

        Returns:
            Whether it can be undone.

        Raises:
            NotAllowed: It is somebody else's.
            PlaygroundError: As `RunStore.delete`.
        """
        self._require_delete(id)
        return self._deletions.delete(id)

    def undo_delete(self, id: str) -> None:
        """Bring a run back that this person deleted.

        Raises:
            NotAllowed: It is somebody else's.
            RunNotFound: It is gone for good.
        """
        owner = self._manager.store.hidden_owner(id)
        access.require(self.person, Action.DELETE, owner, id, self._sharing)
        self._deletions.undo(id)

    def hand_over(self, id: str, owner: str | None) -> None:
        """Give a run to somebody else.

        Raises:
            NotAllowed: Only a teacher may.
            RunNotFound: No such run, or nobody of this id.
        """
        self.require(Action.HAND_OVER, id)
        if owner is not None and owner not in self.classroom.everybody():
            raise RunNotFound("There is nobody of this name here any more.")
        self._manager.hand_over(id, owner)

    def limits(self) -> ServerSettings:
        """The server's limits as they stand."""
        return self._manager.store.settings.get()

    def changed_limits(self) -> dict[str, object]:
        """Those that a teacher has changed."""
        return self._manager.store.settings.changed()

    def set_limits(self, values: Mapping[str, object]) -> None:
        """Change limits; errors as `StoredSettings.put`, and NotAllowed."""
        access.require_teacher(self.person, Action.LIMIT)
        self._manager.store.settings.put(values)

    def reset_limits(self) -> None:
        """Let limits be again what the server was started with; errors as `set_limits`."""
        access.require_teacher(self.person, Action.LIMIT)
        self._manager.store.settings.reset()

    def bring_back_lost(self) -> list[Finding]:
        """Errors as `LostRuns.bring_back`, and NotAllowed."""
        access.require_teacher(self.person, Action.REPAIR)
        return self._manager.store.lost_runs.bring_back()

    def _seen(self, runs: list[RunRecord]) -> list[RunRecord]:
        if self._sharing is access.Sharing.PUBLIC:
            return runs
        return [run for run in runs if self.may(Action.LOOK, run)]

    def require(self, action: Action, id: str) -> RunRecord:
        """The run, where this person may do it.

        Raises:
            RunNotFound: No such run.
            NotAllowed: With the reason and the way out.
        """
        run = self._manager.store.get(id)
        access.require(self.person, action, run.owner, run.name, self._sharing)
        return run

    def _require_delete(self, id: str) -> None:
        run = self._manager.store.table.look(id)
        owner = run.owner if isinstance(run, RunRecord) else None  # a damaged one is the teacher's to remove
        access.require(self.person, Action.DELETE, owner, run.name, self._sharing)
