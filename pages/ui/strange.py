"""Tokens that a network cannot read."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui.i18n import _
from pages.ui.state import networks
from playground.figures.sentence import short
from playground.records import RunRecord
from playground.text.vocab import Vocab


def unknown(run: RunRecord, tokens: Sequence[str | None]) -> None:
    """Name those that the run never saw; None is a blank."""
    unread(networks().vocab(run), tokens)


def unread(vocab: Vocab, tokens: Sequence[str | None]) -> None:
    """Name those that are not in a vocabulary; None is a blank."""
    known = set(vocab.tokens)
    strange = list(dict.fromkeys(token for token in tokens if token is not None and token not in known))
    if strange:
        listed = ", ".join(f"“{short(token)}”" for token in strange[:12]) + (
            " …" if len(strange) > 12 else ""
        )
        st.text(_("<unk>: the network never saw {tokens}, and reads each as <unk>.").format(tokens=listed))
