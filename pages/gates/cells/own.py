"""A person's own ideas: a regular expression, which the address keeps, and a pasted table, which the session does."""

from __future__ import annotations

import streamlit as st

from pages.gates.choice import Choice
from pages.shared.controls import Bound
from pages.shared.i18n import _
from playground.text.own_annotations import MOST_SOURCE, OwnIdea


def draw(look: Bound[Choice]) -> tuple[OwnIdea, ...]:
    """Draw the fields; the ideas that are filled in."""
    with st.popover(_("Your own idea"), icon=":material/lightbulb:"):
        st.caption(_("Name what units may follow, and say where it is in the text."))
        look.line("idea")
        look.line("pattern")
        with st.expander(_("Or a table")):
            st.text_area(
                _("A value for each token"),
                key="cells_table",
                max_chars=MOST_SOURCE,
                placeholder="0\n0\n1\n1",
                help=_(
                    "CSV: one value a line in the order of the tokens, or a token's position, from 0, and its value. 0 "
                    "and 1 are no and yes; other numbers are a quantity. It is kept until you leave."
                ),
            )
    return ideas(look.settings)


def ideas(settings: Choice) -> tuple[OwnIdea, ...]:
    """What a person has filled in."""
    found = []
    if settings.pattern:
        found.append(OwnIdea("regex", settings.idea.strip() or settings.pattern, settings.pattern))
    table = st.session_state.get("cells_table", "").strip()
    if table:
        found.append(OwnIdea("csv", settings.idea.strip() or _("your table"), table))
    return tuple(found)
