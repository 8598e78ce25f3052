"""The way to the pages; run anew for every browser and every rerun."""

from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import StopException

from pages.shared import address, frame, i18n, site

st.set_page_config(
    page_title="Recurrent playground",
    page_icon=Path(__file__).parents[1] / "assets" / "logo.svg",
    layout="wide",
)
i18n.choose_language(address.write_language)
with st.sidebar:
    frame.draw()
page = site.navigation()
address.open_page(page.url_path)
try:
    page.run()
except StopException:  # a page that ends early has been drawn as well
    address.settle()
    raise
address.settle()
