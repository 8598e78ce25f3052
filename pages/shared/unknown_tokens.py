"""Tokens that a network cannot read."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.shared.i18n import _, join
from pages.shared.state import checkpoint_cache
from playground.config import CorpusConfig
from playground.figures.sentence import short
from playground.records import RunRecord
from playground.text.vocab import Vocab


def unknown(run: RunRecord, tokens: Sequence[str | None]) -> None:
    """Name those that the run does not know; None is a blank."""
    unread(checkpoint_cache().vocab(run), tokens)


def read_as(typed: str, tokens: Sequence[str], config: CorpusConfig) -> None:
    """Say what is left of a person's text where it is read as letters alone, unless only capitals are lost."""
    between = config.between
    left = between.join(tokens).strip()
    if config.normalize != "none" and left != " ".join(typed.lower().split()):
        st.text(_("Letters a–z alone are read here, so this text is read as: {text}").format(text=left))


def unread(vocab: Vocab, tokens: Sequence[str | None]) -> None:
    """Name those that a network with such a vocabulary does not know; None is a blank."""
    _name(vocab, tokens, _("<unk>: the network does not know {tokens}, and reads each as <unk>."))


def uncounted(vocab: Vocab, tokens: Sequence[str]) -> None:
    """Name those that a text of n-grams does not have."""
    _name(vocab, tokens, _("<unk>: {tokens} is not among the text's tokens and counts as <unk>."))


def _name(vocab: Vocab, tokens: Sequence[str | None], sentence: str) -> None:
    known = set(vocab.tokens)
    unknown_tokens = list(
        dict.fromkeys(token for token in tokens if token is not None and token not in known)
    )
    if unknown_tokens:
        listed = join(f"“{short(token)}”" for token in unknown_tokens[:12]) + (
            " …" if len(unknown_tokens) > 12 else ""
        )
        st.text(sentence.format(tokens=listed))
