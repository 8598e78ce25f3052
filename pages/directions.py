"""What two directions are for: a trap, filling in blanks, features."""

from __future__ import annotations

import streamlit as st

from pages.ui import query, visits
from pages.ui.i18n import _, explain
from pages.ui.lessons import blanks, features, trap
from pages.ui.state import put
from playground.errors import PlaygroundError


def _turn(lesson: str) -> None:
    """Every lesson keeps a sentence of its own."""
    texts: dict[str, str | None] = st.session_state.setdefault("lesson_texts", {})
    texts[query.given("view", "trap")] = st.query_params.get("text")
    query.keep("view", lesson, "trap")
    query.keep("text", texts.get(lesson), None)


LESSONS = {"trap": trap.lesson, "blanks": blanks.lesson, "features": features.lesson}

st.header(_("Two directions"))
labels = {"trap": _("The trap"), "blanks": _("Fill in the blank"), "features": _("Features")}
now = query.given("view", "trap")
now = now if now in LESSONS else "trap"
put("lesson", now, *labels.values())
st.pills(
    _("Lesson"), list(LESSONS), required=True, format_func=labels.__getitem__, key="lesson",
    on_change=lambda: _turn(st.session_state.lesson or now),
)  # fmt: skip
try:
    LESSONS[now]()
except PlaygroundError as error:
    st.error(explain(error))
visits.keep()
