"""See what a whole class trains, at one look."""

import streamlit as st

from pages.shared import people, problems
from pages.shared.i18n import _
from pages.teacher import limits, standstill, table, wall

st.header(_("All runs of the last hour"))
problems.tell()
if not people.teaches():
    st.info(
        _(
            "This page shows the teacher of a class what everybody trains. Enter the teacher's key in the sidebar, on a "
            "server that a class uses."
        )
    )
    st.stop()
wall.follow_press()
with st.container(horizontal=True, vertical_alignment="center", key="wall_tools"):
    standstill.buttons()
    limits.limits()
    table.download()
standstill.told()
wall.wall()
