"""The panel in which a stretch is marked and matches are shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import urlencode

import streamlit as st

from pages.gates.search import told, words
from pages.gates.search.look import MOST_MARKED
from pages.gates.search.told import Search
from pages.shared import address
from pages.shared.i18n import _
from pages.shared.panels import Panel
from playground.records import Annotation

_PANEL = Panel("search")
MOST_LINKS = 60
"""Units that are named; more would be a table of the layer."""


def draw(
    search: Search,
    annotations: Sequence[Annotation],
    *,
    mark: Callable[[int, int], None],
    follow: Callable[[int, int], None],
    lens: dict[str, str | None],
    between: str,
) -> None:
    """Draw.

    Args:
        search: What was looked for, and found.
        annotations: Of the whole text.
        mark: Takes the start and stop of what a person has marked.
        follow: Takes those of a match that becomes the passage.
        lens: The words of an address that shows the stretch in the lens, but for the unit.
        between: What stands between two tokens.
    """

    def marked() -> None:
        what = st.session_state.search_panel.mark
        if what:
            st.session_state.search_turn = int(what["turn"])
            mark(int(what["from"]), int(what["to"]))

    def followed() -> None:
        what = st.session_state.search_panel.follow
        if what:
            follow(int(what["from"]), int(what["to"]))

    def opened() -> None:
        what = st.session_state.search_panel.unit
        if what:
            address.write(lens | {"unit": str(int(what["unit"]))})

    kept = {name: word for name in ("run", "epoch", "lang") if (word := address.word(name))}
    link = kept | {name: word for name, word in lens.items() if word is not None}
    units = search.units[:MOST_LINKS]
    further = len(search.units) - len(units)
    _PANEL.draw(
        "search_panel",
        {
            "passage": told.passage(search),
            "between": between,
            "most": MOST_MARKED,
            "mark": None
            if search.stretch is None
            else dict(zip(("from", "to"), search.stretch, strict=True)),
            "answered": st.session_state.get("search_turn", 0),
            "of": len(search.units),
            "units": [
                {
                    "unit": unit,
                    "link": f"gates?{urlencode(link | {'unit': str(unit)})}",
                    "told": _("Look at unit {unit} in the lens").format(unit=unit),
                }
                for unit in units
            ],
            "found": told.matches(search, annotations),
            "summary": words.summary(search),
            "labels": {
                "panel": _("A passage of the text, and where else its units are on"),
                "passage": _("A passage of the text"),
                "hint": _(
                    "Drag over some tokens to mark them. Keys: ← → ↑ ↓ move, with Shift they mark, Enter searches."
                ),
                "touch": _("Tap the first token of a stretch, then its last."),
                "half": _("Now tap the last token of the stretch."),
                "pending": _("Tokens marked: {n}. Enter searches, Escape gives up."),
                "legend": words.legend(search),
                "scale": _("Colour and underline: how many of these units are on:"),
                "count": _("{n} of {of} on"),
                "overlap": _("{n} of {of} units"),
                "units": _("On through it:"),
                "further": _("and {n} more").format(n=further) if further else "",
                "follow": _("Follow"),
                "more": _("Show all {n}"),
            },
        },
        on_mark_change=marked,
        on_follow_change=followed,
        on_unit_change=opened,
    )
