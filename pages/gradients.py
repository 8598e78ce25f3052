"""What gradients do on their way back through time."""

from __future__ import annotations

import streamlit as st

from pages.ui.i18n import _
from pages.ui.lessons import reach
from pages.ui.lessons.page import lessons_page

st.header(_("Gradients"))
lessons_page({"reach": (_("Reach"), reach.lesson)})
