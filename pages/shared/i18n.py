"""English and 简体中文: English sentences are the keys, the catalogue has the Chinese ones."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import streamlit as st
from babel.messages.pofile import read_po

from playground.errors import ConfigError, PlaygroundError, gettext_noop
from playground.records import Reason

CATALOGUE = Path(__file__).parents[2] / "assets" / "locales" / "zh_CN.po"
NAME = "Recurrent playground"
"""The product's; the same in every language."""
LANGUAGES = {"en": "English", "zh": "简体中文"}


def choose_language(chosen: Callable[[], None]) -> None:
    """Draw the language switch; `?lang=` wins over the browser's own language.

    Args:
        chosen: Called when a person has moved it.
    """
    if "lang" not in st.session_state:
        wanted = st.query_params.get("lang") or st.context.locale or "en"
        st.session_state.lang = "zh" if wanted.lower().startswith("zh") else "en"
    with st.sidebar:
        st.segmented_control(
            "Language · 语言",
            list(LANGUAGES),
            required=True,
            format_func=LANGUAGES.__getitem__,
            key="lang",
            persist_state="session",
            label_visibility="collapsed",
            on_change=chosen,
        )


def language() -> str:
    """The page's language: `en` or `zh`."""
    chosen = st.session_state.get("lang")
    return chosen if chosen in LANGUAGES else "en"


def _(message: str) -> str:
    """Look a sentence up in the page's language."""
    return message if language() == "en" else catalogue().get(message, message)


def explain(problem: PlaygroundError | Reason) -> str:
    """An engine's sentence in the page's language, with its figures."""
    params = dict(problem.params)
    if "status" in params:
        params["status"] = status_label(str(params["status"]))
    if isinstance(problem, ConfigError) and problem.label:
        params["name"] = _(problem.label)
    return plain(_(problem.message).format(**params))


def plain(text: str) -> str:
    """Escape what markdown would act on: a link's value or a run's name may hold an image or a link."""
    return re.sub(r"([\\`*_\[\]<~$|])", r"\\\1", text)


def status_label(status: str) -> str:
    """A run's status in words."""
    return _(_STATUSES[status])


_STATUSES = {
    "queued": gettext_noop("waiting"),
    "starting": gettext_noop("starting"),
    "running": gettext_noop("training"),
    "paused": gettext_noop("paused"),
    "finished": gettext_noop("finished"),
    "stopped": gettext_noop("stopped"),
    "diverged": gettext_noop("diverged"),
    "failed": gettext_noop("failed"),
    "interrupted": gettext_noop("interrupted"),
}


@cache
def catalogue() -> dict[str, str]:
    """English → Chinese."""
    with CATALOGUE.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id and m.string}
