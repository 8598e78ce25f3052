"""A person's own ideas: a regular expression, which the address keeps, and a pasted table, which the session does."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.gates.cells import words
from pages.gates.cells.rows import Shown
from pages.gates.choice import Choice
from pages.shared.controls import Bound
from pages.shared.i18n import _, plain
from pages.shared.state import cell_service
from playground.records import Finding
from playground.text.own_annotations import MOST_SOURCE, OwnIdea


def draw(look: Bound[Choice]) -> tuple[tuple[OwnIdea, ...], DeltaGenerator]:
    """Draw the fields; the ideas that are filled in, and the place for what is found of them."""
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
        answer = st.container()
    return ideas(look.settings), answer


def ideas(settings: Choice) -> tuple[OwnIdea, ...]:
    """What a person has filled in."""
    found = []
    if settings.pattern:
        found.append(OwnIdea("regex", settings.idea.strip() or settings.pattern, settings.pattern))
    table = st.session_state.get("cells_table", "").strip()
    if table:
        found.append(OwnIdea("csv", settings.idea.strip() or _("your table"), table))
    return tuple(found)


def tell(answer: DeltaGenerator, shown: Shown, findings: Sequence[Finding]) -> None:
    """Say below the fields what is found of the ideas in them."""
    if not shown.own:
        return
    annotations = {
        each.name: each
        for each in cell_service().annotations(shown.run, shown.checkpoint, shown.place, shown.own)
    }
    for finding in findings:
        if finding.is_own:
            answer.caption(plain(words.answer(finding, annotations[finding.name])))
