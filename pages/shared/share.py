"""A link to what is on show, to copy or to hold a phone at."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlencode, urlsplit, urlunsplit

import segno
import streamlit as st

from pages.shared import address
from pages.shared.i18n import _, language

_OF_A_RUN = ("run", "twin", "epoch")
"""Words of an address that belong to one run; without them it is a set-up."""
_HERE = ("localhost", "127.0.0.1", "::1", "0.0.0.0")  # noqa: S104
_MOST_IN_A_CODE = 1200
"""Characters of a link that a phone still reads from a screen."""


def share(page: str) -> None:
    """Draw the button; call when the page has written its address.

    Args:
        page: Which one it is: the Train page's address is a set-up, too.
    """
    box = st.popover(_("Share"), icon=":material/share:", key="share", width="stretch", on_change="rerun")
    if not box.open:  # a QR code at every rerun of every page would be for nobody
        return
    with box:
        words = address.current()
        if page == "train" and "run" in words:
            whole = st.radio(
                _("What the link shows"),
                (True, False),
                format_func=lambda whole: _("watch this run") if whole else _("this set-up"),
                key="share_run",
                horizontal=True,
            )
            words = words if whole else {n: w for n, w in words.items() if n not in _OF_A_RUN}
        show(link_to(st.context.url or "", words | {"lang": language()}))


def show(link: str) -> None:
    """Draw a link to copy, and its QR code; one that works on this computer alone says so."""
    st.code(link, language=None, wrap_lines=True)
    if len(link) <= _MOST_IN_A_CODE:
        st.image(_code(link), width=220)
    if urlsplit(link).hostname in _HERE:
        st.caption(
            _(
                "This address works on this computer only. To share it, start with --server.address "
                "0.0.0.0 and open the page by this computer's name."
            )
        )


def link_to(url: str, words: dict[str, str]) -> str:
    """A page's address with these words.

    >>> link_to("http://school.example/rnn/write?old=1", {"run": "ab12", "text": "a b"})
    'http://school.example/rnn/write?run=ab12&text=a+b'
    >>> link_to("http://school.example", {"lang": "en"})
    'http://school.example/?lang=en'
    """
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", urlencode(words), ""))


def first_page(url: str, words: dict[str, str]) -> str:
    """The Train page's address with these words, seen from another page.

    >>> first_page("http://school.example/rnn/teacher?lang=en", {"challenge": "ab12"})
    'http://school.example/rnn/?challenge=ab12'
    """
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rpartition("/")[0] + "/", urlencode(words), ""))


@lru_cache(64)
def _code(link: str) -> str:
    """The link as a QR code, an SVG on white whatever the theme: cameras want dark on light."""
    svg: str = segno.make(link, error="l").svg_inline(scale=6, border=3, light="white")
    return svg
