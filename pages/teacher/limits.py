"""The server's limits, which a teacher can change while it runs."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.shared import problems
from pages.shared.i18n import _, clauses, headed, plain, sentences
from pages.shared.state import runs_here
from playground.errors import ConfigError, gettext_noop
from playground.settings import to_text

_LABELS: Mapping[str, str] = {
    "runs_per_person": gettext_noop("Runs of a person that wait, train or were paused just now"),
    "disk_per_person": gettext_noop("Megabytes of weights of a person's runs"),
    "texts_per_person": gettext_noop("Texts that a person may add"),
    "writing_per_person": gettext_noop("Texts written for a person at the same time"),
    "until_stopped_minutes": gettext_noop("Minutes of a run “until stopped” while others wait"),
    "run_minutes": gettext_noop("Minutes that a run may take, by its estimate"),
    "free_megabytes": gettext_noop("Megabytes free on the disk below which runs pause"),
}


def limits() -> None:
    """Draw them, in a box that opens; what is applied counts at once and outlives the server."""
    here = runs_here()
    with st.popover(_("Limits …"), icon=":material/tune:", key="limits_menu"):
        now = here.limits()
        keys = {}
        with st.form("limits", border=False):
            for name, label in _LABELS.items():
                value = getattr(now, name)
                usual = _value(name, value)
                keys[name] = f"limit_{name}_{usual}"  # another field when it was changed elsewhere
                st.text_input(_(label), usual, key=keys[name], autocomplete="off")
            st.caption(
                _(
                    "“off” sets no limit; “auto” takes 200 MB, on a small disk 64. They hold for everybody of the class, "
                    "at once and after a restart too."
                )
            )
            st.form_submit_button(_("Apply"), type="primary", on_click=_apply, args=(keys,))
        st.button(
            _("As the server was started"),
            key="limits_reset",
            icon=":material/restart_alt:",
            disabled=not here.changed_limits(),
            on_click=_reset,
        )
        problems.tell()
        _told()


def _apply(keys: Mapping[str, str]) -> None:
    problems.attempt(_set, {name: st.session_state[key] for name, key in keys.items()})


def _set(values: Mapping[str, object]) -> None:
    before = runs_here().limits()
    try:
        runs_here().set_limits(values)
    except ConfigError as error:
        error.label = _LABELS.get(str(error.params.get("name")))
        raise
    st.session_state.limits_before = before


def _told() -> None:
    """Say what the last press has changed."""
    before = st.session_state.pop("limits_before", None)
    if before is None:
        return
    now = runs_here().limits()
    moved = [name for name in _LABELS if getattr(now, name) != getattr(before, name)]
    told = [headed(_(_LABELS[name]), _value(name, getattr(now, name))) for name in moved]
    st.success(plain(sentences(_("Applied."), clauses(told) if told else _("Nothing has changed."))))


def _value(name: str, value: object) -> str:
    """As its field shows it."""
    return "auto" if name == "free_megabytes" and value is None else to_text(value)


def _reset() -> None:
    problems.attempt(_take_back)


def _take_back() -> None:
    before = runs_here().limits()
    runs_here().reset_limits()
    st.session_state.limits_before = before
