"""The look as files."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui.i18n import _
from pages.ui.lens.views import Chart, Look
from playground.figures.standalone import page_of
from playground.runs.gate_export import csv_text, npz_bytes


def buttons(look: Look, charts: Sequence[Chart]) -> None:
    """Arrays, table, and the figures as a page that needs nothing else."""
    name = f"gates-{look.run.id}-epoch-{look.checkpoint.epoch:g}"
    with st.popover(_("Download"), icon=":material/download:"):
        st.download_button(
            _("Arrays (.npz): every layer, gate and unit"), lambda: npz_bytes(look.trace), f"{name}.npz",
            "application/octet-stream", key="lens_npz", on_click="ignore", width="stretch",
        )  # fmt: skip
        st.download_button(
            _("Table (.csv): the same numbers"), lambda: csv_text(look.trace).encode("utf-8-sig"), f"{name}.csv",
            "text/csv", key="lens_csv", on_click="ignore", width="stretch",
        )  # fmt: skip
        st.download_button(
            _("Figures (.html): opens without this server"),
            lambda: page_of([c.figure for c in charts], title=f"{look.run.name} · {look.checkpoint.epoch:g}"),
            f"{name}.html", "text/html", key="lens_html", on_click="ignore", width="stretch",
        )  # fmt: skip
