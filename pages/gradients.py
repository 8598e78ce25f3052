"""What gradients do on their way back through time, and what is done about it."""

from __future__ import annotations

import streamlit as st

from pages.ui.i18n import _
from pages.ui.lessons import cliff, clipping, reach
from pages.ui.lessons.page import lessons_page

st.header(_("Gradients"))
lessons_page(
    {
        "clipping": (_("Clipping"), clipping.lesson),
        "cliff": (_("The cliff"), cliff.lesson),
        "reach": (_("Reach"), reach.lesson),
    }
)
