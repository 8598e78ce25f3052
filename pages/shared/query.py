"""What stands in the address of a page whose controls keep nothing else."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

import streamlit as st

from pages.shared.i18n import _, explain
from playground.errors import ConfigError
from playground.settings import Settings, validate

S = TypeVar("S", bound=Settings)
_LONG = 600
"""Characters."""


def given(name: str, default: str = "") -> str:
    """A part of the address."""
    return str(st.query_params.get(name, default))


def keep(name: str, value: object, usual: object) -> None:
    """Write a part of the address; what is usual is left out."""
    if value is None or value == usual:
        st.query_params.pop(name, None)
    elif isinstance(value, bool):
        st.query_params[name] = str(value).lower()
    else:
        st.query_params[name] = f"{value:g}" if isinstance(value, float) else str(value)


def settings(kind: type[S], names: Collection[str] | None = None) -> S:
    """Settings as the address has them; a value that does not fit is told, and the usual one taken.

    Args:
        kind: Which settings.
        names: Only these; all of them without it.
    """
    found: dict[str, object] = {}
    for name in kind.model_fields if names is None else names:
        if name in st.query_params:
            try:
                validate(kind, {name: given(name)})
                found[name] = given(name)
            except ConfigError as error:
                st.warning(explain(error) + " " + _("The usual value is used instead."))
    return validate(kind, found)


def number(name: str) -> float | None:
    """A part of the address that is a number from 0; None for anything else."""
    try:
        value = float(given(name, "none"))
    except ValueError:
        return None
    return value if 0 <= value < 1e7 else None


def text(name: str, usual: str) -> str:
    """A person's text: the address's, else a long one of this tab, else the usual one."""
    if name in st.query_params:
        return given(name)
    long: dict[str, str] = st.session_state.get("long_texts", {})
    return long.get(_here(name), usual)


def keep_text(name: str, text: str, usual: str) -> None:
    """Keep a person's text in the address; a long one in this tab, for addresses have limits and travel."""
    long: dict[str, str] = st.session_state.setdefault("long_texts", {})
    long.pop(_here(name), None)
    st.query_params.pop(name, None)
    if len(text) > _LONG:
        long[_here(name)] = text
    elif text != usual:
        st.query_params[name] = text


def _here(name: str) -> str:
    return f"{st.session_state.get('page')} {given('view')} {name}"
