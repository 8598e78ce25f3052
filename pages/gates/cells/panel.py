"""The panel that lists what is followed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.gates.cells.rows import LEVELS, palettes
from pages.shared.i18n import _
from pages.shared.panels import Panel

_PANEL = Panel("cells")


def draw(data: dict[str, Any], pick: Callable[[str, str], None]) -> None:
    """Draw; a button of a row, or Enter on one, acts.

    Args:
        data: `rows`, `rest`, `summary`, `opened` and `figure`, as `rows` makes them.
        pick: Takes the action and the finding's name.
    """

    def picked() -> None:
        told = st.session_state.cells_panel.pick
        if told:
            pick(str(told["action"]), str(told["name"]))

    _PANEL.draw(
        "cells_panel",
        {
            "levels": LEVELS,
            "palettes": palettes(),
            "labels": {
                "list": _("What units follow"),
                "hint": _("Keys: ↑ and ↓ choose a row, Enter opens its unit in the lens."),
                "memory": _("What has to be remembered"),
                "token": _("What the token itself says: an untrained network tells it apart too"),
                "rest": _("What no unit follows"),
                "lens": _("Open in the lens"),
                "surgery": _("Switch it off"),
                "formation": _("How it formed"),
                "close": _("Close the chart"),
                "reading": _("Reading the moments of training …"),
                "too_few": _("The text has too little of this to say how it formed."),
                "holds": _("underlined: where this holds"),
                "unread": _(
                    "The text belongs to somebody else and is not shared: no passage of it is shown here."
                ),
            },
            **data,
        },
        on_pick_change=picked,
    )
