"""English and 简体中文: English sentences are the keys, the catalogue has the Chinese ones."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import streamlit as st
from babel.messages.pofile import read_po

from playground.errors import ConfigError, PlaygroundError, mark
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
    st.session_state.lang_chosen = True
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
    if isinstance(problem, ConfigError) and figures.get("name") in _SETTINGS:
        figures["name"] = setting_label(str(figures["name"]))
    return plain(_(problem.message).format(**figures))


def plain(text: str) -> str:
    """Escape what markdown would act on: a link's value or a run's name may hold an image or a link."""
    return re.sub(r"([\\`*_\[\]<~$|])", r"\\\1", text)


def setting_label(name: str) -> str:
    """What a setting is called on the page."""
    return _(_SETTINGS[name])


def status_label(status: str) -> str:
    """A run's status in words."""
    return _(_STATUSES[status])


_SETTINGS = {
    "corpus": mark("Text"),
    "normalize": mark("Normalisation"),
    "token_level": mark("Token"),
    "max_tokens": mark("First tokens only"),
    "held_out": mark("Held-out part"),
    "max_vocab": mark("Most different tokens"),
    "cell": mark("Cell"),
    "nonlinearity": mark("Activation"),
    "num_layers": mark("Layers"),
    "bidirectional": mark("Two directions"),
    "objective": mark("Objective"),
    "hidden_size": mark("Hidden units"),
    "input": mark("Input"),
    "embedding_size": mark("Embedding size"),
    "dropout": mark("Dropout"),
    "optimizer": mark("Optimiser"),
    "lr": mark("Learning rate"),
    "epochs": mark("Epochs"),
    "batch_size": mark("Batch size"),
    "num_steps": mark("Time steps"),
    "sampling": mark("Sampling"),
    "max_grad_norm": mark("Clipping threshold θ"),
    "weight_averaging": mark("Weight averaging"),
    "seed": mark("Random seed"),
    "sample_every": mark("Sample every … epochs"),
    "sample_prefix": mark("Sample prefix"),
    "sample_length": mark("Sample length"),
    "device": mark("Device"),
    "threads": mark("CPU threads"),
    "length": mark("Length"),
    "temperature": mark("Temperature"),
    "top_k": mark("Top-k"),
    "top_p": mark("Top-p"),
    "predictor": mark("Predictor"),
    "tau": mark("Values that it sees, τ"),
    "noise": mark("Noise"),
    "ahead": mark("Steps ahead, k"),
    "state": mark("State between minibatches"),
    "deal": mark("Epoch"),
    "vocab_size": mark("Different tokens"),
    "w": mark("Weight w"),
    "b": mark("Bias b"),
    "rate": mark("Learning rate"),
    "theta": mark("Clipping threshold θ"),
    "steps": mark("Steps"),
    "gain": mark("Initialisation gain"),
    "forget_bias": mark("Forget bias"),
}
_STATUSES = {
    "queued": mark("waiting"),
    "starting": mark("starting"),
    "running": mark("training"),
    "paused": mark("paused"),
    "finished": mark("finished"),
    "stopped": mark("stopped"),
    "diverged": mark("diverged"),
    "failed": mark("failed"),
    "interrupted": mark("interrupted"),
}


@cache
def catalogue() -> dict[str, str]:
    """English → Chinese."""
    with CATALOGUE.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id and m.string}
