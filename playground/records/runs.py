"""Runs: their status, metrics, curves and checkpoints."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from playground.config import RunConfig
from playground.errors import fill
from playground.records.texts import TextPart


def perplexity(loss: float) -> float:
    """exp(nats a token); infinite where a float cannot hold it (exp overflows at 710).

    >>> round(perplexity(0.6931), 2)  # as unsure as between two tokens
    2.0
    >>> perplexity(1_000.0)
    inf
    """
    return math.exp(loss) if loss < 709.0 else math.inf


WORSE_THAN_GUESSING = 0.1
"""Nats a token above ln V from which a loss counts as exploded."""


def explodes_above(vocab_size: int) -> float:
    """An epoch's mean loss, nats a token, above which it is worse than guessing among all tokens.

    A fresh network guesses too, and its first losses lie a little above ln V: they are none.
    """
    return math.log(vocab_size) + WORSE_THAN_GUESSING


def is_exploded(loss: float, vocab_size: int) -> bool:
    """Whether an epoch's mean loss is above `explodes_above`."""
    return loss > explodes_above(vocab_size)


class RunStatus(StrEnum):
    """Where a run is: queued → starting → running ⇄ paused → one of the ends.

    `diverged` is a lesson, not a crash: the loss stopped being a number.
    `failed` had a reason from outside; `interrupted` lost its server.
    A paused run whose place was taken waits as `queued` when it is resumed.
    """

    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"
    DIVERGED = "diverged"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def is_active(self) -> bool:
        """Not ended: somebody waits for it, or it trains."""
        return self in ACTIVE

    @property
    def is_resumable(self) -> bool:
        """Ended before its time, so that training can go on from the last checkpoint."""
        return self in RESUMABLE

    @property
    def may_have_diverged(self) -> bool:
        """Its newest weights may be no finite numbers, and sound all the same."""
        return self is RunStatus.DIVERGED or self.is_active


ACTIVE = frozenset({RunStatus.QUEUED, RunStatus.STARTING, RunStatus.RUNNING, RunStatus.PAUSED})
RESUMABLE = frozenset({RunStatus.STOPPED, RunStatus.FAILED, RunStatus.INTERRUPTED})


@dataclass(frozen=True)
class Reason:
    """Why a run ended: a sentence's template and its parameters, as in `PlaygroundError`."""

    message: str
    params: Mapping[str, object] = field(default_factory=dict)
    resume: bool = True
    """A run that it ended may be resumed; False: it would end the same way, until its set-up is changed."""

    def __str__(self) -> str:
        return fill(self.message, self.params)

    def to_json(self) -> str:
        """As a row keeps it."""
        return json.dumps(asdict(self))


@dataclass(frozen=True)
class TrainingFacts:
    """What a run trains on, known once a worker has begun: its device, and how much of everything."""

    device: str
    """`cpu`, `cuda` or `mps`."""
    device_name: str
    threads: int
    torch_version: str
    parameters: int
    vocab_size: int
    steps_per_epoch: int
    train_tokens: int
    heldout_tokens: int
    train_characters: int | None = None
    """As in `TextPart`; None for a run of words from before they were counted."""
    train_unknown: int | None = None
    """Tokens of the training text that are `<unk>`."""
    heldout_characters: int | None = None
    heldout_unknown: int | None = None

    @property
    def train_part(self) -> TextPart:
        """What is trained on."""
        return TextPart(self.train_tokens, self.train_characters, self.train_unknown)

    @property
    def heldout_part(self) -> TextPart:
        """What is held out."""
        return TextPart(self.heldout_tokens, self.heldout_characters, self.heldout_unknown)

    @property
    def judged_part(self) -> TextPart:
        """The text that a run is judged by: the held-out one where there is some."""
        return self.heldout_part if self.heldout_tokens else self.train_part


