"""Logging in and out, where a server asks for it: Streamlit does it, at a provider."""

from __future__ import annotations

import streamlit as st

from pages.shared import problems, state
from pages.shared.i18n import _, plain


def require() -> None:
    """Call before anything is drawn: whoever has not logged in sees the way to it, and nothing else.

    Raises:
        StoreBusy: They come for the first time, and another program has locked the database.
    """
    if state.runs_here().classroom.log_in(state.told_person(), state.told_account()):
        return
    problems.catch_up()  # a press on "Log out" that had to wait
    st.header(_("Welcome"))
    st.text(_("Log in first, so that your runs are yours wherever you open this page."))
    for provider in _providers():
        label = _("Log in with {provider}").format(provider=plain(provider)) if provider else _("Log in")
        key = f"log_in_{provider}" if provider else "log_in"
        st.button(label, key=key, type="primary", on_click=st.login, args=(provider or None,))
    problems.tell()
    st.stop()


def draw_log_out() -> None:
    """Draw the way out, where somebody has logged in."""
    if state.runs_here().classroom.asks_login:
        st.button(
            _("Log out"),
            icon=":material/logout:",
            key="log_out",
            on_click=problems.attempt,
            args=(_log_out, state.told_person()),
            width="stretch",
        )


def _log_out(told: str | None) -> None:
    state.runs_here().classroom.log_out(told)
    st.logout()


def _providers() -> tuple[str, ...]:
    oidc = state.identity().oidc
    return () if oidc is None else oidc.providers
