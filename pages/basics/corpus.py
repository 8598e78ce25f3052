"""Which text a lesson counts, as the address has it: in the words of a run's own settings."""

from __future__ import annotations

import streamlit as st

from pages.shared import token_level
from pages.shared.controls import Bound
from pages.shared.i18n import _, language
from pages.shared.state import ngram_service, runs_here
from pages.shared.texts import is_missing, offer_time_machine, require_text, text_labels
from playground.config import CorpusConfig
from playground.presets import CHINESE_STORY, STORY


def choose(key: str, *, by_words: bool = False) -> CorpusConfig | None:
    """Draw the choice of a text and how it becomes tokens; None while the text is not on this computer.

    Args:
        key: What the widgets' keys begin with.
        by_words: A lesson about words, where nothing is held out: a token is usually a word, or a character
            where a text has no white space.
    """
    library = runs_here().texts
    texts = {info.id: info for info in library.all()}
    story = CHINESE_STORY if language() == "zh" else STORY
    counted = _bind(key)
    if (
        not counted.given and counted.settings.corpus != story
    ):  # an address without a setting is the English story
        counted.keep(corpus=story)
    corpus = counted.settings.corpus
    if by_words and texts[corpus].ready:
        counted = _bind(key, CorpusConfig(token_level=ngram_service().usual_level(corpus)), quiet=True)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        counted.choice(
            "corpus",
            text_labels(texts.values()),
            widget=st.selectbox,
            width=260,
            help=_("What is counted. A text of your own is added on the Train page."),
        )
        counted.choice("normalize")
        counted.choice("token_level")
        with st.popover(_("More")):
            counted.number("max_tokens")
            if not by_words:
                counted.number("held_out")
    offer_time_machine(corpus, _("Count the bundled story instead"), lambda: counted.set(corpus=story))
    token_level.notice(counted, counted.settings)
    return None if is_missing(corpus) else counted.settings


def _bind(key: str, usual: CorpusConfig | None = None, *, quiet: bool = False) -> Bound[CorpusConfig]:
    return Bound(
        CorpusConfig,
        key,
        usual=usual,
        quiet=quiet,
        check=lambda config: require_text(config.corpus),
        always=("corpus",) if language() == "zh" else (),
    )
