"""The basics of sequences: what comes before any recurrent network."""

from __future__ import annotations

import streamlit as st

from pages.ui.i18n import _
from pages.ui.lessons import chain_rule, markov, zipf
from pages.ui.lessons.page import lessons_page

st.header(_("Sequence basics"))
lessons_page(
    {
        "perplexity": (_("Chain rule and perplexity"), chain_rule.lesson),
        "markov": (_("Markov assumption"), markov.lesson),
        "zipf": (_("Zipf"), zipf.lesson),
    }
)
