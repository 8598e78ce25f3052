"""Reach: how far back a loss depends on what was read, and why gates were invented."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.gradients.reach import brackets, curves, longer, sentence_map
from pages.shared.controls import Bound
from pages.shared.i18n import _
from playground.lesson_settings import ReachLook

_VIEWS: dict[str, Callable[[Bound[ReachLook]], None]] = {
    "brackets": lambda look: brackets.view(),
    "fresh": curves.fresh_cells,
    "runs": curves.trained_runs,
    "longer": longer.view,
    "map": sentence_map.view,
}


def lesson() -> None:
    """From fresh cells to single letters of a sentence."""
    st.markdown(
        _(
            "Learning goes back through time, by **backpropagation through time**: the loss at one place "
            "tells the network what to do otherwise with what it read k tokens before. How loud it tells "
            "is the norm of a gradient. Where that shrinks at every step, the gradient **vanishes**, and "
            "what lies far back is hardly learnt; where it grows, the gradient **explodes**."
        )
    )
    look = Bound(ReachLook, "reach_look")
    look.choice("show", widget=st.pills, key="reach_show")
    _VIEWS[look.settings.show](look)
