"""The panels that a browser draws: each is a JavaScript module, a piece of HTML and a style sheet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from pages.shared.i18n import _, language
from playground.figures.theme import PLOTLY_PATH
from playground.modules import Modules

_ASSETS = Path(__file__).parents[2] / "assets"
MODULES = Modules(_ASSETS / "js", seconds=1.0)
"""Served beside the pages; every panel has one there under its own name."""
_CHART_CONFIG = {
    "responsive": True,
    "displaylogo": False,
    "modeBarButtons": [["toImage", "zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"]],
}


class Panel:
    """A panel; made once, when its page is imported.

    Args:
        name: What its module and its HTML are called: `lens` is `assets/js/lens.js` and `assets/lens.html`.
        style: What its style sheet is called, where two panels share one.
    """

    def __init__(self, name: str, style: str | None = None) -> None:
        self._module = f"{name}.js"
        self._component = st.components.v2.component(
            name,
            html=_asset(f"{name}.html"),
            css=_asset(f"{style or name}.css"),
            js=_asset("js/bootstrap.js"),
            isolate_styles=False,  # Plotly's own style sheet is the document's, out of a shadow root's reach
        )

    def draw(self, key: str, data: dict[str, Any], **callbacks: Callable[[], object]) -> None:
        """Draw it, or bring it what is new.

        Args:
            key: Tells the component from others on the page.
            data: What its module says that it needs; the way to the server and to Plotly is added.
            callbacks: `on_<name>_change`, called when it has triggered a name.
        """
        shared = {
            "module": MODULES.path(self._module),
            "plotly": PLOTLY_PATH,
            "lost": _("Connection lost, trying again …"),
            "modebar": modebar(),
            "config": _CHART_CONFIG | {"locale": f"page-{language()}"},  # a panel registers its words there
        }
        self._component(key=key, data=shared | data, **callbacks)


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


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text("utf-8")
