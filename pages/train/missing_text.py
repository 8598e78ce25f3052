"""Presets whose text is not here: they say so before Start, and can be run on the bundled story."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.shared.controls import Bound
from pages.shared.i18n import _
from pages.shared.texts import is_missing, offer_time_machine
from pages.train.start import start
from playground.config import RunConfig
from playground.presets import STORY, preset
from playground.text.corpora import TIME_MACHINE

_MARK = " ⤓"


def marked(labels: Mapping[str, str]) -> dict[str, str]:
    """Names of presets; a sign is on those whose text has to be fetched first."""
    return {
        name: label + (_MARK if is_missing(preset(name).corpus.corpus) else "")
        for name, label in labels.items()
    }


def missing_text(setup: Bound[RunConfig]) -> None:
    """Say what the sign means, and draw the ways on where the chosen text is missing."""
    chosen = setup.settings.corpus.corpus
    offer_time_machine(chosen, _("Run this row on the bundled story"), lambda: start(setup, corpus=STORY))
    if not is_missing(chosen) and is_missing(TIME_MACHINE):
        st.caption(_("⤓ reads The Time Machine, which is not here yet: it is fetched first."))
