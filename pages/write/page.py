"""Let a network write, at any moment of its training, and see what surprises it."""

from __future__ import annotations

import streamlit as st

from pages.shared import run_picker
from pages.shared.controls import Bound
from pages.shared.i18n import _, explain
from pages.shared.site import page_link
from pages.write import views
from pages.write.controls import WriteLook
from playground.errors import PlaygroundError, StoreBusy

st.header(_("Make it write"))
st.caption(
    _("A network that has learnt to guess the next token can go on with any text, one guess after the other.")
)
run = run_picker.the_run(lambda run: run.config.can_write)
if not run.config.can_write:
    if run.config.is_trap:
        st.warning(
            _(
                "This run cannot write: while it learnt, its second direction had already read every "
                "answer. See why:"
            ),
            icon=":material/warning:",
        )
    else:
        st.info(
            _("This run fills in blanks from both sides; it cannot go on with a text. Let it do what it can:")
        )
    page_link(
        "directions",
        label=_("Two directions"),
        icon=":material/sync_alt:",
        query_params={"run": run.id, "view": "trap" if run.config.is_trap else "blanks"},
    )
    st.stop()
look = Bound(WriteLook, "write")
look.choice("view", widget=st.pills)
try:
    {"write": views.write, "training": views.training, "surprise": views.surprise}[look.settings.view](
        look, run
    )
except StoreBusy:  # the whole page waits
    raise
except PlaygroundError as error:
    st.error(explain(error))
