"""Each page's address is kept while another page is open: a click in the menu drops it."""

from __future__ import annotations

import streamlit as st

from pages.shared.i18n import language


def come_to(page: str) -> None:
    """Call before a page is drawn: bring its address back, with the run that was on show last."""
    state = st.session_state
    visits: dict[str, dict[str, str]] = state.setdefault("visits", {})
    now = st.query_params.to_dict()
    if state.get("page") not in (page, None) and not set(now) - {"lang"}:
        kept = {name: value for name, value in visits.get(page, {}).items() if name not in ("run", "lang")}
        if "lang" in st.query_params or state.get("lang_chosen"):
            now["lang"] = language()
        now = kept | now
        if state.get("last_run"):
            now["run"] = state.last_run
        st.query_params.from_dict(now)
    if state.get("page") != page:
        state.settled = set()
    state.page = page
    keep()


def keep() -> None:
    """Remember the address as it stands; fragments call it when they have changed it."""
    state = st.session_state
    now = st.query_params.to_dict()
    state.setdefault("visits", {})[state.page] = now
    state.last_run = now.get("run")
