"""The pages: what each is called, its sign, and the way to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from pages.shared.i18n import _
from playground.errors import gettext_noop


@dataclass(frozen=True)
class Place:
    """A page in the menu; its file is `<name>/page.py`."""

    title: str
    """Marked for the catalogue."""
    icon: str


PAGES: Mapping[str, Place] = {
    "train": Place(gettext_noop("Train"), ":material/show_chart:"),
    "basics": Place(gettext_noop("Basics"), ":material/school:"),
    "gates": Place(gettext_noop("Gate lens"), ":material/grid_on:"),
    "gradients": Place(gettext_noop("Gradients"), ":material/landscape:"),
    "write": Place(gettext_noop("Write"), ":material/edit_note:"),
    "directions": Place(gettext_noop("Two directions"), ":material/sync_alt:"),
}
"""By the name that stands in an address; the first is the one without a name, at the root."""


def navigation() -> StreamlitPage:
    """Draw the menu; the page that the address names."""
    first = next(iter(PAGES))
    return st.navigation(
        [
            st.Page(
                f"{name}/page.py", title=_(place.title), icon=place.icon, url_path=name, default=name == first
            )
            for name, place in PAGES.items()
        ]
    )


def page_link(
    page: str,
    *,
    label: str,
    icon: str | None = None,
    query_params: Mapping[str, str] | None = None,
    disabled: bool = False,
) -> None:
    """Draw a link to a page.

    Args:
        page: The page's name in `PAGES`.
        label: What the link says.
        icon: Before the label; the page's own unless given.
        query_params: The address behind the page's name.
        disabled: Shown, but it leads nowhere yet.
    """
    st.page_link(
        f"{page}/page.py",
        label=label,
        icon=icon or PAGES[page].icon,
        query_params=dict(query_params or {}),
        disabled=disabled,
    )
