"""What two directions are for: a trap, filling in blanks, features."""

from __future__ import annotations

import streamlit as st

from pages.directions import blanks, features, trap
from pages.shared.i18n import _
from pages.shared.lessons_page import lessons_page

st.header(_("Two directions"))
lessons_page(
    "directions",
    {
        "trap": trap.lesson,
        "blanks": blanks.lesson,
        "features": features.lesson,
    },
)
