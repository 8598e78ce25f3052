"""What comes before a network: predicting from the past, counting, a state, minibatches."""

from __future__ import annotations

import streamlit as st

from pages.basics import autoregression, chain_rule, latent, markov, partitioning, zipf
from pages.shared.i18n import _
from pages.shared.lessons_page import lessons_page

st.header(_("Sequence basics"))
lessons_page(
    "basics",
    {
        "autoregression": autoregression.lesson,
        "perplexity": chain_rule.lesson,
        "markov": markov.lesson,
        "latent": latent.lesson,
        "zipf": zipf.lesson,
        "partitioning": partitioning.lesson,
    },
)
