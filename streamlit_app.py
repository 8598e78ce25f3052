"""The server: `streamlit run streamlit_app.py`."""

from pathlib import Path

import streamlit as st

from pages.shared.failure import report_error
from pages.shared.panels import MODULES
from pages.shared.state import run_manager, text_service
from playground.web.addresses import class_addresses
from playground.web.guards import AllowedHosts
from playground.web.lifespan import serving
from playground.web.routes import middleware, routes


def _hosts() -> AllowedHosts:
    """As Streamlit was told."""
    shown = (st.get_option("browser.serverAddress"), st.get_option("server.address"))
    return AllowedHosts(
        named=st.get_option("server.allowedHosts"),
        shown=[name for name in shown if name],
        origins=st.get_option("server.corsAllowedOrigins") if st.get_option("server.enableCORS") else ["*"],
    )


def _class_addresses() -> list[str]:
    return class_addresses(
        st.get_option("server.address"),
        st.get_option("server.port"),
        st.get_option("server.baseUrlPath") or "",
        "https" if st.get_option("server.sslCertFile") else "http",
    )


app = st.App(
    Path(__file__).parent / "pages" / "router.py",
    lifespan=serving(run_manager, _class_addresses()),
    routes=routes(run_manager, text_service, MODULES, st.get_option("server.baseUrlPath") or ""),
    middleware=middleware(_hosts()),
    on_script_error=report_error,
)
