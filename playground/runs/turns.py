"""How long until a run's turn, and until its end, when others take theirs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

SWITCH_SECONDS = 0.1
"""From one run's last step to the next one's first."""


@dataclass(frozen=True)
class Turn:
    """How a run that trains or waits shares the machine."""

    people: int
    """Others whose runs train or wait."""
    runs: int
    """Other runs that take turns with it, one's own among them."""
    position: int | None
    """From 1; None while it trains."""
    seconds: float | None
    """Until it trains; 0 while it does, None where nobody can say."""
    seconds_left: float | None
    """Until its end, with the turns of the others; None where nobody can say."""
    is_held: bool = False
    """It waits until a teacher lets all runs go on, whenever that is."""


NO_TURN = Turn(0, 0, None, None, None)
"""Of a run that neither trains nor waits."""


@dataclass(frozen=True)
class Entry:
    """What is known of a run that trains or waits."""

    id: str
    person: str
    has_begun: bool
    """It has trained already, or does."""
    slice_seconds: float
    """How long its next turn is, or what is left of the one that it has."""
    seconds_left: float | None
    """Of training, were it alone; None where nobody can say, inf where it trains until it is stopped."""


def turn(
    id: str, training: Sequence[Entry], waiting: Sequence[Entry], slots: int, *, is_held: bool = False
) -> Turn:
    """How a run shares the machine.

        >>> ann, ben = Entry("a", "Ann", True, 2.0, 10.0), Entry("b", "Ben", True, 3.0, 4.0)
        >>> turn("b", [ann], [ben], 1)
        Turn(people=1, runs=1, position=1, seconds=2.1, seconds_left=8.0, is_held=False)

    Args:
        id: The run.
        training: The runs that have a slot, this one maybe among them.
        waiting: Those that wait, in the order of their turns.
        slots: Runs that train at the same time.
        is_held: None of those that wait begins, until a teacher lets all go on.
    """
    everybody = [*training, *waiting]
    own = next(entry for entry in everybody if entry.id == id)
    others = [entry for entry in everybody if entry.id != id]
    people = {entry.person for entry in others} - {own.person}
    # a person alone sees one run after another; one that stands still in the middle takes turns
    beside = [entry for entry in others if people or (own.has_begun and entry.has_begun)]
    position = next((at for at, entry in enumerate(waiting, start=1) if entry.id == id), None)
    if is_held and position is not None:
        return Turn(len(people), len(beside), position, None, None, is_held=True)
    seconds: float | None = 0.0
    if position is not None:
        before = waiting[: position - 1]
        seconds = (
            _until_turn(training, before, slots)
            if people or own.has_begun
            else _until_end([*training, *before])
        )
    return Turn(len(people), len(beside), position, seconds, _seconds_left(own, beside, slots))


def _until_turn(training: Sequence[Entry], before: Sequence[Entry], slots: int) -> float:
    """Each slot gets free when its run's turn is over, and then serves the next."""
    free = sorted(entry.slice_seconds + SWITCH_SECONDS for entry in training) or [0.0]
    free = [0.0] * (slots - len(free)) + free
    for entry in before:
        free[0] += entry.slice_seconds + SWITCH_SECONDS
        free.sort()
    return round(free[0], 1)


def _until_end(before: Sequence[Entry]) -> float | None:
    """One after another, each to its end."""
    left = [entry.seconds_left for entry in before]
    known = [seconds for seconds in left if seconds is not None and math.isfinite(seconds)]
    return round(sum(known), 1) if len(known) == len(left) else None


def _seconds_left(own: Entry, beside: Sequence[Entry], slots: int) -> float | None:
    """As long as everybody who shares needs, each up to what this run's person needs until its end."""
    if own.seconds_left is None or not math.isfinite(own.seconds_left):
        return None
    if not beside:
        return own.seconds_left
    work: dict[str, float] = {}
    for entry in beside:  # of an unknown end it is assumed that it is as far
        needs = own.seconds_left if entry.seconds_left is None else entry.seconds_left
        if entry.person == own.person:
            needs = min(needs, own.seconds_left)
        work[entry.person] = work.get(entry.person, 0.0) + needs
    mine = own.seconds_left + work.pop(own.person, 0.0)
    shared = mine + sum(min(needs, mine) for needs in work.values())
    return round(max(own.seconds_left, shared / slots), 1)
