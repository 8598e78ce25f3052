"""The live panel: progress, figures, curves and samples of one run, drawn in the browser."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from pages.ui.i18n import _, language, status_label
from playground.figures.curves import norm_figure, perplexity_figure
from playground.figures.theme import PLOTLY_PATH, spec
from playground.records import RunRecord, RunStatus

_ASSETS = Path(__file__).parents[2] / "assets"
_CONFIG = {
    "locale": "page",  # the panel registers its words under this name
    "responsive": True,
    "displaylogo": False,
    "modeBarButtons": [["toImage", "zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"]],
}
_PANEL = st.components.v2.component(
    "live_chart",
    html=(_ASSETS / "live_chart.html").read_text("utf-8"),
    css=(_ASSETS / "live_chart.css").read_text("utf-8"),
    js=(_ASSETS / "live_chart.js").read_text("utf-8"),
    isolate_styles=False,  # Plotly puts its own style sheet into the document, out of a shadow root's reach
)


def live_chart(run: RunRecord | None) -> None:
    """Draw the panel; it follows the run by itself and reruns the page when the status changes.

    Args:
        run: None shows what to do first.
    """
    base = "/" + str(st.get_option("server.baseUrlPath") or "").strip("/")
    limit = run.config.train.max_grad_norm if run else None
    _PANEL(
        key="live_chart",
        data={
            "run": run.id if run else None,
            "status": run.status.value if run else None,
            "url": f"{base.rstrip('/')}/api/runs/{run.id}/history" if run else None,
            "plotly": base.rstrip("/") + PLOTLY_PATH,
            "lang": "zh-CN" if language() == "zh" else "en",
            "labels": _labels(),
            "figures": _figures(language(), limit),
            "modebar": _modebar(),
            "config": _CONFIG,
        },
        on_status_change=lambda: None,  # the rerun itself is what is wanted
    )


@lru_cache(64)
def _figures(language: str, limit: float | None) -> dict[str, Any]:
    """Both charts without points; the language decides the words, so it belongs to the key."""
    return {"perplexity": spec(perplexity_figure(_)), "norm": spec(norm_figure(limit, _))}


def _modebar() -> dict[str, str]:
    """Plotly's own words → ours."""
    return {
        "Download plot as a PNG": _("Download plot as a PNG"),
        "Download plot as a png": _("Download plot as a PNG"),
        "Zoom": _("Zoom"),
        "Pan": _("Pan"),
        "Zoom in": _("Zoom in"),
        "Zoom out": _("Zoom out"),
        "Reset axes": _("Reset axes"),
        "Double-click to zoom back out": _("Double-click to zoom back out"),
    }


def _labels() -> dict[str, Any]:
    return {
        "names": {
            "train": _("train perplexity"),
            "heldout": _("held-out perplexity"),
            "loss": _("last loss (nats)"),
            "speed": _("tokens per second"),
            "epoch": _("epoch"),
            "device": _("device"),
            "sample": _("What it writes now"),
            "earlier": _("Earlier samples"),
            "lost": _("Connection lost, trying again …"),
        },
        "status": {status.value: status_label(status) for status in RunStatus},
        "waiting": _("waiting, place {n} in the queue"),
        "left": _("{time} left"),
        "guessing": _("guessing: {n}"),
        "at_epoch": _("epoch {n}"),
        "threads": _("{n} CPU threads"),
        "second": _("s"),
        "minute": _("min"),
        "hour": _("h"),
        "nothing": _("No run is open.\nChoose a set-up and press Start, or click a run in the list below."),
    }
