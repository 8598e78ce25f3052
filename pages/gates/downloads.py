"""The look as files."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from pages.gates.choice import Choice
from pages.gates.views import Chart, Look
from pages.shared.checkpoints import moment_name
from pages.shared.i18n import _, html_language
from pages.shared.panels import modebar
from pages.shared.state import gate_service
from playground.figures.standalone import page_of
from playground.format import epoch_text
from playground.records import GateTrace
from playground.services.gate_export import csv_text, npz_bytes


def buttons(look: Look, charts: Sequence[Chart], choice: Choice) -> None:
    """Arrays, table, and the figures as a page that needs nothing else."""
    run, checkpoint, text = look.run, look.checkpoint, look.text
    name = f"gates-{run.id}-epoch-{epoch_text(checkpoint.epoch)}"
    place = f"layer{choice.layer + 1}-{'backward' if choice.direction else 'forward'}"

    def later(make: Callable[[GateTrace], bytes]) -> Callable[[], bytes]:
        # a button outlives its rerun: were the trace in it, every browser would hold one
        return lambda: make(gate_service().trace(run, checkpoint, text))

    title = " · ".join(
        (
            run.name,
            moment_name(checkpoint.epoch),
            _("layer {n}").format(n=choice.layer + 1),
            _("backward") if choice.direction else _("forward"),
            text,
        )
    )
    figures, words = [chart.figure for chart in charts], modebar()
    with st.popover(_("Download"), icon=":material/download:"):
        st.download_button(
            _("Arrays (.npz): every layer, gate and unit"),
            later(npz_bytes),
            f"{name}.npz",
            "application/octet-stream",
            key="lens_npz",
            on_click="ignore",
            width="stretch",
        )
        st.download_button(
            _("Table (.csv): this layer and direction"),
            later(
                lambda trace: csv_text(trace, layer=choice.layer, direction=choice.direction).encode(
                    "utf-8-sig"
                )
            ),
            f"{name}-{place}.csv",
            "text/csv",
            key="lens_csv",
            on_click="ignore",
            width="stretch",
        )
        st.download_button(
            _("Figures (.html): opens without this server"),
            lambda: page_of(figures, title=title, language=html_language(), words=words),
            f"{name}-{place}-{choice.view}.html",
            "text/html",
            key="lens_html",
            on_click="ignore",
            width="stretch",
        )
