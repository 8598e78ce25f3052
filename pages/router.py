"""The way to the pages; run anew for every browser and every rerun."""

from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import StopException

from pages.shared import address, drawing, frame, i18n, patience, people, presenting, problems, share, site
from playground.errors import StoreBusy

ASSETS = Path(__file__).parents[1] / "assets"


def draw() -> None:
    """Draw the page that the address names, with what stands around every page."""
    st.set_page_config(page_icon=ASSETS / "logo.svg", layout="wide")
    st.html(ASSETS / "page.css")
    i18n.choose_language(address.write_language)
    problems.begin_page()
    try:
        people.enter()
    except StoreBusy as error:
        patience.wait_for_database(error, st.empty())
    page = site.navigation(teaches=people.teaches())
    with st.sidebar:
        frame.draw(page.url_path)
    name = page.url_path or next(iter(site.PAGES))
    st.set_page_config(page_title=f"{i18n._(site.PAGES[name].title)} · {i18n.NAME}")
    address.open_page(page.url_path)
    presenting.follow(name)
    presenting.banner()
    with st.sidebar:
        people.who()
        way_out = st.container()
    notice = st.empty()

    def end_page() -> None:
        """What needs the address as the page has left it."""
        with way_out:
            share.share(name)
            presenting.controls(name)
        problems.end_page(notice)
        address.settle()

    try:
        problems.catch_up()
        page.run()
    except StopException:  # a page that ends early has been drawn as well
        end_page()
        raise
    except StoreBusy as error:
        patience.wait_for_database(error, notice)
    end_page()


with drawing.turn():
    draw()
