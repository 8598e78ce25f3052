"""A text of one's own is offered to others where its owner says so."""

from __future__ import annotations

import streamlit as st

from pages.shared import people, problems
from pages.shared.i18n import _
from playground.runs.personal_texts import PersonalTexts


def sharing(texts: PersonalTexts, chosen: str) -> None:
    """Draw the switch, in a class, below a chosen text that this person has added.

    Args:
        texts: The texts as this person sees them.
        chosen: The id of the chosen text.
    """
    if not people.is_class():
        return
    info = next((info for info in texts.own() if info.id == chosen and info.owners is not None), None)
    if info is None:
        return
    key = f"share_text_{chosen}_{info.is_shared}"
    st.toggle(
        _("Share this text with the class"),
        info.is_shared,
        key=key,
        on_change=_share,
        args=(texts, chosen, key),
        help=_("Off: only you and the teacher can train on it; who looks at your runs sees what they write."),
    )


def _share(texts: PersonalTexts, chosen: str, key: str) -> None:
    problems.attempt(texts.share, chosen, st.session_state[key])
