"""How settings are offered to a person: what stands beside a field's range, and what a page draws it from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic.fields import FieldInfo


@dataclass(frozen=True)
class Switch:
    """A setting that can be off gets a toggle beside its value."""

    label: str
    """Marked for the catalogue, as is every text here."""
    help: str = ""
    on_is_off: bool = False
    """The toggle is on where the setting is off: `Until stopped` beside a number of epochs."""
    first: object = None
    """What the setting is when it is turned on for the first time, where its usual value is off."""


@dataclass(frozen=True)
class Control:
    """How a setting is offered to a person; it stands in the field's `Annotated`."""

    label: str
    help: str = ""
    words: Mapping[Any, str] = field(default_factory=dict)
    """Value → what a person reads, of a choice among few."""
    step: float | None = None
    """By how much the buttons of a number or a slider move it."""
    format: str | None = None
    """printf-style, of a number."""
    empty: str = ""
    """What stands in a field that is off."""
    switch: Switch | None = None
    has_lines: bool = False
    """A text that may have line breaks."""
    more: bool = False
    """Behind “More”: seldom wanted."""
    when: tuple[str, Callable[[Any], bool]] | None = None
    """Offered only while another setting allows it: (its name, what its value has to be)."""


def control_of(info: FieldInfo) -> Control | None:
    """How a setting is offered; None for one that no page offers."""
    return next((part for part in info.metadata if isinstance(part, Control)), None)


@dataclass(frozen=True)
class LongText:
    """Marks a text that a person writes: None is the usual one; a long one does not fit into an address."""


def is_long_text(info: FieldInfo) -> bool:
    """The setting is a text that a person writes."""
    return any(isinstance(part, LongText) for part in info.metadata)
