"""How to write: the prefix, and what shapes the choice of each token."""

from __future__ import annotations

from typing import Annotated, Literal

import streamlit as st
from pydantic import Field

from pages.shared.controls import Bound
from pages.shared.i18n import _
from pages.shared.texts import usual_sentence
from playground.config import WriteConfig
from playground.controls import Control, LongText
from playground.errors import gettext_noop
from playground.lesson_settings import MOST_EPOCH, Epoch, Words
from playground.records import RunRecord
from playground.services.text import MOST_READ
from playground.settings import Settings

_WARM = 2.0
"""The temperature slider's usual end; a link may name more, and then it is longer."""


class WriteLook(Settings):
    """What the Write page shows."""

    view: Annotated[
        Literal["write", "training", "surprise"],
        Control(
            gettext_noop("View"),
            words={
                "write": gettext_noop("Write"),
                "training": gettext_noop("How it learnt to write"),
                "surprise": gettext_noop("What surprises it"),
            },
        ),
    ] = "write"
    """One text, several moments side by side, or any text in bits."""
    epoch: Epoch = Field(None, ge=0, le=MOST_EPOCH)
    """The moment whose weights write."""
    moments: Annotated[str | None, Control(gettext_noop("Moments of training"))] = Field(None, max_length=200)
    """Epochs that are shown side by side, with spaces between; None is a few from early to last."""
    prefix: Annotated[str | None, LongText(), Control(gettext_noop("Go on from"))] = None
    """What is continued."""
    text: Words = None
    """What may surprise the network."""


def prefix(look: Bound[WriteLook], run: RunRecord) -> str:
    """Draw what is continued; the run's own sample prefix, or the beginning of its text, until a person types."""
    usual = run.config.train.sample_prefix or usual_sentence(run, 20)
    return look.text(
        "prefix",
        usual,
        help=_("The network reads this first, its warm-up period, then goes on. Press Ctrl+Enter."),
    )


def text(look: Bound[WriteLook], run: RunRecord) -> str:
    """Draw what may surprise the network."""
    return look.text(
        "text",
        usual_sentence(run),
        help=_("Type or paste, at most {n} tokens; then press Ctrl+Enter.").format(n=f"{MOST_READ:,}"),
    )


def settings() -> WriteConfig:
    """Draw temperature, length and what else shapes the text."""
    how = Bound(WriteConfig, "write")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        how.slider("temperature", high=_WARM, width="stretch")
        how.number("length", width=150)
        with st.popover(_("More")):
            for name in ("top_k", "top_p", "seed"):
                how.number(name)
        how.again(
            _("Write again"),
            type="primary",
            shortcut="Ctrl+Shift+Enter",
            help=_("With another random seed, and the newest weights of a run that trains."),
        )
    return how.settings
