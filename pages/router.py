"""The way to the pages; run anew for every browser and every rerun."""

from pathlib import Path

import streamlit as st

from pages.ui import i18n, visits
from pages.ui.i18n import _

st.set_page_config(
    page_title="Recurrent playground",
    page_icon=Path(__file__).parents[1] / "assets" / "logo.svg",
    layout="wide",
)
i18n.choose_language()
page = st.navigation(
    [
        st.Page("train.py", title=_("Train"), icon=":material/show_chart:", default=True),
        st.Page("gates.py", title=_("Gate lens"), icon=":material/grid_on:"),
        st.Page("gradients.py", title=_("Gradients"), icon=":material/landscape:"),
        st.Page("write.py", title=_("Write"), icon=":material/edit_note:"),
        st.Page("directions.py", title=_("Two directions"), icon=":material/sync_alt:"),
    ]
)
visits.come_to(page.url_path)
page.run()
