"""The server: `streamlit run streamlit_app.py`."""

from pathlib import Path

import streamlit as st

from pages.shared.failure import report_error
from pages.shared.panels import MODULES
from pages.shared.state import run_manager, text_service
from playground.web.lifespan import serving
from playground.web.routes import middleware, routes

app = st.App(
    Path(__file__).parent / "pages" / "router.py",
    lifespan=serving(run_manager),
    routes=routes(run_manager, text_service, MODULES, st.get_option("server.baseUrlPath") or ""),
    middleware=middleware(),
    on_script_error=report_error,
)
