"""What cannot be read any more: named with its reason, so that it can be repaired or removed."""

from __future__ import annotations

from dataclasses import dataclass

from playground.records.runs import Reason


@dataclass(frozen=True)
class DamagedText:
    """A text that was added, and whose note or text cannot be read."""

    id: str
    title: str
    """As its note has it; its id where the note is what is damaged."""
    reason: Reason


@dataclass(frozen=True)
class DamagedRun:
    """A run whose row cannot be read."""

    id: str
    name: str
    """As its row has it; its id where that is damaged too."""
    created_at: float | None
    """Seconds since 1970; None where that cannot be read."""
    reason: Reason
