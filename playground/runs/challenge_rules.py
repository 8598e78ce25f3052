"""What counts in a challenge, and who is ahead."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from playground.config import RunConfig
from playground.errors import ConfigError, LimitReached, PlaygroundError
from playground.format import exact, fixed
from playground.records import Challenge, Entry, Exclusion, perplexity
from playground.runs.memory import count_parameters, largest

_DECIMALS = 2
"""Of a perplexity on the board: what is equal with them is a tie."""
_LEAST_HIDDEN = 8


@dataclass(frozen=True)
class Line:
    """One person's runs that count or may yet, best first."""

    owner: str | None
    """Their id; None is the machine's owner."""
    rank: int | None
    """From 1; None before the first measurement."""
    entries: tuple[Entry, ...]


def exclusion(challenge: Challenge, entry: Entry) -> tuple[Exclusion, Mapping[str, str]] | None:
    """Why a run does not count, with the figures of the sentence that says so; None for one that does, or may yet.

    Args:
        challenge: What is fixed and allowed.
        entry: A run that was started in it.
    """
    run, most = entry.run, challenge.most_parameters
    by_settings = excluded_by_settings(challenge, run.config)
    if by_settings is not None:
        return by_settings
    parameters = None if run.facts is None else run.facts.parameters
    if most is not None and parameters is not None and parameters > most:
        return Exclusion.PARAMETERS, {"parameters": exact(parameters), "most": exact(most)}
    if entry.best_loss is not None:
        return None
    if not challenge.is_open:
        return Exclusion.ENDED, {}
    if challenge.most_seconds is not None and run.seconds > challenge.most_seconds:
        return Exclusion.LATE, {"minutes": exact(challenge.most_minutes)}
    return None if run.status.is_active else (Exclusion.UNMEASURED, {})


def excluded_by_settings(
    challenge: Challenge, config: RunConfig
) -> tuple[Exclusion, Mapping[str, str]] | None:
    """As `exclusion`, by what is known before a run begins."""
    if config.corpus.held_out != challenge.corpus.held_out:
        parts = {"part": exact(config.corpus.held_out), "fixed": exact(challenge.corpus.held_out)}
        return Exclusion.HELD_OUT, parts
    if config.corpus != challenge.corpus:
        return Exclusion.DATA, {}
    if config.is_trap:
        return Exclusion.TRAP, {}
    return None if config.can_write else (Exclusion.BLANKS, {})


def ranking(entries: Iterable[Entry]) -> list[Line]:
    """One line a person, best first: by perplexity; what is equal as shown by parameters, then by training time.

    Args:
        entries: Runs that count or may yet. What is not measured yet comes last.
    """
    ordered = _ordered(entries)
    lines: dict[str | None, list[Entry]] = {}
    for entry in ordered:
        lines.setdefault(entry.run.owner, []).append(entry)
    return [
        Line(owner, None if own[0].best_loss is None else place, tuple(own))
        for place, (owner, own) in enumerate(lines.items(), start=1)
    ]


def shown(entry: Entry) -> str:
    """The best perplexity in time as the board writes it."""
    return fixed(None if entry.best_loss is None else perplexity(entry.best_loss), _DECIMALS)


def _ordered(entries: Iterable[Entry]) -> list[Entry]:
    by_loss = sorted(entries, key=lambda entry: (_or_infinite(entry.best_loss), entry.run.created_at))
    groups = itertools.groupby(by_loss, key=shown)
    return [entry for _text, equal in groups for entry in sorted(equal, key=_among_equals)]


def _among_equals(entry: Entry) -> tuple[float, float]:
    parameters = None if entry.run.facts is None else entry.run.facts.parameters
    return _or_infinite(parameters), _or_infinite(entry.best_seconds)


def _or_infinite(value: float | None) -> float:
    return float("inf") if value is None else value


def refusal(challenge: Challenge, config: RunConfig) -> PlaygroundError | None:
    """What Start would say of a set-up that a challenge does not allow; None of one that it does.

    Args:
        challenge: What is fixed and allowed.
        config: The settings of the run.
    """
    try:
        require_allowed(challenge, config)
    except PlaygroundError as refused:
        return refused
    return None


def require_allowed(challenge: Challenge, config: RunConfig) -> None:
    """Make sure that a run may be started in a challenge.

    Args:
        challenge: What is fixed and allowed.
        config: The settings of the run.

    Raises:
        ConfigError: It reads another text: that of the challenge is not here, or not offered any more.
        LimitReached: The network has more parameters than are allowed, told with the most hidden units that fit.
    """
    if config.corpus.corpus != challenge.corpus.corpus:
        raise ConfigError(
            "The challenge {title!r} is on another text, which cannot be read here now. Tell your teacher, or leave the "
            "challenge.",
            title=challenge.title,
        )
    _require_few_parameters(challenge, config)


def _require_few_parameters(challenge: Challenge, config: RunConfig) -> None:
    most, needed = challenge.most_parameters, parameters_of(challenge, config)
    if most is None or needed <= most:
        return
    hidden = largest(
        "hidden_size",
        config.model.hidden_size,
        _LEAST_HIDDEN,
        config,
        most,
        lambda other: parameters_of(challenge, other),
    )
    params = {"title": challenge.title, "needed": needed, "most": most, "hidden": hidden}
    if hidden is None:
        raise LimitReached(
            "This set-up has {needed:,} parameters, and the challenge {title!r} allows {most:,}. Not even with the fewest "
            "hidden units does it fit: choose fewer layers, another cell or a smaller embedding.",
            **params,
        )
    raise LimitReached(
        "This set-up has {needed:,} parameters, and the challenge {title!r} allows {most:,}. With {hidden:,} hidden units "
        "it fits.",
        **params,
    )


def parameters_of(challenge: Challenge, config: RunConfig) -> int:
    """Of a network on a challenge's text."""
    return count_parameters(config.model, challenge.vocab_size)
