"""The server: `streamlit run streamlit_app.py`."""

from pathlib import Path

import streamlit as st

from pages.shared.failure import report_error
from pages.shared.i18n import explain_in
from pages.shared.panels import MODULES
from pages.shared.state import copy_service, identity, server, text_service
from playground.web.addresses import class_addresses, own_address
from playground.web.guards import AllowedHosts
from playground.web.lifespan import serving
from playground.web.routes import middleware, routes

_BASE_PATH = st.get_option("server.baseUrlPath") or ""


def _hosts() -> AllowedHosts:
    """As Streamlit was told."""
    shown = (st.get_option("browser.serverAddress"), st.get_option("server.address"))
    return AllowedHosts(
        named=st.get_option("server.allowedHosts"),
        shown=[name for name in shown if name],
        origins=st.get_option("server.corsAllowedOrigins") if st.get_option("server.enableCORS") else ["*"],
    )


_PLACE = (
    st.get_option("server.address") or "0.0.0.0",  # noqa: S104  # as Streamlit takes it
    st.get_option("server.port"),
    _BASE_PATH,
    "https" if st.get_option("server.sslCertFile") else "http",
)

app = st.App(
    Path(__file__).parent / "pages" / "router.py",
    lifespan=serving(server, class_addresses(*_PLACE), own_address(*_PLACE)),
    routes=routes(server, text_service, copy_service, MODULES, _BASE_PATH, explain=explain_in),
    middleware=middleware(_hosts(), identity, _BASE_PATH),
    on_script_error=report_error,
)
