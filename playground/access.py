"""Who may do what to which run: one table, asked where the action happens.

| action                                                           | owner | teacher | others              |
|------------------------------------------------------------------|-------|---------|---------------------|
| look, let it write, copy its set-up                              | yes   | yes     | where runs are shared |
| stop, pause, resume, rename, delete, move θ, train a twin, save weights | yes   | yes     | no                  |
| hand it over, set the server's limits, repair what is damaged or lost | no    | yes     | no                  |
| see the wall, pause everything, show a page to everybody          | no    | yes     | no                  |
| make a challenge, and end it                                     | no    | yes     | no                  |

Whoever owns the machine is a teacher, and whatever a teacher may do they may do to their own runs. Nothing that a link carries is a right.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from playground.errors import NotAllowed, RunPrivate, gettext_noop
from playground.records import Person


class Sharing(StrEnum):
    """Whom runs are shown to."""

    PUBLIC = "public"
    """Everybody on this server."""
    PRIVATE = "private"
    """Their owner and the teacher."""


class Relation(StrEnum):
    """What somebody is to a run."""

    OWNER = "owner"
    TEACHER = "teacher"
    OTHER = "other"


class Action(StrEnum):
    """What can be done to a run, or to the server."""

    LOOK = "look"
    WRITE = "write"
    COPY = "copy"
    STOP = "stop"
    PAUSE = "pause"
    RESUME = "resume"
    RENAME = "rename"
    DELETE = "delete"
    CLIP = "clip"
    TWIN = "twin"
    SNAPSHOT = "snapshot"
    HAND_OVER = "hand_over"
    LIMIT = "limit"
    REPAIR = "repair"
    WALL = "wall"
    PAUSE_ALL = "pause_all"
    PRESENT = "present"
    CHALLENGE = "challenge"


_OWN = frozenset({Relation.OWNER, Relation.TEACHER})
_ALL = frozenset(Relation)
RIGHTS: Mapping[Action, frozenset[Relation]] = MappingProxyType(
    {
        Action.LOOK: _ALL,
        Action.WRITE: _ALL,
        Action.COPY: _ALL,
        Action.STOP: _OWN,
        Action.PAUSE: _OWN,
        Action.RESUME: _OWN,
        Action.RENAME: _OWN,
        Action.DELETE: _OWN,
        Action.CLIP: _OWN,
        Action.TWIN: _OWN,
        Action.SNAPSHOT: _OWN,
        Action.HAND_OVER: frozenset({Relation.TEACHER}),
        Action.LIMIT: frozenset({Relation.TEACHER}),
        Action.REPAIR: frozenset({Relation.TEACHER}),
        Action.WALL: frozenset({Relation.TEACHER}),
        Action.PAUSE_ALL: frozenset({Relation.TEACHER}),
        Action.PRESENT: frozenset({Relation.TEACHER}),
        Action.CHALLENGE: frozenset({Relation.TEACHER}),
    }
)
"""Where runs are shared; where they are private, others may do nothing."""
_REFUSALS: Mapping[Action, str] = MappingProxyType(
    {
        Action.STOP: gettext_noop(
            "{name!r} is somebody else's run: only they and the teacher can stop it. Copy its set-up, and start your own."
        ),
        Action.PAUSE: gettext_noop(
            "{name!r} is somebody else's run: only they and the teacher can pause it. Copy its set-up, and start your own."
        ),
        Action.RESUME: gettext_noop(
            "{name!r} is somebody else's run: only they and the teacher can resume it. Copy its set-up, and start your own."
        ),
        Action.RENAME: gettext_noop(
            "{name!r} is somebody else's run: only they and the teacher can give it another name."
        ),
        Action.DELETE: gettext_noop(
            "{name!r} is somebody else's run: only they and the teacher can delete it."
        ),
        Action.CLIP: gettext_noop(
            "{name!r} is somebody else's run: only they and the teacher can move its θ. Copy its set-up, and start your own."
        ),
        Action.TWIN: gettext_noop(
            "{name!r} is somebody else's run: only they and the teacher can train its twin. Copy its set-up, and start your own."
        ),
        Action.SNAPSHOT: gettext_noop(
            "{name!r} is somebody else's run: only they and the teacher can save its weights now."
        ),
        Action.HAND_OVER: gettext_noop("Only the teacher can hand the run {name!r} over to somebody else."),
        Action.LIMIT: gettext_noop("Only the teacher can change this server's limits."),
        Action.REPAIR: gettext_noop(
            "Only the teacher can repair what is damaged, and bring back what is lost."
        ),
        Action.WALL: gettext_noop("Only the teacher sees the wall of all runs."),
        Action.PAUSE_ALL: gettext_noop("Only the teacher can pause and resume all runs."),
        Action.PRESENT: gettext_noop("Only the teacher can show a page to everybody."),
        Action.CHALLENGE: gettext_noop("Only the teacher can make a challenge, and end it."),
    }
)


def relation(person: Person, owner: str | None) -> Relation:
    """What somebody is to a run of this owner."""
    if person.is_teacher:  # more than an owner: a teacher's own run is as any other
        return Relation.TEACHER
    return Relation.OWNER if person.is_known and person.id == owner else Relation.OTHER


def may(person: Person, action: Action, owner: str | None, sharing: Sharing = Sharing.PUBLIC) -> bool:
    """Whether somebody may do it.

    Args:
        person: Who asks.
        action: What for.
        owner: The id of the run's owner.
        sharing: Whom this server shows runs to.
    """
    is_what = relation(person, owner)
    if is_what is Relation.OTHER and sharing is Sharing.PRIVATE:
        return False
    return is_what in RIGHTS[action]


def require(
    person: Person, action: Action, owner: str | None, name: str, sharing: Sharing = Sharing.PUBLIC
) -> None:
    """Raise where somebody may not do it.

    Args:
        person: Who asks.
        action: What for.
        owner: The id of the run's owner.
        name: What the run is called.
        sharing: Whom this server shows runs to.

    Raises:
        NotAllowed: With the reason and the way out.
        RunPrivate: They may not even look.
    """
    if may(person, action, owner, sharing):
        return
    if not may(person, Action.LOOK, owner, sharing):
        raise RunPrivate(
            "This run is somebody else's, and on this server only they and the teacher see it. Ask them, or start "
            "your own."
        )
    raise NotAllowed(_REFUSALS[action], name=name)


def require_teacher(person: Person, action: Action) -> None:
    """Raise NotAllowed where somebody may not do what concerns the whole server.

    Args:
        person: Who asks.
        action: What for; one that only a teacher may.
    """
    if Relation.TEACHER not in RIGHTS[action] or not person.is_teacher:
        raise NotAllowed(_REFUSALS[action], name="")


def require_known(person: Person) -> str | None:
    """The id of somebody who can be told again, so that what they make is theirs; None is the machine's owner.

    Raises:
        NotAllowed: They cannot be.
    """
    if not person.is_known:
        raise NotAllowed(
            "This browser keeps no cookie, so that nothing can be yours. Allow cookies for this page, and open it again."
        )
    return person.id
