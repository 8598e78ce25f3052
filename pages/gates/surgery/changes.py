"""The changes as a text that controls write: added, taken out, undone."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.gates.surgery.look import SurgeryLook
from pages.shared.controls import Bound
from pages.shared.i18n import _, join
from playground.config import Intervention, Surgery
from playground.format import exact

_MOST_UNDONE = 50
_NAMED_UNITS = 4
"""Of a change that has more, the others are counted."""


def change(look: Bound[SurgeryLook], cut: str) -> None:
    """Write other changes; what was there before can come back."""
    remember(look)
    look.set(cut=cut)


def remember(look: Bound[SurgeryLook]) -> None:
    """Keep what is there now, for Undo."""
    look.reread()
    past: list[str] = st.session_state.setdefault("surgery_past", [])
    past.append(look.settings.cut)
    del past[:-_MOST_UNDONE]


def undo(look: Bound[SurgeryLook]) -> None:
    """Bring back what was there before the last change."""
    past = st.session_state.get("surgery_past", [])
    if past:
        look.set(cut=past.pop())


def can_undo() -> bool:
    """Something has been changed in this session."""
    return bool(st.session_state.get("surgery_past"))


def toggled(items: Sequence[str], item: str) -> str:
    """The changes with one more, or without it where it is there; one of the same units takes the other's place.

    >>> toggled(["h82=0"], "f*=1"), toggled(["h82=0", "f*=1"], "f*=0"), toggled(["f*=1"], "f*=1")
    ('h82=0, f*=1', 'h82=0, f*=0', '')

    Args:
        items: The changes that are there, each as text.
        item: The one that is switched on or off.
    """
    if item in items:
        return ", ".join(each for each in items if each != item)
    target = item.partition("=")[0]
    return ", ".join([*(each for each in items if each.partition("=")[0] != target), item])


def without(surgery: Surgery, at: int) -> str:
    """The changes but for one, as text."""
    return ", ".join(str(each) for i, each in enumerate(surgery.interventions) if i != at)


def told(each: Intervention) -> str:
    """One change in words: `h of unit 82 = 0`."""
    value = (
        {"mean": _("its mean"), "donor": _("the other sentence's")}[each.value]
        if isinstance(each.value, str)
        else exact(each.value)
    )
    if each.units is None:
        return f"{each.quantity} = {value}"
    if len(each.units) == 1:
        return _("{name} of unit {unit} = {value}").format(
            name=each.quantity, unit=each.units[0], value=value
        )
    listed = join(each.units[:_NAMED_UNITS]) + (" …" if len(each.units) > _NAMED_UNITS else "")
    return _("{name} of {n} units ({units}) = {value}").format(
        name=each.quantity, n=len(each.units), units=listed, value=value
    )


def told_all(surgery: Surgery) -> str:
    """Every change, in a sentence."""
    return join(told(each) for each in surgery.interventions)
