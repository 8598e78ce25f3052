"""The live panel: progress, figures, curves and samples of one run, drawn in the browser."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import streamlit as st

from pages.ui.i18n import _, language, status_label
from pages.ui.panels import CHART_CONFIG, asset, modebar, script, served
from playground.figures.curves import norm_figure, perplexity_figure
from playground.figures.theme import PLOTLY_PATH, spec
from playground.records import RunRecord, RunStatus

_PANEL = st.components.v2.component(
    "live_chart",
    html=asset("live_chart.html"),
    css=asset("live_chart.css"),
    js=script("live_chart"),
    isolate_styles=False,  # Plotly puts its own style sheet into the document, out of a shadow root's reach
)


def live_chart(run: RunRecord | None) -> None:
    """Draw the panel; it follows the run by itself and reruns the page when the status changes.

    Args:
        run: None shows what to do first.
    """
    limit = run.config.train.max_grad_norm if run else None
    _PANEL(
        key="live_chart",
        data={
            "run": run.id if run else None,
            "status": run.status.value if run else None,
            "url": served(f"/api/runs/{run.id}/history") if run else None,
            "plotly": served(PLOTLY_PATH),
            "lang": "zh-CN" if language() == "zh" else "en",
            "labels": _labels(),
            "figures": _figures(language(), limit),
            "modebar": modebar(),
            "config": CHART_CONFIG,
        },
        on_status_change=lambda: None,  # the rerun itself is what is wanted
    )


@lru_cache(64)
def _figures(language: str, limit: float | None) -> dict[str, Any]:
    """Both charts without points; the language decides the words, so it belongs to the key."""
    return {"perplexity": spec(perplexity_figure(_)), "norm": spec(norm_figure(limit, _))}


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
