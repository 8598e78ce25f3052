"""English and 简体中文: English sentences are the keys, the catalogue has the Chinese ones."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st
from babel.messages.pofile import read_po

from playground.config import FIELDS
from playground.errors import ConfigError, PlaygroundError
from playground.records import Reason

CATALOGUE = Path(__file__).parents[2] / "assets" / "locales" / "zh_CN.po"
LANGUAGES = {"en": "English", "zh": "简体中文"}


def choose_language() -> None:
    """Draw the language switch; `?lang=` wins over the browser's own language."""
    if "lang" not in st.session_state:
        wanted = st.query_params.get("lang") or st.context.locale or "en"
        st.session_state.lang = "zh" if wanted.lower().startswith("zh") else "en"
    with st.sidebar:
        st.segmented_control(
            "Language · 语言", list(LANGUAGES), required=True, format_func=LANGUAGES.__getitem__, key="lang",
            persist_state="session", label_visibility="collapsed", on_change=_into_link,
        )  # fmt: skip


def _into_link() -> None:
    st.query_params["lang"] = language()


def language() -> str:
    """The page's language: `en` or `zh`."""
    chosen = st.session_state.get("lang")
    return chosen if chosen in LANGUAGES else "en"


def _(message: str) -> str:
    """Look a sentence up in the page's language."""
    return message if language() == "en" else catalogue().get(message, message)


def explain(problem: PlaygroundError | Reason) -> str:
    """An engine's sentence in the page's language, with its figures."""
    figures = dict(problem.figures)
    if "status" in figures:
        figures["status"] = status_label(str(figures["status"]))
    if isinstance(problem, ConfigError) and figures.get("name") in FIELDS:
        figures["name"] = setting_label(str(figures["name"]))
    return _(problem.message).format(**figures)


def setting_label(name: str) -> str:
    """What a setting is called on the page."""
    return _(_SETTINGS[name])


def status_label(status: str) -> str:
    """A run's status in words."""
    return _(_STATUSES[status])


def _N(message: str) -> str:
    """Mark a sentence for the catalogue; it is looked up where it is shown."""
    return message


_SETTINGS = {
    "corpus": _N("Text"),
    "normalize": _N("Normalisation"),
    "token_level": _N("Token"),
    "max_tokens": _N("First tokens only"),
    "held_out": _N("Held-out part"),
    "max_vocab": _N("Most different tokens"),
    "cell": _N("Cell"),
    "nonlinearity": _N("Activation"),
    "num_layers": _N("Layers"),
    "bidirectional": _N("Two directions"),
    "hidden_size": _N("Hidden units"),
    "input": _N("Input"),
    "embedding_size": _N("Embedding size"),
    "dropout": _N("Dropout"),
    "optimizer": _N("Optimiser"),
    "lr": _N("Learning rate"),
    "epochs": _N("Epochs"),
    "batch_size": _N("Batch size"),
    "num_steps": _N("Time steps"),
    "sampling": _N("Sampling"),
    "max_grad_norm": _N("Clipping threshold θ"),
    "seed": _N("Random seed"),
    "sample_every": _N("Sample every … epochs"),
    "sample_prefix": _N("Sample prefix"),
    "sample_length": _N("Sample length"),
    "device": _N("Device"),
    "threads": _N("CPU threads"),
}
_STATUSES = {
    "queued": _N("waiting"),
    "starting": _N("starting"),
    "running": _N("training"),
    "paused": _N("paused"),
    "finished": _N("finished"),
    "stopped": _N("stopped"),
    "diverged": _N("diverged"),
    "failed": _N("failed"),
    "interrupted": _N("interrupted"),
}


@cache
def catalogue() -> dict[str, str]:
    """English → Chinese."""
    with CATALOGUE.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id and m.string}
