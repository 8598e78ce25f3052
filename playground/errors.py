"""Every exception the engine raises on purpose.

PlaygroundError            one sentence, with numbers and the way out
├── ConfigError            a setting is outside its range, or settings contradict each other
├── CorpusError            a text cannot be used as it is
│   ├── EncodingUndecided  not UTF-8: a person has to choose among `candidates`
│   ├── TextChanged        a text is not the one that a run began with
│   └── DownloadError      the text could not be fetched, or is not the one expected
├── DeviceError            the chosen device is not on this machine
├── StoreError             the data directory or a file in it cannot be used
│   ├── DirectoryInUse     the data directory belongs to another program
│   ├── StoreBusy          another program has locked the database
│   ├── StoreDamaged       the database can be opened and not be read
│   ├── ChallengeNotFound  no such challenge
│   └── RunNotFound        no such run
│       ├── RunDamaged     its row cannot be read: as good as not there, until it is repaired
│       └── RunPrivate     it is not shown to others: as good as not there, to them
├── ChallengeEnded         no run can be started in it any more
├── RunStateError          the run is not in a state that allows the action
├── LimitReached           a person has as much as this server allows one
├── NotAllowed             it is somebody else's, or the teacher's to do
└── WorkerError            a training process died or would not start
    └── OutOfMemory        the system ended it because memory ran out
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType


def gettext_noop(message: str) -> str:
    """Mark a sentence for the catalogue; it is looked up where it is shown."""
    return message


@dataclass(frozen=True)
class Told:
    """Of somebody it is told what happened, as one of several in a sentence: `name: what`."""

    name: str
    what: str
    """Marked for the catalogue, where it is a sentence of ours."""

    def __str__(self) -> str:
        return f"{self.name}: {self.what}"


def fill(message: str, params: Mapping[str, object]) -> str:
    """A template's sentence in English, with its figures; several stand with commas between.

    >>> fill("Choose one of {choices}.", {"choices": ("rnn", "gru")})
    'Choose one of rnn, gru.'
    """
    shown = {
        name: _between(value).join(map(str, value)) if isinstance(value, (list, tuple)) else value
        for name, value in params.items()
    }
    return message.format(**shown)


def _between(values: Sequence[object]) -> str:
    """Parts that may hold commas have more between them."""
    return "; " if any(isinstance(value, Told) for value in values) else ", "


class PlaygroundError(Exception):
    """A failure that a person can act on.

    The message is kept as a template and its parameters, not only as finished
    text, so that a page can look the template up in its own language.

    Args:
        message: One sentence in English, a `str.format` template.
        params: The values of the template's fields; a list or tuple is written with commas between, of
            `Told` with semicolons.
    """

    is_final = False
    """A run that ended so would end so again: its set-up has to change."""

    def __init__(self, message: str, **params: object) -> None:
        self.message = message
        self.params = params
        super().__init__(fill(message, params))


class ConfigError(PlaygroundError):
    """A setting is outside its range, or settings contradict each other."""

    is_final = True
    label: str | None = None
    """What the setting is called on a page, marked for the catalogue; the message has its name."""
    words: Mapping[object, str] = MappingProxyType({})
    """What its choices are called there, marked too; the message has them as an address does."""


class CorpusError(PlaygroundError):
    """A text cannot be used as it is."""


@dataclass(frozen=True)
class EncodingCandidate:
    """An encoding that bytes may be in."""

    name: str
    """As `--encoding` takes it."""
    preview: str
    """The beginning of what the bytes would say."""
    replaced: int = 0
    """Bytes that do not fit and would become U+FFFD."""


class EncodingUndecided(CorpusError):
    """Bytes that are not UTF-8; `candidates` are the encodings worth offering, best first."""

    def __init__(self, message: str, candidates: Sequence[EncodingCandidate], **params: object) -> None:
        self.candidates = tuple(candidates)
        super().__init__(message, **params)


class TextChanged(CorpusError):
    """A text is not the one that a run began with."""

    is_final = True


class DownloadError(CorpusError):
    """The text could not be fetched, or is not the one expected."""


class DeviceError(PlaygroundError):
    """The chosen device is not on this machine."""

    is_final = True


class StoreError(PlaygroundError):
    """The data directory, or a file in it, cannot be used."""


class StoreDamaged(StoreError):
    """The database, or a part of it, cannot be read: its file is damaged."""


class RunNotFound(StoreError):
    """No run has this id."""


class StoreBusy(StoreError):
    """Another program has locked the database: nothing is wrong with it, and waiting helps."""


class DirectoryInUse(StoreError):
    """The data directory belongs to another program: it can be read, and not changed."""


class RunDamaged(RunNotFound):
    """The run's row cannot be read; whoever can do without a run can do without this one."""


class RunPrivate(RunNotFound):
    """The run is somebody else's, and not shown to others; whoever can do without a run can do without this one."""


class ChallengeNotFound(StoreError):
    """No challenge has this id."""


class ChallengeEnded(PlaygroundError):
    """The teacher has ended the challenge: no run can be started in it any more."""


class RunStateError(PlaygroundError):
    """The run is not in a state that allows the action."""


class LimitReached(PlaygroundError):
    """A person has as much as this server allows one."""


class NotAllowed(PlaygroundError):
    """Whoever asks may not do it: it is somebody else's, or the teacher's to do."""


class WorkerError(PlaygroundError):
    """A training process died or would not start."""


class OutOfMemory(WorkerError):
    """The system ended a training process because memory ran out."""

    is_final = True