@dataclass(frozen=True)
class RunRecord:
    """One row of the list of runs."""

    id: str
    name: str
    config: RunConfig
    status: RunStatus
    reason: Reason | None
    created_at: float
    """Seconds since 1970."""
    revision: int
    """Grows when a resume takes back steps that were after the last checkpoint."""
    facts: TrainingFacts | None
    """None until a worker has begun."""
    step: int
    """Optimiser steps done."""
    epoch: float
    """Passes over the training text, with the fraction of the one under way."""
    seconds: float
    """Time spent training; pauses do not count."""
    tokens: int
    """Training tokens seen."""
    train_loss: float | None
    """Nats a token: mean of the last whole epoch."""
    heldout_loss: float | None
    step_loss: float | None
    """Nats a token of the last step."""
    speed: float | None
    """Tokens a second, over the last second or so of training."""
    max_grad_norm: float | None
    """θ as it stands: as the run began, or where somebody has moved it since; None: clipping is off."""
    owner: str | None = None
    """Id of the person who started it, a hash; None: whoever owns the machine."""

    @property
    def thresholds(self) -> tuple[float | None, ...]:
        """θ as the run began, and as it stands where that is another."""
        return tuple(dict.fromkeys((self.config.train.max_grad_norm, self.max_grad_norm)))

    @property
    def has_started(self) -> bool:
        """A worker has begun it, so that there is a vocabulary to look through."""
        return self.facts is not None

    def key_at(self, step: int) -> tuple[str, int, int]:
        """Decides the weights and curves after a step: a resumed run may take a step anew."""
        return self.id, self.revision, step

    @property
    def train_bits(self) -> float | None:
        """Bits a character of the training text, by the last epoch; None where they mean nothing."""
        return self._bits(None if self.facts is None else self.facts.train_part, self.train_loss)

    @property
    def heldout_bits(self) -> float | None:
        """The same of the held-out text."""
        return self._bits(None if self.facts is None else self.facts.heldout_part, self.heldout_loss)

    def _bits(self, part: TextPart | None, loss: float | None) -> float | None:
        if part is None or not self.config.can_write:  # who sees what follows, or a few blanks, tells no text
            return None
        return part.bits_per_character(loss)

    @property
    def tokens_per_second(self) -> float | None:
        """Mean over the whole run."""
        return self.tokens / self.seconds if self.seconds > 0 and self.tokens else None


@dataclass(frozen=True)
class Sample:
    """Text a run wrote on its way."""

    epoch: float
    step: int
    prefix: str
    text: str
    """What the model added to the prefix."""


@dataclass(frozen=True)
class Threshold:
    """Where gradients are clipped from a moment on."""

    epoch: float
    step: int
    """Steps done when it was moved."""
    max_grad_norm: float | None
    """θ; None: clipping is off."""


@dataclass(frozen=True)
class Clipping:
    """What clipping did to the last steps."""

    steps: int
    share: float
    """Of the steps that were clipped, from 0 to 1."""
    scale: float | None
    """What their gradients were multiplied by, on average; None when none was clipped."""


@dataclass(frozen=True)
class Explosion:
    """A loss that stays finite and is worse than guessing."""

    vocab_size: int
    """V, the tokens to guess among."""
    guessing: float
    """ln V: what that costs, in nats."""
    epoch: int
    """The first one whose mean loss is."""
    loss: float
    """Its mean, in nats a token."""
    worst: float
    """The worst epoch's, until now."""
    norm_step: int
    """The step of the longest gradient until then."""
    norm: float
    """Its L2 norm before clipping; inf where it overflowed."""
    max_grad_norm: float | None
    """θ as it stood at that step; None: clipping was off."""


@dataclass(frozen=True)
class CheckpointRecord:
    """Weights on disk; `training_file` only beside the newest one, from which a run resumes."""

    run_id: str
    step: int
    epoch: float
    kept: bool
    """False for the rolling one, which the next checkpoint replaces."""
    weights_file: str
    training_file: str | None
    loss: float | None = None
    """Nats a token of the epoch that it ends, held out where something is; None inside an epoch."""


@dataclass(frozen=True)
class History:
    """A run's curves after some point: columns of equal length, oldest first.

    `cursor` is what to pass as `after` for what comes next. Steps are thinned
    to the peaks and valleys when there are more than asked for.
    """

    cursor: int
    revision: int
    step_epoch: NDArray[np.float64]
    step_loss: NDArray[np.float64]
    """Nats a token."""
    step_norm: NDArray[np.float64]
    """Gradient's L2 norm before clipping; inf where it overflowed."""
    epoch: NDArray[np.float64]
    train_loss: NDArray[np.float64]
    heldout_loss: NDArray[np.float64]
    """NaN where nothing is held out."""
    thresholds: tuple[Threshold, ...]
    """Where θ was moved on the way."""
    samples: tuple[Sample, ...]


@dataclass(frozen=True)
class CorpusInfo:
    """A text that can be chosen."""

    id: str
    title: str
    ready: bool
    """False when it has to be fetched first."""
    owners: tuple[str, ...] | None = None
    """Ids of the people who added it; None: it is everybody's."""
    is_shared: bool = False
    """One of them has shared it with the class."""


def default_name(config: RunConfig) -> str:
    """`LSTM 256`, `2 × GRU 64`, `2 × bi-LSTM 256`."""
    model = config.model
    layers = f"{model.num_layers} × " if model.num_layers > 1 else ""
    return f"{layers}{'bi-' if model.bidirectional else ''}{model.cell.upper()} {model.hidden_size}"
