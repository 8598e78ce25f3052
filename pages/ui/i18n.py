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
    return {
        "corpus": _("Text"),
        "normalize": _("Normalisation"),
        "token_level": _("Token"),
        "max_tokens": _("First tokens only"),
        "held_out": _("Held-out part"),
        "max_vocab": _("Most different tokens"),
        "cell": _("Cell"),
        "nonlinearity": _("Activation"),
        "num_layers": _("Layers"),
        "bidirectional": _("Two directions"),
        "hidden_size": _("Hidden units"),
        "input": _("Input"),
        "embedding_size": _("Embedding size"),
        "dropout": _("Dropout"),
        "optimizer": _("Optimiser"),
        "lr": _("Learning rate"),
        "epochs": _("Epochs"),
        "batch_size": _("Batch size"),
        "num_steps": _("Time steps"),
        "sampling": _("Sampling"),
        "max_grad_norm": _("Clipping threshold θ"),
        "seed": _("Random seed"),
        "sample_every": _("Sample every … epochs"),
        "sample_prefix": _("Sample prefix"),
        "sample_length": _("Sample length"),
        "device": _("Device"),
        "threads": _("CPU threads"),
    }[name]


def status_label(status: str) -> str:
    """A run's status in words."""
    return {
        "queued": _("waiting"),
        "starting": _("starting"),
        "running": _("training"),
        "paused": _("paused"),
        "finished": _("finished"),
        "stopped": _("stopped"),
        "diverged": _("diverged"),
        "failed": _("failed"),
        "interrupted": _("interrupted"),
    }[status]


@cache
def catalogue() -> dict[str, str]:
    """English → Chinese."""
    with CATALOGUE.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id and m.string}
