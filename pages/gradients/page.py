"""What gradients do on their way back through time, and what is done about it."""

from __future__ import annotations

import streamlit as st

from pages.gradients import cliff, clipping
from pages.gradients.reach import lesson as reach
from pages.shared.i18n import _
from pages.shared.lessons_page import lessons_page

st.header(_("Gradients"))
lessons_page(
    "gradients",
    {
        "clipping": clipping.lesson,
        "cliff": cliff.lesson,
        "reach": reach.lesson,
    },
)
