"""What our browser components share: their files, Plotly's own words, and where the server answers."""

from __future__ import annotations

import re
from pathlib import Path

import streamlit as st

from pages.shared.i18n import _

CHART_CONFIG = {
    "locale": "page",  # a panel registers its words under this name
    "responsive": True,
    "displaylogo": False,
    "modeBarButtons": [["toImage", "zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"]],
}
_ASSETS = Path(__file__).parents[2] / "assets"


def asset(name: str) -> str:
    """A file of `assets/`."""
    return (_ASSETS / name).read_text("utf-8")


def script(name: str, *before: str) -> str:
    """A panel's script behind the numbers' formats and the parts that it needs, `charts` unless others are named.

    A component's script cannot import another, so what a module exports is written out in front of it.
    """
    format = re.sub(r"^export ", "", asset("js/core/format.js"), flags=re.MULTILINE)
    return format + "".join(asset(f"{part}.js") for part in (*(before or ("charts",)), name))


def served(path: str) -> str:
    """A route's address; the server may live below a base path."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return (f"/{base}" if base else "") + path


def modebar() -> dict[str, str]:
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
