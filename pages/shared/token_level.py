"""Said where a text is cut at white space that it does not have, with the way out at one press."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.shared.controls import Bound
from pages.shared.i18n import _
from pages.shared.state import ngram_service, runs_here
from playground.config import CorpusConfig, TokenLevel
from playground.format import fixed


def notice(bound: Bound[Any], config: CorpusConfig) -> None:
    """Draw nothing where the tokens are what they are called, else the figures and the ways out.

    Args:
        bound: The controls that a press moves.
        config: What they stand at.
    """
    library = runs_here().texts
    ready = any(info.id == config.corpus and info.ready for info in library.all())
    if not ready or not config.is_cut_by_spacing:
        return
    spacing = ngram_service().spacing(config.corpus)
    if spacing.suits(config.token_level):
        return
    key = f"{bound.prefix}_level_notice"
    with st.container(key=key, gap="small"):
        st.warning(_sentence(config.token_level, fixed(spacing.mean_length, 1)), icon=":material/warning:")
        with st.container(horizontal=True):
            for level, label in _ways_out(spacing.fitting).items():
                st.button(label, key=f"{key}_{level}", on_click=bound.set, kwargs={"token_level": level})


def _sentence(level: TokenLevel, length: str) -> str:
    if level == "segmented":
        return _(
            "Only Chinese can be segmented, and this text is in another language without spaces: it falls "
            "into single characters and a few strange words."
        )
    return _(
        "This text has hardly any white space: about every {length} characters. Cut there, whole "
        "phrases become tokens, nearly all of them come a single time, and no perplexity means anything."
    ).format(length=length)


def _ways_out(levels: tuple[TokenLevel, ...]) -> dict[TokenLevel, str]:
    labels: dict[TokenLevel, str] = {
        "char": _("Take characters"),
        "segmented": _("Take segmented words"),
    }
    return {level: label for level, label in labels.items() if level in levels}
