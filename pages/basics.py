"""What comes before a network: predicting from the past, what a state is for, how a text becomes minibatches."""

from __future__ import annotations

import streamlit as st

from pages.ui.i18n import _
from pages.ui.lessons import autoregression, latent, partitioning
from pages.ui.lessons.page import lessons_page

st.header(_("Sequence basics"))
lessons_page(
    {
        "autoregression": (_("Autoregression"), autoregression.lesson),
        "latent": (_("Latent state"), latent.lesson),
        "partitioning": (_("Partitioning"), partitioning.lesson),
    }
)
