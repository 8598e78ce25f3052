"""How findings are measured, in words."""

from __future__ import annotations

import streamlit as st

from pages.shared.i18n import _


def draw() -> None:
    """Draw the explanation behind a button."""
    with st.popover(_("How this is measured"), icon=":material/help:"):
        st.markdown(
            _(
                "Every unit of every gate and state is compared with what each token of the text is. Units are ranked "
                "on the first two thirds of the text and **scored on the last third**, by which nothing was chosen, though most of "
                "it was trained on.\n\n"
                "- **AUC**, for yes or no: how often the unit is higher at a token where it holds than at one where it "
                "does not, or lower, if it was lower on the first part. 0.5 says nothing; 1 says everything.\n"
                "- **Rank correlation** (Spearman), for numbers: 0 says nothing; 1 and −1 say everything.\n"
                "- **By chance**: what the best of all units reaches when the same marks are shifted along the text.\n"
                "- **Without it**: the unit's h is held at its mean. A unit is called a *cell* only if predictions "
                "where it holds suffer more than without 95 in 100 other units, and more than predictions elsewhere; "
                "of twenty units that are not, about one passes the first of these by luck."
            )
        )
