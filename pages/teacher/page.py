"""See what a whole class trains, at one look."""

import streamlit as st

from pages.shared import people, problems
from pages.shared.i18n import _
from pages.teacher import challenges, limits, standstill, table, wall

st.header(_("The class"))
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
challenges.follow_press()
with st.container(horizontal=True, vertical_alignment="center", key="wall_tools"):
    standstill.buttons()
    limits.limits()
    challenges.make()
    table.download()
standstill.told()
challenges.section()
st.subheader(_("All runs of the last hour"), anchor=False)
wall.wall()
