"""What a network has learnt to follow, and what every gate does over a sentence, at any moment of training."""

from __future__ import annotations

import streamlit as st

from pages.gates import lens, moments, words
from pages.gates.cells import view as cells
from pages.gates.choice import Choice, fitted, views
from pages.gates.search import view as search
from pages.gates.surgery import view as surgery
from pages.shared import run_picker
from pages.shared.controls import Bound
from pages.shared.i18n import _
from pages.shared.patience import patiently

_DRAWN_BY = {  # every other view is the lens': figures of one sentence
    "cells": cells.draw,
    search.VIEW: search.draw,
    surgery.VIEW: surgery.draw,
}
_STAND_STILL = (search.VIEW, surgery.VIEW)

st.header(_("The gate lens"))
st.caption(
    _("What every gate of a network does at every token of a sentence, at any moment of its training.")
)
run = run_picker.the_run()
words.notice(run)
look = Bound(Choice, "lens", quiet=True)
view = fitted(look.settings, run).view
look.choice("view", look.words("view", views(run)), widget=st.pills, value=view)
pace = cells.pace(look, run) if view == "cells" else moments.pace(look, run)
if view in _STAND_STILL:
    pace = None
if view != "cells":
    cells.leave()
st.fragment(patiently(_DRAWN_BY.get(view, lens.draw)), run_every=pace)(run.id, pace)
