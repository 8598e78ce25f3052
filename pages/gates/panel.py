"""The panel that draws the lens' figures in place: zoom, scroll and hover outlive every change."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from pages.gates.choice import Choice
from pages.gates.inspect import coloured
from pages.gates.views import Chart, Look
from pages.shared.i18n import _
from pages.shared.panels import Panel
from playground.figures.theme import quantised

_PANEL = Panel("lens")


def draw(charts: Sequence[Chart], look: Look, choice: Choice, pick: Callable[..., None]) -> None:
    """Draw; a click or an arrow key chooses the token and the unit.

    Args:
        charts: From the top down.
        look: The traced sentence, coloured below heatmaps.
        choice: The view, and the token and the unit that are marked.
        pick: Takes the chosen `step` and `unit`.
    """

    def picked() -> None:
        place = st.session_state.lens_panel.pick
        if place:
            st.session_state.lens_turn = int(place["turn"])
            pick(**{name: int(place[name]) for name in ("step", "unit") if name in place})

    _PANEL.draw(
        "lens_panel",
        {
            "charts": [
                {
                    "key": c.key,
                    "figure": quantised(c.figure),
                    "least": c.least,
                    "names": c.names,
                    "wide": c.least is not None,
                    "revision": c.revision,
                }
                for c in charts
            ],
            "epoch": look.checkpoint.epoch,
            "look": f"{choice.view} {choice.gate}",
            "steps": len(look.trace.tokens),
            "units": look.trace.hidden_size,
            "selected": {"step": choice.step, "unit": choice.unit},
            "answered": st.session_state.get("lens_turn", 0),
            "sentence": coloured(look, choice) if choice.view in ("heatmap", "all") else None,
            "label": _("Gates over the sentence"),
            "hint": _("Keys: ← and → choose the token.")
            if choice.view == "compare"
            else _("Click a figure; then ← and → choose the token, ↑ and ↓ the unit."),
        },
        on_pick_change=picked,
    )
