"""How to write: the prefix, and what shapes the choice of each token."""

from __future__ import annotations

import random
from typing import Any

import streamlit as st

from pages.shared import query
from pages.shared.i18n import _, setting_label
from pages.shared.state import gate_service, put
from playground.config import WriteConfig
from playground.records import RunRecord
from playground.services.text import MOST_READ

VIEWS = ("write", "training", "surprise")
USUAL = WriteConfig()
_WARM = 2.0
"""The slider's usual end; a link may name more, and then it is longer."""


def view() -> str:
    """Draw the choice of what to look at."""
    labels = {
        "write": _("Write"),
        "training": _("How it learnt to write"),
        "surprise": _("What surprises it"),
    }
    now = query.given("view", VIEWS[0])
    now = now if now in VIEWS else VIEWS[0]
    put("write_view", now, *labels.values())
    st.pills(
        _("View"),
        VIEWS,
        required=True,
        format_func=labels.__getitem__,
        key="write_view",
        on_change=lambda: query.keep("view", st.session_state.write_view or now, VIEWS[0]),
    )
    return now


def prefix(run: RunRecord) -> str:
    """What is continued; the run's own sample prefix, or the beginning of its text, until a person types."""
    usual = run.config.train.sample_prefix or gate_service().usual_sentence(run, 20)
    now = query.text("prefix", usual)
    put("write_prefix", now)
    st.text_input(
        _("Go on from"),
        key="write_prefix",
        on_change=lambda: query.keep_text("prefix", st.session_state.write_prefix, usual),
        help=_("The network reads this first, then goes on. Press Enter."),
    )
    return now


def text(run: RunRecord) -> str:
    """What may surprise the network."""
    usual = gate_service().usual_sentence(run)
    now = query.text("text", usual)
    put("write_text", now)
    st.text_area(
        _("Text"),
        key="write_text",
        height=120,
        on_change=lambda: query.keep_text("text", st.session_state.write_text, usual),
        help=_("Type or paste, at most {n} tokens; then press Ctrl+Enter.").format(n=f"{MOST_READ:,}"),
    )
    return now


def settings() -> WriteConfig:
    """Draw temperature, length and what else shapes the text.

    The fields take any number: one that is out of its range is told in a sentence, and the usual one taken.
    """
    now = query.settings(WriteConfig)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        put("write_temperature", now.temperature)
        st.slider(
            setting_label("temperature"),
            0.0,
            max(_WARM, now.temperature),
            step=0.05,
            key="write_temperature",
            on_change=_changed("temperature"),
            width="stretch",
            help=_("0 always takes the likeliest token; 1 the network's own probabilities; more is wilder."),
        )
        put("write_length", now.length)
        st.number_input(
            setting_label("length"),
            None,
            None,
            None,
            step=50,
            key="write_length",
            width=150,
            on_change=_changed("length"),
            placeholder=str(USUAL.length),
            help=_("Tokens to write."),
        )
        with st.popover(_("More")):
            _more(now)
        st.button(
            _("Write again"),
            key="write_again",
            type="primary",
            icon=":material/casino:",
            on_click=_again,
            shortcut="Ctrl+Enter",
            help=_("With another random seed, and the newest weights of a run that trains."),
        )
    return now


def _more(now: WriteConfig) -> None:
    put("write_top_k", now.top_k)
    st.number_input(
        setting_label("top_k"),
        None,
        None,
        None,
        step=1,
        key="write_top_k",
        on_change=_changed("top_k"),
        placeholder=_("off"),
        help=_("Choose among this many likeliest tokens only."),
    )
    put("write_top_p", now.top_p)
    st.number_input(
        setting_label("top_p"),
        None,
        None,
        None,
        step=0.05,
        format="%g",
        key="write_top_p",
        on_change=_changed("top_p"),
        placeholder=_("off"),
        help=_("Choose among the likeliest tokens that together reach this probability."),
    )
    put("write_seed", now.seed)
    st.number_input(
        setting_label("seed"),
        None,
        None,
        None,
        step=1,
        key="write_seed",
        on_change=_changed("seed"),
        placeholder="0",
        help=_("The same seed writes the same text."),
    )


def _changed(name: str) -> Any:
    return lambda: query.keep(name, st.session_state[f"write_{name}"], getattr(USUAL, name))


def _again() -> None:
    query.keep("seed", random.randrange(1, 10_000), USUAL.seed)  # noqa: S311
