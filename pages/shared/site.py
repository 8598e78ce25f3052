"""The pages: what each is called, its sign, and the way to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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
    lessons: Mapping[str, str] = field(default_factory=dict)
    """The titles of its lessons, marked for the catalogue, by the word that `view` has in the address."""


TEACHERS = "teacher"
"""The page that is in the menu of a teacher alone."""
PAGES: Mapping[str, Place] = {
    "train": Place(gettext_noop("Train"), ":material/show_chart:"),
    "basics": Place(
        gettext_noop("Basics"),
        ":material/school:",
        {
            "autoregression": gettext_noop("Autoregression"),
            "perplexity": gettext_noop("Chain rule and perplexity"),
            "markov": gettext_noop("Markov assumption"),
            "latent": gettext_noop("Latent state"),
            "zipf": gettext_noop("Zipf"),
            "partitioning": gettext_noop("Partitioning"),
        },
    ),
    "gates": Place(gettext_noop("Gate lens"), ":material/grid_on:"),
    "gradients": Place(
        gettext_noop("Gradients"),
        ":material/landscape:",
        {
            "clipping": gettext_noop("Clipping"),
            "cliff": gettext_noop("The cliff"),
            "reach": gettext_noop("Reach"),
        },
    ),
    "write": Place(gettext_noop("Write"), ":material/edit_note:"),
    "directions": Place(
        gettext_noop("Two directions"),
        ":material/sync_alt:",
        {
            "trap": gettext_noop("The trap"),
            "blanks": gettext_noop("Fill in the blank"),
            "features": gettext_noop("Features"),
        },
    ),
    TEACHERS: Place(gettext_noop("The class"), ":material/grid_view:"),
}
"""By the name that stands in an address; the first is the one without a name, at the root."""


def lessons_in_order() -> list[tuple[str, str]]:
    """Every lesson as page and word, in the order in which they are taught."""
    return [(page, view) for page, place in PAGES.items() for view in place.lessons]


def navigation(*, teaches: bool) -> StreamlitPage:
    """Draw the menu; the page that the address names.

    Args:
        teaches: It is a teacher's menu.
    """
    first = next(iter(PAGES))
    return st.navigation(
        [
            st.Page(
                f"{name}/page.py",
                title=_(place.title),
                icon=place.icon,
                url_path=name,
                default=name == first,
                visibility="visible" if teaches or name != TEACHERS else "hidden",
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
